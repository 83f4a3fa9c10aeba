"""Links, tags and comments in a note's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.notes import comments, links, tags
from regrow.domain.notes.facts import MAX_LINKS

HOSTILE = {
    "ticks": "`" * 1_000_000,
    "growing ticks": " ".join("`" * length for length in range(1, 1_400)),
    "tick pairs": "` `` " * 200_000,
    "opened wikilinks": "[[" * 500_000,
    "wikilinks never closed": "[[a " * 250_000,
    "opened links": "](" * 500_000,
    "links with quotes": '](a "' * 200_000,
    "links with parens": "](a(b(" * 150_000,
    "brackets": "[" * 1_000_000,
    "definitions": "[a]:\n" * 200_000,
    "one line of blanks": " " * 1_000_000,
    "lines of blanks": (" " * 100 + "\n") * 10_000,
    "quote marks": ">" * 1_000_000,
    "comments": "%%" * 500_000 + "%",
    "html comments": "<!--" * 250_000,
    "fences": "```\n" * 250_001,
    "fences in fences": "````\n" + "```\n" * 250_000,
    "hashes": "#" * 1_000_000,
    "tags": "#a " * 333_333,
    "colons": "a::" * 333_333,
    "stars": "*" * 1_000_000,
    "dots": ". " * 500_000,
}


def found(text: str, is_alias_first: bool = False) -> list[tuple[str, str, str | None, str | None]]:
    masked = comments.uncover(text).masked
    return [(one.kind, one.target, one.heading, one.alias) for one in links.find(masked, is_alias_first)[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see [[Rye Bread]].", ("wikilink", "Rye Bread", None, None)),
        ("[[Rye|the dark one]]", ("wikilink", "Rye", None, "the dark one")),
        ("| [[Rye\\|dark]] |", ("wikilink", "Rye", None, "dark")),
        ("[[Rye#Crumb]]", ("wikilink", "Rye", "Crumb", None)),
        ("[[Rye#^b1|x]]", ("wikilink", "Rye", "^b1", "x")),
        ("![[Rye]]", ("embed", "Rye", None, None)),
        ("[[flour/Rye.md]]", ("wikilink", "flour/Rye.md", None, None)),
        ("[a](Rye.md)", ("markdown", "Rye.md", None, "a")),
        ("[a](../x/Rye%20Bread.md#crumb)", ("markdown", "../x/Rye Bread.md", "crumb", "a")),
        ('[a](Rye.md "title")', ("markdown", "Rye.md", None, "a")),
        ("[a](<Rye Bread.md>)", ("markdown", "Rye Bread.md", None, "a")),
        ("[a](Rye_(dark).md)", ("markdown", "Rye_(dark).md", None, "a")),
        ("[![i](p.png)](Rye.md)", ("markdown", "Rye.md", None, "")),
        ("[r]: notes/Rye.md", ("markdown", "notes/Rye.md", None, "r")),
        ("[r]: <my notes/Rye.md> 'x'", ("markdown", "my notes/Rye.md", None, "r")),
        ("a %%hidden%% [[Rye]]", ("wikilink", "Rye", None, None)),
        ("[[ad|dendron://my.vault/a.b#c]]", ("wikilink", "dendron://my.vault/a.b", "c", "ad")),
        ("[label]([[Rye]])", ("wikilink", "Rye", None, None)),
        ("`` ` `` [[Rye]] `", ("wikilink", "Rye", None, None)),
    ],
)
def test_links_are_found(text: str, expected: tuple[str, str, str | None, str | None]) -> None:
    kind, target, heading, alias = expected
    assert found(text) == [(kind, target, heading, alias or None)]


@pytest.mark.parametrize(
    "text",
    [
        "`[[code]]`",
        "``a ` [[code]]``",
        "```\n[[code]]\n```",
        "~~~ md\n[[code]]\n~~~",
        "- ```js\n  [[code]]\n  ```",
        "```\n[[never closed]]",
        "%%[[hidden]]%%",
        "<!-- [[hidden]]\n -->",
        "%% [[hidden to the end]]",
        "[[#heading here]]",
        "[[]]",
        "[[ ]]",
        "![[photo.PNG]]",
        "[[a\nb]]",
        "\\[[escaped]]",
        "((6415f2a0-1111-4222-8333-444455556666))",
        "[a](https://example.org/x.md)",
        "[a](mailto:x@example.org)",
        "[a](//example.org/x.md)",
        "[a](picture.png)",
        "[a](#heading)",
        "[^1]: a footnote",
    ],
)
def test_what_is_no_link(text: str) -> None:
    assert found(text) == []


def test_dendron_puts_the_alias_first() -> None:
    assert found("[[the talks|community.events]]", is_alias_first=True) == [
        ("wikilink", "community.events", None, "the talks")
    ]
    link = links.made("wikilink", "the talks", "community.events#next")
    assert link is not None
    turned = links.other_order(link)
    assert turned is not None
    assert (turned.target, turned.heading, turned.alias) == ("community.events", "next", "the talks")


def test_only_a_dotted_alias_may_be_a_target() -> None:
    link = links.made("wikilink", "Missing", "Home")
    assert link is not None
    assert links.other_order(link) is None


def test_links_keep_their_order_and_place() -> None:
    text = "[a](One.md) then [[Two]] then ![[Three]]\n\n[f]: Four.md"
    got, is_cut = links.find(text)
    assert [one.name for one in got] == ["one", "two", "three", "four"]
    assert [text[one.start : one.end] for one in got[:3]] == ["[a](One.md)", "[[Two]]", "![[Three]]"]
    assert not is_cut


def test_a_million_links_are_cut() -> None:
    got, is_cut = links.find("[[a]] " * 1_000_000)
    assert (len(got), is_cut) == (MAX_LINKS, True)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_in_one_pass(text: str) -> None:
    """A quadratic pattern would take hours here."""
    uncovered = comments.uncover(text)
    got, _ = links.find(uncovered.masked)
    assert len(uncovered.text) == len(uncovered.masked) <= len(text) + text.count("%%") + text.count("<!--")
    assert len(got) <= MAX_LINKS
    assert len(tags.kept(tags.inline(uncovered.masked))) + len(list(tags.properties(uncovered.masked))) <= len(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a %%b%% c", "a  c"),
        ("a %%b\nc%%\nd", "a \nd"),
        ("a %%b", "a "),
        ("a <!-- b --> c", "a  c"),
        ("a <!-- b", "a "),
        ("`%%` b %%c%%", "`%%` b "),
        ("`a\n%%c%%\nb`", "`a\n\nb`"),
        ("```\n%%kept%%\n```\n%%gone%%", "```\n%%kept%%\n```\n"),
        ("%<!-- -->%secret%%", "% %secret"),
        ("%%a `%% b` c", " b` c"),
        ("nothing", "nothing"),
    ],
)
def test_comments_are_taken_out(text: str, kept: str) -> None:
    assert comments.uncover(text).text == kept


@given(st.text(alphabet="a`%<!->~\n [](#|:", max_size=60))
def test_no_comment_is_left_outside_code(text: str) -> None:
    uncovered = comments.uncover(text)
    assert len(uncovered.text) == len(uncovered.masked)
    assert "%%" not in uncovered.masked
    assert "<!--" not in uncovered.masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#bread and #flour/rye", ["bread", "flour/rye"]),
        ("(#inside), #after", ["inside", "after"]),
        ("#1984 #1984a #y1984", ["1984a", "y1984"]),
        ("#bröt #日本語 #a_b-c", ["bröt", "日本語", "a_b-c"]),
        ("# heading\n## two\n#tag", ["tag"]),
        ("no#tag [x](#anchor) [[a#b]] https://e.org/#frag", []),
        ("`#code`\n```\n#code\n```", []),
        ("#[[two words]]", ["two words"]),
        ("#a, #a. #A", ["a", "a", "A"]),
    ],
)
def test_inline_tags(text: str, expected: list[str]) -> None:
    assert list(tags.inline(comments.uncover(text).masked)) == expected


def test_logseq_properties() -> None:
    text = "title:: Rye\ntags:: [[dark bread]], #flour, plain\n- id:: 1\nstd::vector"
    got = dict(tags.properties(text))
    assert got["title"] == "Rye"
    assert list(tags.listed(got["tags"])) == ["dark bread", "flour", "plain"]
    assert "std" not in got or got["std"] == "vector"


def test_each_tag_is_kept_once() -> None:
    assert tags.kept(["Rye", "rye", "", "x" * 300, "a\x00b", "ß" * 150]) == ("Rye", "ab"), "ß takes two when folded"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("private", True), ("Private/Diary", True), ("#private", True), ("privateer", False), ("not/private", False)],
)
def test_private_tags(tag: str, expected: bool) -> None:
    assert tags.is_private(tag) is expected
