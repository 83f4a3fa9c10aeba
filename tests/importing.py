"""For tests of imports: writing a vault, importing it, and looking at what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.store.tables.notes import Note, NoteLink, NoteName, NoteTag
from regrow.workflows import importing
from tests.homes import Tenant

VAULT = {
    "Home.md": "# Home\nSee [[Rye]], [[Starter|the starter]] and [later](flour/Later.md).\n",
    "flour/Rye.md": "---\naliases: [Roggen]\ntags: [flour]\n---\nBack to [[home]]. #bread\n",
    "Starter.md": "---\nid: st-1\n---\nNeeds [[roggen]] and [[Nothing Yet]].\n",
    "Diary.md": "---\nprivate: true\n---\nsecret [[Rye]] #hidden\n",
}


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
