"""`regrow import notes` on the command line: formats, dry runs, and what is told of everything that is no export."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from regrow.domain.notes import detecting
from tests import exports
from tests.faces import command_line
from tests.faces.command_line import within
from tests.importing import write


def test_the_answer_names_the_format(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    path = exports.put(tmp_path / "n.zip", exports.zipped(exports.notion()))
    dry = within("import", "notes", path, "--home", home, "--dry-run", "--json", capsys=capsys).json
    assert set(dry) == {"created", "updated", "unchanged", "archived", "skipped", "warnings", "format", "dry_run"}
    assert (dry["created"], dry["format"], dry["dry_run"]) == (4, "notion", True)
    shown = within("import", "notes", path, "--home", home, "--dry-run", capsys=capsys)
    assert "Nothing was written: this is what an import as notion would do." in shown.err
    done = within("import", "notes", path, "--home", home, "--json", capsys=capsys).json
    assert done == {**dry, "dry_run": False}
    again = within("import", "notes", path, "--home", home, "--json", capsys=capsys).json
    assert (again["created"], again["unchanged"]) == (0, 4)


def test_the_format_can_be_named(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    root = write(tmp_path / "graph", exports.LOGSEQ)
    found = within("import", "notes", root, "--format", "markdown", "--home", home, "--json", capsys=capsys).json
    assert (found["format"], found["created"]) == ("markdown", 5)


def test_a_place_without_notes_says_so(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    root = write(tmp_path / "tables", {"a.csv": "one,two"})
    shown = within("import", "notes", root, "--home", home, capsys=capsys).err
    assert "No notes are there. See regrow import notes --help for formats." in shown
    assert "Next:" not in shown
    write(root, {"a.md": "one", "b.md": "two"})
    assert "Next:" in within("import", "notes", root, "--home", home, capsys=capsys).err
    for name in ("a.md", "b.md"):
        (root / name).unlink()
    shown = within("import", "notes", root, "--home", home, capsys=capsys)
    assert shown.out.split()[-5:] == ["0", "0", "0", "2", "0"]
    assert "No notes are there any more: what was imported from there before leaves the notes" in shown.err


def test_help_names_every_format(capsys: Any) -> None:
    told = within("import", "notes", "--help", capsys=capsys).out
    assert all(name in told for name in (*detecting.NAMES, "--dry-run", "--format"))


@pytest.mark.parametrize(
    ("name", "data", "words", "code", "told"),
    [
        ("nowhere", None, (), 3, "there is no"),
        ("a.pdf", b"%PDF", (), 2, "give the folder that holds the notes, or an export"),
        ("a.json", b'{"some": "thing"}', (), 2, "no JSON that Roam or Google Keep writes"),
        ("a.zip", b"<html>please log in</html>", (), 7, "no zip archive"),
        ("a.zip", exports.zipped({"a.md": b"x"})[:-9], (), 7, "its end is missing"),
        ("a.enex", exports.EVERNOTE.encode(), ("--format", "roam"), 2, "holds nothing of the format roam (.json)"),
        (
            "a.enex",
            exports.EVERNOTE.encode(),
            ("--format", "wiki"),
            2,
            "there is no format 'wiki': use one of markdown",
        ),
        ("a.enex", exports.EVERNOTE.encode(), ("--source", "api"), 2, "a source is a name"),
    ],
    ids=["nowhere", "no export", "other JSON", "a page", "cut", "wrong format", "no format", "no source"],
)
def test_what_cannot_be_imported_says_why(
    tmp_path: Path, capsys: Any, name: str, data: bytes | None, words: tuple[str, ...], code: int, told: str
) -> None:
    home = command_line.fresh(tmp_path)
    path = tmp_path / name if data is None else exports.put(tmp_path / name, data)
    ended = within("import", "notes", path, *words, "--home", home, "--json", capsys=capsys, code=code)
    assert told in ended.json["error"]["detail"]
    assert "Traceback" not in ended.err


def test_pipes_and_links_are_not_waited_for(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    os.mkfifo(tmp_path / "pipe.zip")
    ended = within("import", "notes", tmp_path / "pipe.zip", "--home", home, "--json", capsys=capsys, code=7)
    assert "not a regular file" in ended.json["error"]["detail"]
    real = exports.put(tmp_path / "real.json", json.dumps(exports.roam()))
    (tmp_path / "link.json").symlink_to(real)
    found = within("import", "notes", tmp_path / "link.json", "--home", home, "--json", capsys=capsys).json
    assert (found["format"], found["created"]) == ("roam", 3)
