"""Importing a vault: again, after changes, renames and removals, beside another."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.store import audit
from regrow.store import notes as stored
from regrow.store.tables.notes import NoteLink
from regrow.workflows import importing
from tests.homes import Tenant
from tests.importing import VAULT, by_path, counts, run, state, targets, write


def test_twice_changes_nothing(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    assert counts(run(alice, root)) == (4, 0, 0, 0)
    before = state(alice)
    versions = {path: (note.id, note.version, note.updated_at) for path, note in by_path(alice).items()}
    assert counts(run(alice, root)) == (0, 0, 4, 0)
    assert state(alice) == before
    assert {path: (note.id, note.version, note.updated_at) for path, note in by_path(alice).items()} == versions


def test_the_report_has_the_agreed_shape(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "---\nx: [\n---\nbody", "b.md": "a\x00b"})
    report = run(alice, root)
    assert counts(report) == (1, 0, 0, 0)
    assert report["skipped"] == [{"path": "b.md", "reason": "it holds NUL bytes, so it is no text file"}]
    assert [one["path"] for one in report["warnings"]] == ["a.md"]


def test_links_lead_to_notes(alice: Tenant, tmp_path: Path) -> None:
    run(alice, write(tmp_path / "v", VAULT))
    assert targets(alice, "Home.md") == ["flour/Rye.md", "Starter.md", ""]
    assert targets(alice, "flour/Rye.md") == ["Home.md"]
    assert targets(alice, "Starter.md") == ["flour/Rye.md", ""]


def test_a_link_finds_its_note_when_it_arrives_and_loses_it_when_it_goes(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    write(root, {"flour/Later.md": "later", "deep/x.md": "---\ntitle: Nothing Yet\n---\n"})
    assert counts(run(alice, root)) == (2, 0, 4, 0)
    assert targets(alice, "Home.md")[2] == "flour/Later.md"
    assert targets(alice, "Starter.md") == ["flour/Rye.md", "deep/x.md"]
    (root / "flour" / "Later.md").unlink()
    assert counts(run(alice, root)) == (0, 0, 5, 1)
    assert targets(alice, "Home.md")[2] == ""


def test_a_nearer_note_takes_over_a_name(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "[[x]]", "far/away/x.md": "x"})
    run(alice, root)
    assert targets(alice, "a.md") == ["far/away/x.md"]
    write(root, {"x.md": "nearer"})
    run(alice, root)
    assert targets(alice, "a.md") == ["x.md"]
    (root / "x.md").unlink()
    run(alice, root)
    assert targets(alice, "a.md") == ["far/away/x.md"]


def test_changed_notes_update(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    old = by_path(alice)["flour/Rye.md"]
    write(root, {"flour/Rye.md": "# Dark rye\n[[Starter]] twice [[Starter]] #new\n"})
    assert counts(run(alice, root)) == (0, 1, 3, 0)
    new = by_path(alice)["flour/Rye.md"]
    assert (new.id, new.version, new.title, new.tags, new.aliases) == (old.id, 2, "Dark rye", ["new"], [])
    assert targets(alice, "flour/Rye.md") == ["Starter.md", "Starter.md"]
    assert targets(alice, "Starter.md")[0] == "", "the alias it used is gone"


def test_vanished_notes_are_archived_and_come_back(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    old = by_path(alice)["Starter.md"]
    shutil.move(root / "Starter.md", tmp_path / "kept.md")
    assert counts(run(alice, root)) == (0, 0, 3, 1)
    assert counts(run(alice, root)) == (0, 0, 3, 0)
    with alice.reading() as session:
        gone = stored.get(session, old.id)
        assert (gone.archived_at is not None, gone.body) == (True, old.body)
    shutil.move(tmp_path / "kept.md", root / "Starter.md")
    assert counts(run(alice, root)) == (0, 1, 3, 0)
    assert by_path(alice)["Starter.md"].id == old.id
    assert targets(alice, "Home.md")[1] == "Starter.md"


def test_renames_keep_the_note(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    old = by_path(alice)
    (root / "moved").mkdir()
    shutil.move(root / "flour" / "Rye.md", root / "moved" / "Dark Rye.md")
    (root / "Starter.md").write_text("---\nid: st-1\n---\nAnother text.\n", encoding="utf-8")
    shutil.move(root / "Starter.md", root / "moved" / "Levain.md")
    assert counts(run(alice, root)) == (0, 2, 2, 0)
    new = by_path(alice)
    assert new["moved/Dark Rye.md"].id == old["flour/Rye.md"].id
    assert new["moved/Levain.md"].id == old["Starter.md"].id
    assert targets(alice, "Home.md") == ["", "", ""]
    assert counts(run(alice, root)) == (0, 0, 4, 0)


def test_two_notes_with_ids_swap_files(alice: Tenant, tmp_path: Path) -> None:
    texts = {"a.md": "---\nid: x\n---\nthe x", "b.md": "---\nid: y\n---\nthe y"}
    root = write(tmp_path / "v", texts)
    run(alice, root)
    old = by_path(alice)
    write(root, {"a.md": texts["b.md"], "b.md": texts["a.md"]})
    assert counts(run(alice, root)) == (0, 2, 0, 0)
    new = by_path(alice)
    assert (new["a.md"].id, new["b.md"].id) == (old["b.md"].id, old["a.md"].id)


def test_another_note_in_the_file_archives_the_one_before(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "---\nid: x\n---\nthe x"})
    run(alice, root)
    write(root, {"a.md": "---\nid: y\n---\nthe y"})
    assert counts(run(alice, root)) == (1, 0, 0, 1)
    assert counts(run(alice, root)) == (0, 0, 1, 0)


@pytest.mark.parametrize("batch", [1, 500])
def test_a_note_moves_with_its_id_and_a_new_text_takes_its_file(
    alice: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(importing, "BATCH_NOTES", batch)
    with_id = "---\nid: one1\n---\nthe note"
    root = write(tmp_path / "v", {"a.md": with_id, "b.md": "another"})
    run(alice, root)
    old = by_path(alice)["a.md"].id
    write(root, {"a.md": "a new text", "c.md": with_id})
    assert counts(run(alice, root)) == (1, 1, 1, 0)
    new = by_path(alice)
    assert sorted(new) == ["a.md", "b.md", "c.md"]
    assert new["c.md"].identity == "id:one1"
    if batch > 1:
        assert new["c.md"].id == old
    assert counts(run(alice, root)) == (0, 0, 3, 0)


def test_duplicate_ids_warn_and_stay_apart(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "---\nid: x\n---\nfirst", "b.md": "---\nid: x\n---\nsecond"})
    report = run(alice, root)
    assert counts(report) == (2, 0, 0, 0)
    assert [one["path"] for one in report["warnings"]] == ["b.md"]
    old = by_path(alice)
    write(root, {name: f"---\nid: x\n---\n{name} changed" for name in ("1 copy.md", "a.md")})
    assert counts(run(alice, root)) == (1, 1, 1, 0)
    assert {path: note.id for path, note in by_path(alice).items() if path in old} == {p: n.id for p, n in old.items()}
    write(root, {"b.md": "---\nid: x\n---\nchanged", "2 copy.md": "---\nid: x\n---\nfirst"})
    assert counts(run(alice, root)) == (1, 1, 2, 0)
    assert {path: note.id for path, note in by_path(alice).items() if path in old} == {p: n.id for p, n in old.items()}


def test_two_vaults_leave_each_other_alone(alice: Tenant, tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "notes", {"a.md": "[[b]]", "b.md": "mine"})
    two = write(tmp_path / "two" / "notes", {"b.md": "yours"})
    run(alice, one)
    assert counts(run(alice, two)) == (1, 0, 0, 0)
    assert counts(run(alice, one)) == (0, 0, 2, 0)
    moved = tmp_path / "elsewhere"
    source = MarkdownFolder(one).source
    shutil.move(one, moved)
    assert counts(run(alice, moved, source)) == (0, 0, 2, 0)


def test_of_a_private_note_nothing_is_stored(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {**VAULT, "Open.md": "was open"})
    run(alice, root)
    write(root, {"Open.md": "now secret #private [[Rye]]"})
    run(alice, root)
    for path in ("Diary.md", "Open.md"):
        note = by_path(alice)[path]
        assert (note.is_private, note.body, note.tags, note.front_matter, note.word_count) == (True, "", [], {}, 0)
    assert "secret" not in str(state(alice))
    assert targets(alice, "Diary.md") == targets(alice, "Open.md") == []


def test_viewers_may_not_import(alice: Tenant, tmp_path: Path) -> None:
    vault = MarkdownFolder(write(tmp_path / "v", VAULT))
    with pytest.raises(errors.Forbidden):
        importing.import_notes(alice.reading, alice.writing, alice.actor(Role.VIEWER), vault)
    assert by_path(alice) == {}


def test_a_stranger_sees_nothing_of_it(alice: Tenant, charlie: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    assert by_path(charlie) == {}
    before = state(alice)
    assert counts(run(charlie, root)) == (4, 0, 0, 0)
    (root / "Home.md").unlink()
    assert counts(run(charlie, root)) == (0, 0, 3, 1)
    assert state(alice) == before


def test_each_batch_leaves_one_audit_row_per_kind(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    run(alice, root)
    (root / "Home.md").unlink()
    write(root, {"Starter.md": "changed"})
    run(alice, root)
    with alice.reading() as session:
        rows = [row.detail for row in audit.page(session, 100).items if row.action == "note.imported"]
    assert Counter((row["kind"], row["count"], len(row["ids"])) for row in rows) == Counter(
        [("created", 4, 4), ("updated", 1, 1), ("archived", 1, 1)]
    )
    assert "secret" not in str(rows)


def test_batches_are_cut_by_links_too(alice: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "v", {f"{i}.md": "[[0]] " * 10 for i in range(12)})
    monkeypatch.setattr(importing, "BATCH_LINKS", 25)
    assert counts(run(alice, root)) == (12, 0, 0, 0)
    with alice.reading() as session:
        assert session.scalar(select(func.count(NoteLink.position)).where(NoteLink.to_note_id.is_not(None))) == 120
