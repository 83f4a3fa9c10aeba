"""Which note a link means, and what is left of a text whose links are hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.notes import hiding, links, naming, resolving
from regrow.domain.notes.facts import Candidate

FILES = ("Rye.md", "flour/Rye.md", "flour/deep/Rye.md", "people/Anna Rye.md", "Other.md", "flour/Other.md")


def candidates(*more: Candidate, files: tuple[str, ...] = FILES, source: str = "vault") -> list[Candidate]:
    made = [Candidate(path, source, path, naming.folded(naming.stem(path)), "file") for path in files]
    return [*made, *more]


def chosen(
    target: str, path: str = "top.md", kind: str = "wikilink", pool: list[Candidate] | None = None
) -> str | None:
    name = naming.last_part(links.full_name(target))
    full = links.full_name(target)
    near = [one for one in (candidates() if pool is None else pool) if one.name in (name, full)]
    return resolving.choose(kind, target, "vault", path, near)


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        ("Rye", "top.md", "Rye.md"),
        ("rYE.md", "people/x.md", "Rye.md"),
        ("Rye", "flour/x.md", "flour/Rye.md"),
        ("Rye", "flour/deep/x.md", "flour/deep/Rye.md"),
        ("flour/Rye", "top.md", "flour/Rye.md"),
        ("deep/rye", "top.md", "flour/deep/Rye.md"),
        ("/flour/Rye", "top.md", "flour/Rye.md"),
        ("nowhere/Rye", "top.md", None),
        ("Missing", "top.md", None),
        ("lour/Rye", "top.md", None),
        ("dendron://some.vault/Rye", "top.md", "Rye.md"),
    ],
)
def test_wikilinks(target: str, path: str, expected: str | None) -> None:
    assert chosen(target, path) == expected


@pytest.mark.parametrize(
    ("target", "path", "expected"),
    [
        ("Rye.md", "flour/deep/x.md", "flour/deep/Rye.md"),
        ("../Rye.md", "flour/deep/x.md", "flour/Rye.md"),
        ("../../Rye.md", "flour/deep/x.md", "Rye.md"),
        ("../../../../Rye.md", "flour/deep/x.md", "Rye.md"),
        ("./deep/Rye.md", "flour/x.md", "flour/deep/Rye.md"),
        ("flour/Other.md", "people/x.md", "flour/Other.md"),
        ("Other.md", "people/x.md", "Other.md"),
        ("gone/Other.md", "people/x.md", None),
    ],
)
def test_markdown_links_are_relative(target: str, path: str, expected: str | None) -> None:
    assert chosen(target, path, "markdown") == expected


def test_files_come_before_aliases_before_titles_before_ids() -> None:
    kinds = [Candidate(kind, "vault", f"{kind}.md", "x", kind) for kind in ("id", "title", "alias", "file", "part")]
    order = []
    pool = kinds
    while found := chosen("x", pool=pool):
        order.append(found)
        pool = [one for one in pool if one.note_id != found]
    assert order == ["file", "alias", "title", "id"]


def test_a_tie_goes_to_the_alphabet() -> None:
    pool = candidates(files=("b/x.md", "a/x.md"))
    assert chosen("x", pool=pool) == "a/x.md"
    assert chosen("x", pool=pool[::-1]) == "a/x.md"


def test_vaults_do_not_reach_into_each_other_but_into_notes_written_here() -> None:
    other = Candidate("far", "another vault", "x.md", "x", "file")
    ours = Candidate("near", resolving.WRITTEN_HERE, "id.md", "x", "title")
    assert chosen("x", pool=[other]) is None
    assert chosen("x", pool=[other, ours]) == "near"


def test_a_live_note_comes_before_an_archived_one() -> None:
    gone = Candidate("gone", "vault", "x.md", "x", "file", is_live=False)
    assert chosen("x", pool=[gone, Candidate("here", "vault", "far/away/x.md", "x", "file")]) == "here"
    assert chosen("x", pool=[gone]) == "gone"


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("One. See [[Secret]] now. Three.", "One. Three."),
        ("One.\n\nSee [[Secret]], says Anna.\n\nThree.", "One.\n\n\nThree."),
        ("- a\n- b [[Secret]]\n- c\n", "- a\n- c\n"),
        ("# About [[Secret]]\n\nText.", "\nText."),
        ("# Title\nSee [[Secret]] here\nand there. Then more.", "# Title\nThen more."),
        ("[x](Secret.md)", ""),
        ("Wrapped line one\nwith [[Secret|alias]] and\nmore. Next.", "Next."),
        ("> quote [[Secret]]\n> second", "> second"),
        ("| a | [[Secret]] |\n| b | c |", "| b | c |"),
        ("![[Secret]]\nText", ""),
        ("See [[Dr. Secret]]. Kept.", "See [[Dr. Secret]]. Kept."),
        ("A [[Secret]] and [[Secret]] again! Kept [[Open]].", "Kept [[Open]]."),
        ("`[[Secret]]` is code", "`[[Secret]]` is code"),
        ("nothing", "nothing"),
    ],
)
def test_sentences_that_link_to_private_notes_vanish(body: str, left: str) -> None:
    assert hiding.without_links(body, {"Secret", "Secret.md"}) == left


def test_either_order_of_target_and_alias_is_hidden() -> None:
    assert hiding.without_links("See [[the diary|my.secret]]. Kept.", {"my.secret"}) == "Kept."
    assert hiding.without_links("See [[my.secret|the diary]]. Kept.", {"my.secret"}) == "Kept."


def test_links_beyond_those_stored_are_hidden_too() -> None:
    body = "Lead. " + "[[a]] " * 5_000 + "and [[Secret]]."
    assert hiding.without_links(body, ()) == "Lead. "


@given(st.lists(st.sampled_from(["Plain words", "[[Secret]]", "[[Open]]", ". ", "\n\n", "\n- ", "! ", "\n# ", "\n"])))
def test_no_hidden_link_is_ever_left(parts: list[str]) -> None:
    left = hiding.without_links("".join(parts), {"Secret"})
    assert "Secret" not in left
    if "[[Secret]]" not in parts:
        assert left == "".join(parts)
