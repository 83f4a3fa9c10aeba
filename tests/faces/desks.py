"""A home with drafts, a desk to review them at, and somebody else who works on the same drafts."""

from __future__ import annotations

import json
import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line, screens
from tests.faces.screens import Sitting


class Room:
    """`ids` are the drafts, oldest first."""

    def __init__(self, folder: Path, capsys: Any) -> None:
        self.folder, self.home = folder, command_line.furnished(folder)
        self._capsys = capsys
        self.ids = [each["id"] for each in self.run("pieces", "list")["items"]]

    def run(self, *words: str | Path, code: int = 0) -> Any:
        """What somebody else does on the command line meanwhile."""
        return command_line.within(*words, "--home", self.home, "--json", capsys=self._capsys, code=code).json

    def told(self, *words: str | Path, code: int = 0) -> command_line.Ended:
        """The same for people instead of programs."""
        return command_line.within(*words, "--home", self.home, capsys=self._capsys, code=code)

    def review(self, *words: str, **more: Any) -> AbstractContextManager[Sitting]:
        return screens.sitting("review", *words, "--home", self.home, **more)

    def piece(self, place: int = 0) -> Any:
        return self.run("pieces", "show", self.ids[place])

    def bodies(self, place: int = 0) -> list[str]:
        return [variant["content"]["body"] for variant in self.piece(place)["variants"]]

    def newest(self) -> str:
        """The piece that was made last."""
        return str(self.run("pieces", "list")["items"][-1]["id"])

    def note_ids(self) -> list[str]:
        """The notes that the drafts were written from."""
        return list(self.run("generations", "list")["items"][0]["cluster_note_ids"])

    def execute(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.home / "regrow.sqlite")) as connection:
            connection.execute(statement, values)
            connection.commit()

    def archive_notes(self, left: int = 1) -> None:
        """Of the notes that the drafts were written from so many are left."""
        gone = self.note_ids()[left:]
        marks = ", ".join("?" * len(gone))
        self.execute(f"UPDATE notes SET archived_at = '2026-01-01 00:00:00' WHERE id IN ({marks})", *gone)

    def edited(self, place: int, words: str) -> None:
        """Somebody else adds words to variant A."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EDITOR", screens.script(self.folder, adding(words), "their editor")["EDITOR"])
            patch.delenv("VISUAL", raising=False)
            self.run("edit", self.ids[place])


def adding(words: str) -> str:
    """What an editor does that adds words to variant A."""
    return f"""sed -i '/^=== Variant B/i {words}' "$1" """


def write_version(home: Path, piece_id: str, content: dict[str, str]) -> None:
    """The text of variant A as no face of ours would take it, in a version of its own: texts only ever grow."""
    copied = "workspace_id, piece_id, label, status, id, experiment_id, by, created_at"
    with closing(sqlite3.connect(home / "regrow.sqlite")) as connection:
        connection.execute(
            "INSERT INTO variants (id, version, content, workspace_id, piece_id, label, status, parent_variant_id, "
            f"experiment_id, by, created_at) SELECT id || 'x', 2, ?, {copied} FROM variants "
            "WHERE piece_id = ? AND label = 'A' AND version = 1",
            (json.dumps(content), piece_id),
        )
        connection.execute("UPDATE pieces SET version = 2 WHERE id = ?", (piece_id,))
        connection.execute(
            "INSERT INTO piece_versions (workspace_id, piece_id, version, how, by, origin, provenance, at) "
            "SELECT workspace_id, piece_id, 2, 'edited', by, 'person', provenance, at FROM piece_versions "
            "WHERE piece_id = ?",
            (piece_id,),
        )
        connection.commit()
