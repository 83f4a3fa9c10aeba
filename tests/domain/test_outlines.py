"""Outlines of Logseq and Roam as Markdown: depth, properties, references, code, marks and dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.notes import logseq, org, outlines, roam
from regrow.domain.notes.outlines import Block, References, Referred

NOTHING = References(lambda uid: None, logseq.clean)
UID = "64ac1f2e-4b7d-4c66-9d3c-0a1b2c3d4e5f"
OTHER = "74ac1f2e-4b7d-4c66-9d3c-0a1b2c3d4e5f"
OPEN = "TO" + "DO"


def test_top_blocks_are_paragraphs_and_what_hangs_below_is_a_list() -> None:
    blocks = [Block(0, "One\ntwo"), Block(1, "a\nb"), Block(2, "c"), Block(0, "# H"), Block(1, "d"), Block(0, "e")]
    assert outlines.render(blocks) == "One\ntwo\n\n- a\n  b\n  - c\n\n# H\n\n- d\n\ne"


def test_an_empty_block_gives_its_place_to_what_is_below() -> None:
    assert outlines.render([Block(0, "  "), Block(1, "a"), Block(2, "b")]) == "- a\n  - b"
    assert outlines.render([]) == ""


def test_depth_has_an_end() -> None:
    found = outlines.render([Block(depth, "x") for depth in range(5_000)])
    assert max(len(line) for line in found.split("\n")) < 40


def test_logseq_takes_bullets_for_blocks_but_not_in_code() -> None:
    page = logseq.read("- a\n  more\n\t- b\n\t  ```\n\t  - no block\n\t  ```\n\t- c\n- d")
    assert [(block.depth, block.text) for block in page.blocks] == [
        (0, "a\nmore"), (1, "b\n```\n- no block\n```"), (1, "c"), (0, "d")
    ]  # fmt: skip


def test_logseq_properties_of_pages_and_blocks() -> None:
    page = logseq.read(
        f"title:: A page\ntags:: [[x]], y\nid:: {UID}\nseen:: [[B]]\nicon:: x\n\n- a\n  id:: {UID}\n  kind:: b\n"
    )
    assert logseq.front(page) == {"title": "A page", "tags": ["x", "y"], "seen": "[[B]]"}
    assert page.blocks[1] == Block(0, "a\nkind:: b\n", UID)
    assert logseq.read("- alias:: one, two\n- b").properties == {"alias": "one, two"}
    assert logseq.front(logseq.read("created-at:: 1600000000000\n\n- a"))["created"] == "2020-09-13T12:26:40+00:00"
    assert logseq.read("Plain text\n\nwithout bullets").blocks == (Block(0, "Plain text\n\nwithout bullets"),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"{OPEN} water", "[ ] water"),
        ("DONE [#A] water", "[x] water"),
        ("{{query (and [[a]])}} x", " x"),
        ("{{video https://example.org/v}}", "<https://example.org/v>"),
        ("{{cloze it}} and `{{cloze that}}`", "it and `{{cloze that}}`"),
        ("{{embed [[A page]]}}", "![[A page]]"),
        ("![a](b.png){:height 12, :width 3}", "![a](b.png)"),
        ("a\nSCHEDULED: <2024-01-01>\nb", "a\nb"),
        ("a\n:LOGBOOK:\nCLOCK: x\n:END:\nb", "a\nb"),
        ("#+BEGIN_QUOTE\nwise\n#+END_QUOTE", "> wise"),
        ("#+BEGIN_QUERY\n{:x 1}\n#+END_QUERY\nafter", "after"),
        ("^^light^^", "==light=="),
        (f"gone (({UID}))", "gone "),
        ("```\n(({x}))\n^^y^^\n```", "```\n(({x}))\n^^y^^\n```"),
    ],
)
def test_logseq_marks(written: str, expected: str) -> None:
    assert logseq.clean(written, NOTHING) == expected


def test_references_go_a_few_steps_and_never_in_circles() -> None:
    found = {UID: Referred(f"one (({OTHER}))", "w"), OTHER: Referred(f"two (({UID}))", "w")}
    assert logseq.clean(f"(({UID}))", References(found.get, logseq.clean)) == "one two "
    long = {UID: Referred("x" * 30_000, "w")}
    assert len(logseq.clean(f"(({UID})) " * 9, References(long.get, logseq.clean))) < outlines.MAX_RESOLVED + 100
    private = {UID: Referred("secret", "all of it", "Diary")}
    said = logseq.clean(f"(({UID})) {{{{embed (({UID}))}}}} [b]((({UID})))", References(private.get, logseq.clean))
    assert said == "[[Diary]] [[Diary]] b"


def test_what_is_reached_shows_every_change() -> None:
    found = {UID: Referred("a", f"a (({OTHER}))"), OTHER: Referred("b", "b")}
    before = list(outlines.reached([UID], found.get, logseq.UID.findall))
    found[OTHER] = Referred("b", "changed")
    assert before != list(outlines.reached([UID], found.get, logseq.UID.findall))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("pages/A___B.md", "A/B"),
        ("pages/A%2FB.md", "A/B"),
        ("pages/Why%3F.md", "Why?"),
        ("journals/2024_02_29.md", "2024-02-29"),
        ("journals/2023_02_29.md", "2023_02_29"),
        ("pages/日記.org", "日記"),
        ("pages/100%.md", "100%"),
    ],
)
def test_logseq_titles(path: str, expected: str) -> None:
    assert logseq.title(path) == expected


def test_days_as_people_say_them() -> None:
    assert [logseq.spoken(date(2024, 5, day)) for day in (1, 2, 3, 11, 22, 30)] == [
        "May 1st, 2024", "May 2nd, 2024", "May 3rd, 2024", "May 11th, 2024", "May 22nd, 2024", "May 30th, 2024"
    ]  # fmt: skip
    assert logseq.journal_names("pages/2024_05_01.md") == ()
    assert roam.daily("January 22nd, 2021") == "2021-01-22"
    assert roam.daily("February 30th, 2021") == roam.daily("Nowember 1st, 2021") == ""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{{[[" + OPEN + "]]}} a", "[ ] a"),
        ("{{DONE}} a", "[x] a"),
        ("__it__ and snake__case__", "*it* and snake__case__"),
        ("{{[[video]]: https://example.org/v}}", "<https://example.org/v>"),
        ("{{[[query]]: {and: {or: {not: [[a]]}}}}} b", " b"),
        ("{{word-count}}", ""),
        ("[named]([[A page]])", "[[A page|named]]"),
        ("{{embed: [[A page]]}}", "![[A page]]"),
        ("an aside ((really)) and ((gone-uid1))", "an aside ((really)) and "),
    ],
)
def test_roam_marks(written: str, expected: str) -> None:
    assert roam.clean(written, References(lambda uid: None, roam.clean)) == expected


def test_roam_pages_of_any_shape() -> None:
    children = [{"string": "a", "heading": 9}, {"string": None}, "x", {"children": {}}]
    page = {"title": 3, "uid": [], "children": children}
    assert roam.blocks(page) == [Block(0, "a"), Block(0, ""), Block(0, "")]
    assert roam.front({**page, "edit-time": "soon"}, roam.blocks(page)) == {"title": ""}


def test_org_outlines() -> None:
    text = "#+TITLE: T\n* A\n:PROPERTIES:\n:id: x\n:END:\nbelow\n** =code= ~b~ /i/ [[P][p]] a/b/c\n"
    assert org.markdown(text) == "title:: T\n- A\n  id:: x\n  below\n\t- `code` `b` *i* [[P|p]] a/b/c\n"


@given(st.text(alphabet="-\t a:`#({[*~+_^|\n]})BEGINQUOTESCDLK/", max_size=300))
def test_no_text_bursts(text: str) -> None:
    blocks = logseq.read(text).blocks
    outlines.render([Block(block.depth, logseq.clean(block.text, NOTHING)) for block in blocks])
    roam.clean(text, References(lambda uid: None, roam.clean))
    assert isinstance(org.markdown(text), str)


@pytest.mark.parametrize(
    "piece",
    [":LOGBOOK:\n", "#+BEGIN_QUOTE\n", "{{a", "{{[[embed", "((", "[a](((", "```\n", "__a", "^^a", "*a", "/a", "~a"],
)
def test_hostile_repetition_takes_no_time_to_speak_of(piece: str) -> None:
    text = piece * 20_000
    page = logseq.read(f"- {text}")
    assert page.blocks
    for block in page.blocks:
        assert isinstance(logseq.clean(block.text, NOTHING), str)
    assert isinstance(roam.clean(text, References(lambda uid: None, roam.clean)), str)
    assert isinstance(org.markdown(text), str)
