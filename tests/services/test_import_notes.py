"""Importing a vault: again, after changes, killed halfway, beside another, with everything that can be wrong."""

from __future__ import annotations

import os
import re
import shutil
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain.notes.facts import MAX_LINKS
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.store import audit
from regrow.store import notes as stored
from regrow.store.tables.notes import Note, NoteLink, NoteName, NoteTag
from regrow.workflows import importing
from tests.homes import Tenant
from tests.vaults import MARKERS, SAMPLE


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(tenant: Tenant, root: Path, source: str | None = None, **more: Any) -> dict[str, Any]:
    vault = MarkdownFolder(root, source)
    return importing.import_notes(tenant.reading, tenant.writing, tenant.owner, vault, **more).as_dict()


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["created"], report["updated"], report["unchanged"], report["archived"]


def by_path(tenant: Tenant) -> dict[str, Note]:
    with tenant.reading() as session:
        return {note.path: note for note in session.scalars(select(Note).where(Note.archived_at.is_(None)))}


def state(tenant: Tenant) -> dict[str, Any]:
    """Everything stored but ids and times, so that two ways to the same end can be compared."""
    with tenant.reading() as session:
        notes = list(session.scalars(select(Note)))
        paths = {note.id: note.path for note in notes}
        columns = ("source", "identity", "path", "title", "body", "tags", "front_matter", "digest", "is_private")
        links = session.execute(select(NoteLink.note_id, NoteLink.position, NoteLink.target, NoteLink.to_note_id))
        return {
            "notes": sorted(str([getattr(one, name) for name in columns] + [one.archived_at is None]) for one in notes),
            "links": sorted((paths[a], b, c, paths.get(d or "", "")) for a, b, c, d in links),
            "names": sorted((paths[a], b, c) for a, b, c in session.execute(
                select(NoteName.note_id, NoteName.name, NoteName.kind))),
            "tags": sorted((paths[a], b) for a, b in session.execute(select(NoteTag.note_id, NoteTag.tag))),
        }  # fmt: skip


def targets(tenant: Tenant, path: str) -> list[str]:
    """Where the links of a note lead, as paths, empty where they lead nowhere."""
    with tenant.reading() as session:
        paths = {note_id: place for note_id, place in session.execute(select(Note.id, Note.path))}
        wanted = select(NoteLink.to_note_id).join(Note, Note.id == NoteLink.note_id).where(Note.path == path)
        return [paths.get(to or "", "") for to in session.scalars(wanted.order_by(NoteLink.position))]


VAULT = {
    "Home.md": "# Home\nSee [[Rye]], [[Starter|the starter]] and [later](flour/Later.md).\n",
    "flour/Rye.md": "---\naliases: [Roggen]\ntags: [flour]\n---\nBack to [[home]]. #bread\n",
    "Starter.md": "---\nid: st-1\n---\nNeeds [[roggen]] and [[Nothing Yet]].\n",
    "Diary.md": "---\nprivate: true\n---\nsecret [[Rye]] #hidden\n",
}


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


