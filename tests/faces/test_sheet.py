"""A piece as a sheet of text: what is written there, what comes back, and what is said when it cannot be read."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regrow.cli import sheet
from regrow.kit import errors

BLOG = {
    "id": "pie_1",
    "medium": "blog",
    "status": "draft",
    "version": 2,
    "variants": [
        {"label": "A", "content": {"title": "Why bread", "body": "# Rise\n\nBread rises.\n", "angle": "x"}},
        {"label": "B", "content": {"title": "How bread", "body": "Bread bakes.", "sources": ["n"]}},
    ],
}
POST = {
    "medium": "social",
    "variants": [{"label": "A", "content": {"body": "Hello.\n\nbread: good", "hashtags": ["bread", "flour"]}}],
}
LETTER = {
    "medium": "email",
    "variants": [{"label": "A", "content": {"subject": "Hi", "preheader": "", "body": "Dear", "cta": "Come by"}}],
}
WRITTEN = """
=== Variant A ===
title: Why bread

# Rise

Bread rises.

=== Variant B ===
title: How bread

Bread bakes.
"""
LINES = [
    "=== Variant A ===",
    "=== version B ===  ",
    "\\=== Variant A ===",
    "\\\\\\=== Variant C ===",
    "===",
    "=====",
    "title: x",
    "# Change the text",
    "",
    "   ",
    "    code",
    "\ttab",
    "\\",
    "---",
    "=== Variant " + "x" * 70 + " ===",
    "\r",
    "a\u2028b",
    "\x00\x1b[2J",
    "\ud800",
    "\ufeff",
]
BODIES = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=8)), max_size=12).map("\n".join),
)
SHORT = st.one_of(st.none(), st.text(max_size=40))
CONTENTS = st.fixed_dictionaries(
    {"body": BODIES},
    optional={
        "title": SHORT,
        "subject": SHORT,
        "preheader": SHORT,
        "cta": SHORT,
        "hashtags": st.lists(st.text(max_size=8), max_size=4),
    },
)
PIECES = st.builds(
    lambda medium, contents: {
        "medium": medium,
        "variants": [{"label": label, "content": each} for label, each in zip("ABCD", contents, strict=False)],
    },
    st.sampled_from(["blog", "social", "email", "article"]),
    st.lists(CONTENTS, min_size=1, max_size=4),
)


def tame(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in text)


def written(piece: dict[str, Any]) -> str:
    return sheet.to_text(piece).removeprefix(sheet.INTRODUCTION)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_a_sheet_that_nobody_touched_changes_nothing(piece: dict[str, Any]) -> None:
    text = sheet.to_text(piece)
    assert sheet.from_text(text, piece) == {}
    assert sheet.from_text("\ufeff" + text.replace("\n", "\r\n"), piece) == {}
    assert sheet.from_text(sheet.decoded(text.encode()), piece) == {}


@settings(max_examples=300, deadline=None)
@given(PIECES)
@example({"medium": "blog", "variants": [{"label": "A", "content": {"body": "\n".join(LINES[:12])}}]})
def test_every_text_comes_back_as_it_was(piece: dict[str, Any]) -> None:
    """Read against a piece that has nothing, everything that was written counts as changed."""
    filled, bare = [], []
    for each in piece["variants"]:
        content = {**each["content"], "body": f"a\n{each['content']['body']}\nz"}
        filled.append({**each, "content": content})
        bare.append({**each, "content": {**content, "body": ""}})
    back = sheet.from_text(sheet.to_text({**piece, "variants": filled}), {**piece, "variants": bare})
    for each in filled:
        body = each["content"]["body"].replace("\r\n", "\n").replace("\r", "\n")
        assert back[each["label"]] == {"body": tame(body)}


def test_a_sheet_is_understood_at_first_sight() -> None:
    assert written(BLOG) == WRITTEN
    assert written(POST) == "\n=== Variant A ===\nhashtags: bread, flour\n\nHello.\n\nbread: good\n"
    assert written(LETTER) == "\n=== Variant A ===\nsubject: Hi\npreheader:\ncall to action: Come by\n\nDear\n"
    assert all(line.startswith("# ") for line in sheet.INTRODUCTION.splitlines())
    assert "save and close" in sheet.INTRODUCTION
    assert "Empty the whole file to give up" in sheet.INTRODUCTION


@pytest.mark.parametrize(
    ("piece", "old", "new", "wanted"),
    [
        (BLOG, "title: Why bread", "Title :  Because   bread ", {"A": {"title": "Because bread"}}),
        (BLOG, "Bread bakes.", "Bread burns.\n\n\n", {"B": {"body": "Bread burns."}}),
        (BLOG, "title: Why bread", "title:", {"A": {"title": ""}}),
        (
            BLOG,
            "# Rise\n",
            "# Rise\n\n# Change the text below\n",
            {"A": {"body": "# Rise\n\n# Change the text below\n\nBread rises."}},
        ),
        (BLOG, "=== Variant A ===", "===variant a===", {}),
        (
            BLOG,
            "Bread rises.",
            "Bread rises.\n\\=== Variant B ===",
            {"A": {"body": "# Rise\n\nBread rises.\n=== Variant B ==="}},
        ),
        (BLOG, "# Rise", "    # Rise", {"A": {"body": "    # Rise\n\nBread rises."}}),
        (POST, "bread, flour", "#bread #rye，flour", {"A": {"hashtags": ["bread", "rye", "flour"]}}),
        (POST, "bread, flour", "#bread #flour", {}),
        (POST, "bread, flour", "", {"A": {"hashtags": []}}),
        (LETTER, "preheader:", "preheader: Look: here", {"A": {"preheader": "Look: here"}}),
        (LETTER, "Come by", "Call us", {"A": {"cta": "Call us"}}),
    ],
)
def test_only_what_changed_comes_back(piece: dict[str, Any], old: str, new: str, wanted: dict[str, Any]) -> None:
    text = sheet.to_text(piece)
    assert old in text
    assert sheet.from_text(text.replace(old, new, 1), piece) == wanted


def test_versions_may_stand_in_another_order_and_both_change() -> None:
    text = "=== Variant B ===\ntitle: b\n\nBread bakes.\n=== Variant A ===\ntitle: a\n\nshort\n"
    assert sheet.from_text(text, BLOG) == {"B": {"title": "b"}, "A": {"title": "a", "body": "short"}}


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", sheet.INTRODUCTION, sheet.INTRODUCTION.replace("\n", "\r\n")])
def test_an_emptied_sheet_gives_up(text: str) -> None:
    assert sheet.from_text(text, BLOG) == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("=== Variant B ===\n", "", r"'=== Variant B ===' is missing: put it back"),
        ("=== Variant B ===", "=== Variant A ===", r"line 11: variant A stands here a second time"),
        ("=== Variant B ===", "=== Variant Z ===", r"line 11: there is no variant 'Z' of this piece, only A, B"),
        ("title: Why", "titel: Why", r"line 5: 'titel: Why bread' is no field, known are 'title:'.*empty line"),
        ("title: Why bread\n", "title: a\ntitle: b\n", r"line 6: 'title:' stands here a second time"),
        ("title: Why bread\n", "title: a\nsubject: b\n", r"line 4: variant A has no subject: take that line out"),
        ("title: Why bread\n", "", r"line 4: 'title:' is missing below this line"),
        ("title: Why bread\n\n", "title: x\nNo gap\n", r"line 6: 'No gap' is no field"),
        ("Bread bakes.", " \n", r"the text of variant B is empty: write it, or empty the whole file"),
        ("Bread bakes.", "Bread\x00", r"line 14 holds a control character \('\\x00'\)"),
        ("Bread bakes.", "Bread\x1b[2J", r"line 14 holds a control character"),
        ("Bread bakes.", "Bread\x85", r"line 14 holds a control character"),
        ("Bread bakes.", "b" * 100_001, r"the text of variant B has 100,001 characters: at most 100,000"),
        ("=== Variant A ===", "Hello\n=== Variant A ===", r"line 4: this stands above the first"),
        ("=== Variant A ===", "# My own\n=== Variant A ===", r"line 4: this stands above the first"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(old: str, new: str, said: str) -> None:
    text = sheet.to_text(BLOG)
    assert old in text
    with pytest.raises(errors.Invalid, match=said):
        sheet.from_text(text.replace(old, new, 1), BLOG)


def test_headings_alone_are_no_emptied_sheet() -> None:
    with pytest.raises(errors.Invalid, match="above the first"):
        sheet.from_text("# A heading of mine\n", BLOG)


def test_bytes_that_are_no_utf_8_are_told_with_their_line() -> None:
    assert sheet.decoded("\ufeffé".encode()) == "é"
    with pytest.raises(errors.Invalid, match="line 3 is not UTF-8") as caught:
        sheet.decoded(b"a\nb\ncaf\xe9\n")
    assert caught.value.code == "not_utf8"


def test_long_lines_are_no_trouble() -> None:
    nasty = "\n".join(("=== version " + " " * 40_000, "title:" + " " * 40_000 + "x", "\\" * 5_000))
    piece = {"medium": "blog", "variants": [{"label": "A", "content": {"title": nasty, "body": nasty}}]}
    assert sheet.from_text(sheet.to_text(piece), piece) == {}
