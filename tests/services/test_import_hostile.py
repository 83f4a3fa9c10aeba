"""Importing a vault that is killed halfway, full of traps, or very large."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain.notes.facts import MAX_LINKS
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped
from regrow.workflows import importing
from tests.homes import Tenant
from tests.importing import VAULT, by_path, counts, run, state, targets, write


@pytest.fixture
def database_kind() -> str:
    """What is tried here lies before the database; test_import_notes runs on both kinds."""
    return "sqlite"


@dataclass
class Killed:
    """A vault whose reading ends the process after some files."""

    vault: MarkdownFolder
    left: int

    @property
    def source(self) -> str:
        return self.vault.source

    @property
    def format(self) -> str:
        return self.vault.format

    def listing(self) -> Listing:
        return self.vault.listing()

    def fetch(self, path: str) -> Fetched | Skipped:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.vault.fetch(path)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        return self.vault.understand(fetched)


@pytest.mark.parametrize("left", [0, 3, 10, 25])
def test_killed_halfway_and_run_again(
    alice: Tenant, charlie: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    monkeypatch.setattr(importing, "BATCH_NOTES", 4)
    root = write(
        tmp_path / "v", {f"n{i:02}.md": f"[[n{(i * 7) % 30:02}]] [[n{i + 1:02}]]\n#t{i % 3}" for i in range(30)}
    )
    with pytest.raises(KeyboardInterrupt):
        importing.import_notes(alice.reading, alice.writing, alice.owner, Killed(MarkdownFolder(root), left))
    created, _, unchanged, _ = counts(run(alice, root))
    assert (created, unchanged) == (30 - left // 4 * 4, left // 4 * 4)
    run(charlie, root)
    assert state(alice) == state(charlie)


def test_hostile_files_do_not_stop_the_rest(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    (root / "million.md").write_text("[[Rye]] " * 1_000_000)
    (root / "many.md").write_text("[[Rye]] " * 50_000)
    (root / "nul.md").write_bytes(b"\x00" * 100)
    (root / "latin.md").write_bytes("Brötchen".encode("latin-1"))
    with (root / "huge.md").open("wb") as file:
        file.truncate(50_000_000)
    (root / "out.md").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.md")
    report = run(alice, root)
    assert counts(report) == (6, 0, 0, 0)
    assert sorted(one["path"] for one in report["skipped"]) == [
        "huge.md",
        "million.md",
        "nul.md",
        "out.md",
        "pipe.md",
    ]
    assert {one["path"] for one in report["warnings"]} == {"many.md", "latin.md"}
    assert len(targets(alice, "many.md")) == MAX_LINKS
    assert by_path(alice)["latin.md"].body == "Brötchen"


def test_what_cannot_be_read_now_is_not_archived(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "a", "b/c.md": "c"})
    run(alice, root)
    vault = MarkdownFolder(root)

    class Closed(Killed):
        def listing(self) -> Listing:
            return Listing(["a.md"], (Skipped("b", "the folder cannot be read"),), ("b/",))

    report = importing.import_notes(alice.reading, alice.writing, alice.owner, Closed(vault, 99)).as_dict()
    assert (counts(report), len(report["skipped"])) == ((0, 0, 1, 0), 1)
    (root / "a.md").write_bytes(b"a\x00")
    assert counts(run(alice, root)) == (0, 0, 1, 0)
    assert set(by_path(alice)) == {"a.md", "b/c.md"}


def test_progress_ends_at_the_number_of_files(alice: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_NOTES", 2)
    seen: list[tuple[int, int]] = []
    run(alice, write(tmp_path / "v", VAULT), on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 4), (2, 4), (4, 4)]


def test_statements_do_not_grow_with_notes(
    alice: Tenant, tmp_path: Path, count_statements: Callable[[Tenant, Callable[[], Any]], int]
) -> None:
    few = write(tmp_path / "few", {f"{i}.md": f"[[{i + 1}]]" for i in range(5)})
    many = write(tmp_path / "many", {f"{i}.md": f"[[{i + 1}]]" for i in range(200)})
    first = count_statements(alice, lambda: run(alice, few))
    assert count_statements(alice, lambda: run(alice, many)) <= first + 5
    assert count_statements(alice, lambda: run(alice, many)) <= 10


@pytest.fixture
def count_statements() -> Callable[[Tenant, Callable[[], Any]], int]:
    def count(tenant: Tenant, work: Callable[[], Any]) -> int:
        with tenant.reading() as session:
            engine = session.get_bind().engine
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return count


def test_memory_does_not_grow_with_notes(alice: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_BYTES", 60_000)
    text = "word " * 4_000
    peaks = []
    for name, size in (("few", 10), ("many", 100)):
        root = write(tmp_path / name, {f"{i}.md": f"{i} {text}" for i in range(size)})
        tracemalloc.start()
        run(alice, root)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 300_000, "100 notes of 20 kB must not need 2 MB"