def test_duplicate_ids_warn_and_stay_apart(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", {"a.md": "---\nid: x\n---\nfirst", "b.md": "---\nid: x\n---\nsecond"})
    report = run(alice, root)
    assert counts(report) == (2, 0, 0, 0)
    assert [one["path"] for one in report["warnings"]] == ["b.md"]
    old = by_path(alice)
    write(root, {"b.md": "---\nid: x\n---\nchanged", "1 copy.md": "---\nid: x\n---\nfirst"})
    assert counts(run(alice, root)) == (1, 1, 1, 0)
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


@dataclass
class Killed:
    """A vault whose reading ends the process after some files."""

    vault: MarkdownFolder
    left: int

    @property
    def source(self) -> str:
        return self.vault.source

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


def test_batches_are_cut_by_links_too(alice: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "v", {f"{i}.md": "[[0]] " * 10 for i in range(12)})
    monkeypatch.setattr(importing, "BATCH_LINKS", 25)
    assert counts(run(alice, root)) == (12, 0, 0, 0)
    with alice.reading() as session:
        assert session.scalar(select(func.count(NoteLink.position)).where(NoteLink.to_note_id.is_not(None))) == 120


def test_hostile_files_do_not_stop_the_rest(alice: Tenant, tmp_path: Path) -> None:
    root = write(tmp_path / "v", VAULT)
    (root / "million.md").write_text("[[Rye]] " * 1_000_000)
    (root / "nul.md").write_bytes(b"\x00" * 100)
    (root / "latin.md").write_bytes("Brötchen".encode("latin-1"))
    with (root / "huge.md").open("wb") as file:
        file.truncate(50_000_000)
    (root / "out.md").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.md")
    report = run(alice, root)
    assert counts(report) == (6, 0, 0, 0)
    assert sorted(one["path"] for one in report["skipped"]) == ["huge.md", "nul.md", "out.md", "pipe.md"]
    assert {one["path"] for one in report["warnings"]} == {"million.md", "latin.md"}
    assert len(targets(alice, "million.md")) == MAX_LINKS
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
    from sqlalchemy import event

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
    monkeypatch.setattr(importing, "BATCH_BYTES", 200_000)
    text = "word " * 4_000
    peaks = []
    for name, size in (("few", 40), ("many", 400)):
        root = write(tmp_path / name, {f"{i}.md": f"{i} {text}" for i in range(size)})
        tracemalloc.start()
        run(alice, root)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 500_000, "400 notes of 20 kB must not need 8 MB"


DATA = Path(os.environ.get("REGROW_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
NOT_TEXT = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(?P<fence>`{3,}|~{3,})[^`\n]*$(?s:.*?)(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|<!--(?s:.*?)(?:-->|\Z)|%%(?s:.*?)(?:%%|\Z)|``[^\n]*?``|`[^`\n]*`",
    re.M,
)
MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".pdf", ".mp4", ".webp", ".edn", ".html", ".json")


def simple_count(files: Sequence[Path]) -> tuple[int, int, set[str]]:
    """Notes, wikilinks of public notes, and the private ones, by plain search with other means than the importer's."""
    links = 0
    private = set()
    for path in files:
        text = path.read_text(encoding="utf-8")
        head = re.match(r"---\n(.*?)\n---\n", text, re.S)
        if head and re.search(r"^publish(ed)?: false$", head[1], re.M):
            private.add(path.name)
            continue
        body = text[head.end() :] if head else text
        for inside in re.findall(r"\[\[([^\[\]\n]+)\]\]", NOT_TEXT.sub("", body)):
            names = [part.partition("#")[0].strip() for part in inside.split("|")]
            links += bool(names[-1]) and not names[-1].lower().endswith(MEDIA)
    return len(files), links, private


@pytest.mark.parametrize("name", ["vault_dendron", "vault_logseq_docs"])
def test_real_vaults(alice: Tenant, name: str) -> None:
    root = DATA / name
    if not root.is_dir():
        pytest.skip(f"no {name}: set REGROW_TEST_DATA to the folder that holds it")
    files = [path for path in root.rglob("*.md") if not any(part.startswith(".") for part in path.parts[1:])]
    notes, links, private = simple_count(files)
    report = run(alice, root)
    assert (counts(report), report["skipped"]) == ((notes, 0, 0, 0), [])
    assert counts(run(alice, root)) == (0, 0, notes, 0)
    with alice.reading() as session:
        assert session.scalar(select(func.count(Note.id))) == notes
        wiki = select(func.count(NoteLink.position)).where(NoteLink.kind != "markdown")
        assert session.scalar(wiki) == links
        led = session.scalar(wiki.where(NoteLink.to_note_id.is_not(None))) or 0
        assert led / links > (0.9 if name == "vault_dendron" else 0.4)
    assert {path.rpartition("/")[2] for path, note in by_path(alice).items() if note.is_private} == private


def test_the_sample_notes(alice: Tenant) -> None:
    report = run(alice, SAMPLE)
    assert report["created"] >= 40
    assert counts(run(alice, SAMPLE)) == (0, 0, report["created"], 0)
    notes = by_path(alice)
    assert any(note.is_private for note in notes.values())
    with alice.reading() as session:
        texts = " ".join(
            source.title + source.text for source in stored.sources(session, [n.id for n in notes.values()])
        )
    assert [word for word in MARKERS if word in texts] == []
