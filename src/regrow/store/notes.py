"""Notes as rows: reading them, writing many at once, and what of them a writer may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Update, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from regrow.domain.notes import hiding
from regrow.domain.notes.syncing import Known
from regrow.domain.writing import Source
from regrow.kit import errors, pages
from regrow.store.tables.base import Scoped
from regrow.store.tables.notes import Note, NoteLink, NoteName, NoteTag
from regrow.store.tables.workspaces import Workspace
from regrow.store.tenancy import Session

T = TypeVar("T")

CHUNK = 500
"""Values in one IN list."""

# Built once, because every brief reads them and building them takes longer than running them.
_LINKED = aliased(Note)
_LINKS_TO_PRIVATE = (
    select(NoteLink.note_id, NoteLink.target)
    .join(_LINKED, _LINKED.id == NoteLink.to_note_id)
    .where(NoteLink.note_id.in_(bindparam("note_ids", expanding=True)), _LINKED.is_private.is_(True))
)
_VISIBLE = select(Note.id, Note.title, Note.body).where(
    Note.id.in_(bindparam("note_ids", expanding=True)), Note.archived_at.is_(None), Note.is_private.is_(False)
)

_STANDING = select(Note.is_private, Note.archived_at.is_not(None)).where(
    Note.id.in_(bindparam("note_ids", expanding=True))
)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def find(session: Session, note_id: str) -> Note | None:
    return session.scalar(select(Note).where(Note.id == note_id))


def count_private(session: Session) -> int:
    return session.scalar(select(func.count(Note.id)).where(Note.is_private, Note.archived_at.is_(None))) or 0


def get(session: Session, note_id: str) -> Note:
    """NotFound for an unknown note and for one of another workspace."""
    note = find(session, note_id)
    if note is None:
        raise errors.NotFound(f"there is no note {note_id[:60]}: list them with GET /api/notes", "note_not_found")
    return note


def page(
    session: Session, limit: int, after: str | None = None, is_archived: bool = False, query: str = ""
) -> pages.Page[Note]:
    """Notes from oldest to newest; `query` narrows by title or path, without regard to case."""
    wanted = select(Note).order_by(Note.id).limit(limit + 1)
    wanted = wanted.where(Note.archived_at.is_not(None) if is_archived else Note.archived_at.is_(None))
    if after:
        wanted = wanted.where(Note.id > after)
    if query:
        columns = (Note.title, Note.path)
        wanted = wanted.where(or_(*(column.icontains(query, autoescape=True) for column in columns)))
    return pages.cut(session.scalars(wanted).all(), limit, lambda note: note.id)


def sources(session: Session, note_ids: Sequence[str]) -> tuple[Source, ...]:
    """What a writer may see of these notes, in the order asked: none archived or private, no sentence that links to a
    private note.
    """
    found: dict[str, Source] = {}
    for part in chunks(note_ids):
        hidden = _links_to_private(session, part)
        for note_id, title, body in session.execute(_VISIBLE, {"note_ids": part}):
            found[note_id] = Source(note_id, title, hiding.without_links(body, hidden.get(note_id, ())))
    return tuple(found[note_id] for note_id in dict.fromkeys(note_ids) if note_id in found)


def standing(session: Session, note_ids: Sequence[str]) -> tuple[int, int]:
    """How many of these notes a writer may see, and how many are private."""
    left = private = 0
    for part in chunks(note_ids):
        for is_private, is_archived in session.execute(_STANDING, {"note_ids": part}):
            private += is_private
            left += not (is_private or is_archived)
    return left, private


def _links_to_private(session: Session, note_ids: Sequence[str]) -> dict[str, set[str]]:
    hidden: dict[str, set[str]] = {}
    for note_id, target in session.execute(_LINKS_TO_PRIVATE, {"note_ids": note_ids}):
        hidden.setdefault(note_id, set()).add(target)
    return hidden


def lock_writing(session: Session) -> None:
    """Imports of one workspace take turns: each decides on what the one before has written."""
    session.execute(select(Workspace.id).where(Workspace.id == session.workspace_id).with_for_update(key_share=True))


def digests(session: Session, source: str, paths: Sequence[str]) -> dict[str, str]:
    """Path to digest of the live notes at these paths; a path that several notes claim is left out."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for part in chunks(paths):
        wanted = select(Note.path, Note.digest).where(
            Note.source == source, Note.path.in_(part), Note.archived_at.is_(None)
        )
        for path, digest in session.execute(wanted):
            if path in found:
                several.add(path)
            found[path] = digest
    return {path: digest for path, digest in found.items() if path not in several}


