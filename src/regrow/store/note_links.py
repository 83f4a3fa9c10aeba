"""Links between notes as rows, and the names they are looked up by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, tuple_, update

from regrow.domain.notes.facts import Candidate
from regrow.store import notes
from regrow.store.tables.notes import Note, NoteLink, NoteName
from regrow.store.tenancy import Session


class Waiting(NamedTuple):
    """A stored link, where it stands, and where it leads now."""

    note_id: str
    position: int
    kind: str
    target: str
    name: str
    to_note_id: str | None
    source: str
    path: str


def candidates(session: Session, names: Iterable[str]) -> dict[str, list[Candidate]]:
    """Who answers to these folded names; archived notes only while they are private."""
    found: dict[str, list[Candidate]] = {}
    wanted = select(NoteName.name, NoteName.kind, Note.id, Note.source, Note.path, Note.archived_at).join(
        Note, Note.id == NoteName.note_id
    )
    for part in notes.chunks(names):
        for name, kind, note_id, source, path, archived_at in session.execute(wanted.where(NoteName.name.in_(part))):
            found.setdefault(name, []).append(Candidate(note_id, source, path, name, kind, archived_at is None))
    return found


def by_ids(session: Session, note_ids: Iterable[str]) -> dict[str, list[Candidate]]:
    """The notes with these ids, as candidates that answer to their id; archived ones only while they are private."""
    wanted = select(Note.id, Note.source, Note.path, Note.archived_at).where(
        or_(Note.archived_at.is_(None), Note.is_private.is_(True))
    )
    return {
        note_id: [Candidate(note_id, source, path, note_id, "id", archived_at is None)]
        for part in notes.chunks(note_ids)
        for note_id, source, path, archived_at in session.execute(wanted.where(Note.id.in_(part)))
    }


def names_of(session: Session, note_ids: Sequence[str]) -> set[str]:
    """Every name these notes answer to now."""
    found: set[str] = set()
    for part in notes.chunks(note_ids):
        found.update(session.scalars(select(NoteName.name).where(NoteName.note_id.in_(part))))
    return found


def waiting(session: Session, names: Iterable[str], size: int = 5_000) -> Iterator[list[Waiting]]:
    """Stored links by the last part of their name, in pages that stay small however many there are."""
    columns = select(
        NoteLink.note_id, NoteLink.position, NoteLink.kind, NoteLink.target, NoteLink.name, NoteLink.to_note_id,
        Note.source, Note.path,
    ).join(Note, Note.id == NoteLink.note_id)  # fmt: skip
    for part in notes.chunks(names):
        wanted = columns.where(NoteLink.name.in_(part)).order_by(NoteLink.note_id, NoteLink.position).limit(size)
        rows = [Waiting(*row) for row in session.execute(wanted)]
        while rows:
            yield rows
            if len(rows) < size:
                break
            last = rows[-1]
            later = tuple_(NoteLink.note_id, NoteLink.position) > (last.note_id, last.position)
            rows = [Waiting(*row) for row in session.execute(wanted.where(later))]


def add_all(session: Session, rows: list[dict[str, Any]]) -> None:
    notes.insert_all(session, NoteLink, rows)


def lead(session: Session, links: Iterable[tuple[str, int, str | None]]) -> None:
    """Sets where stored links lead: note, position, target note or None."""
    rows = [{"note": note_id, "place": position, "target_note": to} for note_id, position, to in links]
    if rows:
        this = (NoteLink.note_id == bindparam("note"), NoteLink.position == bindparam("place"))
        notes.many(session, update(NoteLink).where(*this).values(to_note_id=bindparam("target_note")), rows)


def of_note(session: Session, note_id: str) -> list[NoteLink]:
    """The links of one note as written, in order."""
    return list(session.scalars(select(NoteLink).where(NoteLink.note_id == note_id).order_by(NoteLink.position)))


def count(session: Session) -> int:
    """Links as written, whether something answers to them or not."""
    return session.scalar(select(func.count(NoteLink.note_id))) or 0
