"""Front matter, titles, names and privacy of one note."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.domain.notes import front, naming, parsing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.notes.vaults import RawNote


def read(text: str, path: str = "folder/note.md", **more: Any) -> ParsedNote:
    parts = front.split(text)
    found = front.simple(parts.front) if parts.front else {}
    salvaged = front.salvage(parts.front or "") if found is None else found
    return parsing.parse(RawNote(path, "d" * 64, parts.body, salvaged, parts.front or "", **more))


def test_a_whole_note() -> None:
    note = read(
        "---\nid: ab1\ntitle: Rye Bread\ntags: [bread, Dark]\naliases:\n  - Roggenbrot\nrating: 5\n---\n"
        "# Other title\n\nSee [[Starter]] %%not this%% and #sour.\n"
    )
    assert (note.title, note.identity, note.tags, note.aliases) == (
        "Rye Bread", "ab1", ("bread", "Dark", "sour"), ("Roggenbrot",)
    )  # fmt: skip
    assert note.body == "# Other title\n\nSee [[Starter]]  and #sour.\n"
    assert note.front_matter["rating"] == 5
    assert [link.target for link in note.links] == ["Starter"]
    assert dict(note.names) == {"note": "file", "roggenbrot": "alias", "rye bread": "title", "ab1": "id"}
    assert (note.word_count, note.is_private, note.warnings) == (7, False, ())


@pytest.mark.parametrize(
    ("text", "path", "title"),
    [
        ("# One *two* [[Three|3]]\n", "a.md", "One two 3"),
        ("text\n\n# Late #\n", "a.md", "Late"),
        ("Under\n=====\ntext", "a.md", "Under"),
        ("```\n# comment in code\n```", "b/Some name.md", "Some name"),
        ("text", "20230514101500 Sourdough.md", "Sourdough"),
        ("text", "202305141015.md", "202305141015"),
        ("text", "dendron.topic.tags.md", "dendron.topic.tags"),
        ("title:: From Logseq\n- text", "pages/x.md", "From Logseq"),
        ("", " .md", "untitled"),
        ("# " + "x" * 3000, "a.md", "x" * 500),
    ],
)
def test_titles(text: str, path: str, title: str) -> None:
    assert read(text, path).title == title


@pytest.mark.parametrize(
    ("path", "identity", "name"),
    [
        ("202305141015 Rye.md", "202305141015", "rye"),
        ("20230514101500-Rye.md", "20230514101500", "rye"),
        ("2023051410151.md", "2023051410151", "2023051410151"),
        ("202305141015123456.md", "", "202305141015123456"),
        ("2023-05-14.md", "", "2023-05-14"),
        ("pages/a___b%3F.md", "", "a/b?"),
    ],
)
def test_ids_and_names_from_file_names(path: str, identity: str, name: str) -> None:
    note = read("text", path)
    assert note.identity == identity
    assert name in dict(note.names)


PRIVATE = [
    "---\npublish: false\n---\nsecret [[Link]] #tag",
    "---\npublish: FALSE # not yet\n---\nsecret",
    "---\nPublished: no\n---\nsecret",
    "---\nprivate: true\n---\nsecret",
    "---\nprivate: 'yes'\n---\nsecret",
    "---\ntags: [a, private]\n---\nsecret",
    "---\ntags: private/diary\n---\nsecret",
    "---\ntags: #private\n---\nsecret",
    "---\ntags:\n- a\n- '#Private'\n---\nsecret",
    "---\ntags: private\ntags: other\n---\nsecret",
    "---\npublish: false\npublish: true\n---\nsecret",
    "---\ntitle: a: b: [\npublish: false\n---\nsecret",
    "---\ntags: [private, a\nx: {\n---\nsecret",
    "---\nprivate: true\n\nsecret, and the front matter is never closed",
    "\n\n---\npublish: false\n---\nsecret",
    "secret #private",
    "secret\n\n#private/x",
    "secret %%\n#private\n%%",
    "secret <!-- #private -->",
    "- private:: true\n- secret",
    "public:: false\n- secret",
    "tags:: a, private\n- secret",
    "#[[private]] secret",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_of_a_private_note_only_path_title_and_names_are_left(text: str) -> None:
    note = read(text, "notes/Diary.md")
    assert note.is_private
    assert (note.title, note.path, note.body) == ("Diary", "notes/Diary.md", "") or "title: a" in text
    assert (note.links, note.tags, note.front_matter, note.aliases, note.warnings) == ((), (), {}, (), ())
    assert "diary" in dict(note.names)
    assert "secret" not in repr(note)


@pytest.mark.parametrize(
    "text",
    [
        "---\npublish: true\nprivate: false\n---\ntext",
        "---\nprivacy: true\ndesc: |\n  private: true\n---\ntext",
        "a private matter",
        "```js\n#private = 1\n```",
        "use `#private` here",
        "#privateer",
    ],
)
def test_what_is_not_private(text: str) -> None:
    assert not read(text).is_private


@pytest.mark.parametrize(
    ("text", "expected", "body"),
    [
        ("---\na: 1\n---\nbody", "a: 1\n", "body"),
        ("---\n---\nbody", "", "body"),
        ("---\na: 1\n...\nbody", "a: 1\n", "body"),
        ("---\nJust a rule.\n\n---\nbody", None, "---\nJust a rule.\n\n---\nbody"),
        ("----\na: 1\n---\n", None, "----\na: 1\n---\n"),
        ("--- a: 1", None, "--- a: 1"),
        ("body\n---\na: 1\n---\n", None, "body\n---\na: 1\n---\n"),
        ("---\na: 1\n- x\n\nbody", "a: 1\n- x\n", "\nbody"),
        ("---", None, "---"),
    ],
)
def test_where_front_matter_ends(text: str, expected: str | None, body: str) -> None:
    parts = front.split(text)
    assert (parts.front, parts.body) == (expected, body)


def test_broken_lines_are_saved_one_by_one() -> None:
    got = front.salvage('title: "A: b"\n\tbad\ntags: [a, "b"\naliases:\n  - One\n  - Two\nx: {\n')
    assert got == {"title": "A: b", "tags": ["a", "b"], "aliases": ["One", "Two"], "x": "{"}


NEEDS_YAML = (
    *("a: [[1]]", "a: [1, ]", "a: b: c", "a: &x b", "a: *x", "a: |\n  b", "a: b\n  c", "a:\n  - b\n - c", "? a"),
    *("a: b\n- c", "a: 'it''s'", "a: b #c", "yes: 1", "a: @b", "a: - b", "a: \tb"),
)


@pytest.mark.parametrize("text", NEEDS_YAML)
def test_what_needs_yaml_is_left_to_it(text: str) -> None:
    assert front.simple(text) is None


def test_names_are_compared_without_case_and_composed() -> None:
    assert naming.folded("Cafe\u0301  Noir.MD") == naming.folded("café noir")
    assert naming.names("a.md", "A/B testing", (), "") == (
        ("a", "file"),
        ("a/b testing", "title"),
        ("b testing", "part"),
    )
    assert naming.names("x.md", "t" * 600, ("x",), "") == (("x", "file"),)


@pytest.mark.parametrize(
    "text",
    ["---\n" + "a" * 500_000 + "\n---\n", "---\na" + " " * 500_000 + "\n---\n", "---\n" + "a: b\n" * 100_000,
     "---\n" + "- " * 300_000 + "\n---\n", "# " + "# " * 400_000 + "x", "a\n" + "=" * 800_000 + "x",
     "\n" * 1_000_000 + "---\na: 1\n---", "---\n" + "tags: #private\n" * 60_000 + "---\n"],
    ids=["long line", "blanks", "unclosed", "dashes", "heading", "underline", "empty lines", "tags"],
)  # fmt: skip
def test_hostile_front_matter_is_read_in_one_pass(text: str) -> None:
    note = read(text)
    assert note.path == "folder/note.md"
    assert len(note.title) <= 500