def known(
    session: Session, source: str, identities: Sequence[str], paths: Sequence[str], digest_list: Sequence[str]
) -> list[Known]:
    """Every note of the source with one of these identities, paths or digests, archived ones too."""
    found: dict[str, Known] = {}
    for column, values in ((Note.identity, identities), (Note.path, paths), (Note.digest, digest_list)):
        for one in _known(session, source, column, values):
            found[one.note_id] = one
    return list(found.values())


def by_identities(session: Session, source: str, identities: Sequence[str]) -> list[Known]:
    return list(_known(session, source, Note.identity, identities))


def _known(session: Session, source: str, column: InstrumentedAttribute[str], values: Sequence[str]) -> Iterator[Known]:
    wanted = select(Note.id, Note.identity, Note.path, Note.digest, Note.archived_at)
    for part in chunks(values):
        for note_id, identity, path, digest, archived_at in session.execute(
            wanted.where(Note.source == source, column.in_(part))
        ):
            yield Known(note_id, identity, path, digest, archived_at is not None)


def live(session: Session, source: str, after: str = "", limit: int = 5_000) -> list[tuple[str, str]]:
    """Id and path of the live notes of a source, in pages by id."""
    wanted = (
        select(Note.id, Note.path)
        .where(Note.source == source, Note.archived_at.is_(None), Note.id > after)
        .order_by(Note.id)
        .limit(limit)
    )
    return [(note_id, path) for note_id, path in session.execute(wanted)]


def add_all(session: Session, rows: list[dict[str, Any]]) -> None:
    """Inserts notes; each row names every column but the workspace."""
    insert_all(session, Note, rows)


def insert_all(session: Session, table: type[Scoped], rows: list[dict[str, Any]]) -> None:
    """One statement for all rows, which name the same columns. The strategy leaves out what the ORM does to each row;
    the workspace is stamped before it either way.
    """
    if rows:
        session.execute(insert(table).execution_options(dml_strategy="raw", render_nulls=True), rows)


def change_all(session: Session, rows: list[dict[str, Any]]) -> None:
    """Updates notes by `id`; all rows hold the same columns, and each version goes up."""
    if not rows:
        return
    bound: dict[str, Any] = {column: bindparam(f"new_{column}") for column in rows[0] if column != "id"}
    statement = update(Note).where(Note.id == bindparam("note")).values(**bound, version=Note.version + 1)
    many(session, statement, [{("note" if key == "id" else f"new_{key}"): row[key] for key in row} for row in rows])


def many(session: Session, statement: Update, rows: list[dict[str, Any]]) -> None:
    """One statement for many rows. The strategy is named because only this one keeps to the entered workspace."""
    session.execute(statement.execution_options(synchronize_session=False, dml_strategy="orm"), rows)


def retire(session: Session, note_ids: Iterable[str]) -> None:
    """Frees the identity of notes whose path belongs to another note now."""
    for note_id in note_ids:
        session.execute(update(Note).where(Note.id == note_id).values(identity=f"was:{note_id}"))


def archive(session: Session, note_ids: Sequence[str], at: datetime) -> list[str]:
    """Marks live notes as archived and takes them out of the graph; the ids that were live.

    A private note keeps its names: what still links to it stays hidden.
    """
    done: list[str] = []
    for part in chunks(note_ids):
        wanted = select(Note.id, Note.is_private).where(Note.id.in_(part), Note.archived_at.is_(None))
        privacy = {note_id: is_private for note_id, is_private in session.execute(wanted)}
        ids = sorted(privacy)
        _without_sync(session, NoteLink.note_id.in_(ids), NoteLink)
        _without_sync(session, NoteTag.note_id.in_(ids), NoteTag)
        _without_sync(session, NoteName.note_id.in_([one for one in ids if not privacy[one]]), NoteName)
        session.execute(
            update(Note)
            .where(Note.id.in_(ids))
            .values(archived_at=at, updated_at=at, version=Note.version + 1)
            .execution_options(synchronize_session=False)
        )
        done += ids
    return done


def replace_names_and_tags(
    session: Session, changed: Sequence[str], names: list[dict[str, Any]], tags: list[dict[str, Any]]
) -> None:
    """Takes away all names, tags and links of the changed notes and files the new names and tags."""
    for part in chunks(changed):
        for table in (NoteLink, NoteTag, NoteName):
            _without_sync(session, table.note_id.in_(part), table)
    insert_all(session, NoteName, names)
    insert_all(session, NoteTag, tags)


def _without_sync(
    session: Session, condition: ColumnElement[bool], table: type[NoteLink] | type[NoteTag] | type[NoteName]
) -> None:
    session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
