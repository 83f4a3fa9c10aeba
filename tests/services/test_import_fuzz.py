"""Importing a vault after whatever edits: moved files, swapped and doubled ids, new texts in old files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regrow import wiring
from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped
from regrow.kit import ids
from regrow.wiring import Home
from regrow.workflows import importing
from tests.homes import settings_for, tenant
from tests.importing import by_path, counts, run, state, write

TEXTS = st.builds(
    lambda identity, body: (f"---\nid: {identity}\n---\n" if identity else "") + f"{body * 12} [[a]]",
    st.sampled_from(["", "", "one1", "two2"]),
    st.sampled_from("xyz"),
)
VAULTS = st.dictionaries(st.sampled_from([f"{letter}.md" for letter in "abcdef"]), TEXTS, max_size=6)


@pytest.fixture(scope="module")
def one_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    opened = wiring.open_home(settings_for("sqlite", tmp_path_factory.mktemp("fuzz")))
    yield opened
    opened.close()


def put(root: Path, files: dict[str, str]) -> Path:
    for old in root.glob("*.md"):
        old.unlink()
    return write(root, files)


@given(before=VAULTS, after=VAULTS, batch=st.sampled_from([1, 2, 3, 500]))
@example({"a.md": "---\nid: one1\n---\nx"}, {"a.md": "new", "c.md": "---\nid: one1\n---\nx"}, 500)
@settings(max_examples=80, deadline=None)
def test_any_edit_is_taken_whole(one_home: Home, before: dict[str, str], after: dict[str, str], batch: int) -> None:
    owner = tenant(one_home, ids.new("fuzz"))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "BATCH_NOTES", batch)
        root = Path(folder)
        run(owner, put(root, before))
        run(owner, put(root, after))
        assert sorted(by_path(owner)) == sorted(after)
        assert counts(run(owner, root)) == (0, 0, len(after), 0)


@given(before=VAULTS, after=VAULTS, batch=st.sampled_from([1, 2, 500]))
@example({"a.md": "---\nid: one1\n---\nx"}, {"a.md": "new", "c.md": "---\nid: one1\n---\nx"}, 1)
@settings(max_examples=150, deadline=None)
def test_a_dry_run_foretells_any_edit(
    one_home: Home, before: dict[str, str], after: dict[str, str], batch: int
) -> None:
    owner = tenant(one_home, ids.new("fuzz"))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "BATCH_NOTES", batch)
        root = Path(folder)
        run(owner, put(root, before))
        put(root, after)
        stood = state(owner)
        dry = run(owner, root, is_dry=True)
        assert state(owner) == stood
        assert dry == {**run(owner, root), "dry_run": True}


@dataclass
class Edited:
    """A vault in which somebody edits a file as soon as it has been read."""

    vault: MarkdownFolder
    root: Path
    path: str
    text: str

    @property
    def source(self) -> str:
        return self.vault.source

    @property
    def format(self) -> str:
        return self.vault.format

    def listing(self) -> Listing:
        return self.vault.listing()

    def fetch(self, path: str) -> Fetched | Skipped:
        found = self.vault.fetch(path)
        if path == self.path:
            write(self.root, {path: self.text})
        return found

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        return self.vault.understand(fetched)


def test_a_note_counted_twice_hides_none_that_is_gone(
    one_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_NOTES", 1)
    owner = tenant(one_home, ids.new("fuzz"))
    root = write(tmp_path / "v", {"a.md": "---\nid: one1\n---\nx", "gone.md": "y"})
    run(owner, root)
    (root / "gone.md").unlink()
    write(root, {"c.md": "---\nid: one1\n---\nmoved"})
    vault = Edited(MarkdownFolder(root), root, "a.md", "edited")
    report = importing.import_notes(owner.reading, owner.writing, owner.owner, vault)
    assert counts(report.as_dict()) == (0, 1, 1, 1)
    assert sorted(by_path(owner)) == ["c.md"]
    run(owner, root)
    assert sorted(by_path(owner)) == ["a.md", "c.md"]
