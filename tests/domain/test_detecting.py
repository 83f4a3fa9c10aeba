"""Which program a vault comes from, told from its names and how a few files begin."""

from __future__ import annotations

import pytest

from regrow.domain.notes import detecting
from regrow.domain.notes.detecting import Look

ID = "152bb52ee2b580179846fd78b2b60ea9"
ROAM = b'[{"title":"A","children":[]}]'
KEEP = b'{"color":"DEFAULT","isTrashed":false,"textContent":"x"}'


@pytest.mark.parametrize(
    ("names", "heads", "expected"),
    [
        ([], {}, "markdown"),
        (["a.md", "b/c.markdown", "d.txt"], {}, "markdown"),
        (["a.md", "data.json"], {"data.json": KEEP}, "markdown"),
        (["a.md", "b.md", "photos.zip"], {}, "markdown"),
        (["a.md", "b.md", f"Kept {ID}.md"], {}, "markdown"),
        (["logseq/config.edn", "pages/a.md"], {}, "logseq"),
        (["pages/a.md", "journals/2020_01_01.md"], {}, "logseq"),
        ([f"A {ID}.md", f"A {ID}/B {ID[::-1]}.md", "index.html"], {}, "notion"),
        ([f"A {ID}.html", f"T {ID}_all.csv"], {}, "notion"),
        (["graph.json"], {"graph.json": ROAM}, "roam"),
        (["graph.json"], {"graph.json": b"\xef\xbb\xbf\n [ {\n \"string\": 1"}, "roam"),
        (["graph.json"], {"graph.json": b'{"a": [{"title": 1}]}'}, "markdown"),
        (["Keep/a.json", "Keep/a.html", "Keep/Labels.txt"], {"Keep/a.json": KEEP}, "keep"),
        (["a.enex", "b.enex"], {}, "evernote"),
        (["x.textbundle/text.md", "x.textbundle/info.json", "tags.json"], {}, "bear"),
        (["a.html", "b.txt", "c.md"], {}, "files"),
        (["a.txt"], {}, "files"),
        (["a.enex", "b.md"], {}, "mixed"),
        (["a.enex", "x.textbundle/text.md"], {}, "mixed"),
        (["x.bear2bk"], {}, "mixed"),
        (["takeout-2026.zip", "a.md"], {}, "mixed"),
        (["anything.zip"], {}, "mixed"),
        (["one/logseq/config.edn", "one/pages/a.md", "b.md"], {}, "mixed"),
    ],
)  # fmt: skip
def test_detection(names: list[str], heads: dict[str, bytes], expected: str) -> None:
    assert detecting.detect(Look(names, heads)) == expected


def test_few_files_are_looked_at() -> None:
    names = [f"{number}.json" for number in range(500)] + ["a.textbundle/info.json", "b.md"]
    assert detecting.to_look_at(names) == names[: detecting.MAX_HEADS]


def test_every_format_has_a_line_for_people() -> None:
    assert detecting.NAMES == ("markdown", "logseq", "notion", "roam", "evernote", "keep", "bear", "files", "mixed")
    assert all(20 < len(one.about) < 100 for one in detecting.FORMATS)
    assert detecting.of("bear").name == "bear"


def test_a_long_head_is_read_in_a_moment() -> None:
    assert detecting.kind_of("a.json", b"[{" + b'"x":' * 1_000) == ""
