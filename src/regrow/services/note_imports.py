"""What an import may do to the stored notes, one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain.notes import syncing
from regrow.domain.notes.facts import ParsedNote
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import note_links
from regrow.store import audit
from regrow.store import note_links as stored_links
from regrow.store import notes as stored
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Taken:
    """Ids by what happened; `displaced` notes lost their file to another note. `warnings` are (path, text)."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    displaced: tuple[str, ...]
    warnings: tuple[tuple[str, str], ...]


def contested(session: Session, source: str, notes: Sequence[ParsedNote]) -> dict[str, str]:
    """Ids that a stored note at another path bears: id to that path. Its file tells whose the id is."""
    wanted = list({syncing.id_key(note.identity) for note in notes if note.identity})
    return syncing.contested(stored.by_identities(session, source, wanted), notes)


def take(
    session: Session,
    actor: Actor,
    source: str,
    notes: Sequence[ParsedNote],
    is_listed: Callable[[str], bool],
    held_ids: AbstractSet[str],
) -> Taken:
    """Stores new and changed notes of one source, with their names, tags and links."""
    actor.must(Role.EDITOR)
    stored.lock_writing(session)
    placed = syncing.place(notes, known(session, source, notes), is_listed, held_ids)
    stored.retire(session, syncing.retired(placed))
    now = clock.now()
    with_ids = [(one.known.note_id if one.known else ids.new("not"), one) for one in placed.placed]
    created = tuple(note_id for note_id, one in with_ids if one.known is None)
    updated = tuple(note_id for note_id, one in with_ids if one.known is not None)
    stored.add_all(
        session,
        [
            {**row_of(note_id, one, now), "source": source, "version": 1, "created_at": now}
            for note_id, one in with_ids
            if one.known is None
        ],
    )
    stored.change_all(session, [row_of(note_id, one, now) for note_id, one in with_ids if one.known is not None])
    file_under(session, source, [(note_id, one.note) for note_id, one in with_ids], updated)
    for kind, done in (("created", created), ("updated", updated)):
        if done:
            audit.add(session, actor, "note.imported", source[:40], kind=kind, count=len(done), ids=list(done))
    displaced = tuple(one.note_id for one in placed.displaced if not one.is_archived)
    return Taken(created, updated, displaced, warnings_of(placed))


def warnings_of(placed: syncing.Placements) -> tuple[tuple[str, str], ...]:
    return tuple((one.note.path, text) for one in placed.placed for text in (*one.note.warnings, *one.warnings))


def known(session: Session, source: str, notes: Sequence[ParsedNote]) -> list[syncing.Known]:
    """Every stored note that one of these could be."""
    paths = [note.path for note in notes]
    identities = [syncing.id_key(note.identity) for note in notes if note.identity]
    identities += [syncing.path_key(path) for path in paths]
    return stored.known(session, source, identities, paths, [note.digest for note in notes])


def row_of(note_id: str, placed: syncing.Placement, now: datetime) -> dict[str, Any]:
    """The columns that a note's text decides; it is live from now on."""
    note = placed.note
    return {
        "id": note_id,
        "identity": placed.identity,
        "path": note.path,
        "title": note.title,
        "body": note.body,
        "tags": list(note.tags),
        "aliases": list(note.aliases),
        "front_matter": note.front_matter,
        "warnings": [*note.warnings, *placed.warnings],
        "digest": note.digest,
        "word_count": note.word_count,
        "is_private": note.is_private,
        "updated_at": now,
        "archived_at": None,
    }


def file_under(session: Session, source: str, notes: Sequence[tuple[str, ParsedNote]], changed: Sequence[str]) -> None:
    """Names, tags and links of stored notes; every link that used or awaits one of their names is led anew."""
    touched = stored_links.names_of(session, changed)
    names = [{"note_id": note_id, "name": name, "kind": kind} for note_id, note in notes for name, kind in note.names]
    tags = [
        {"note_id": note_id, "tag": tag} for note_id, note in notes for tag in {tag.casefold() for tag in note.tags}
    ]
    stored.replace_names_and_tags(session, changed, names, tags)
    touched.update(changed, (row["name"] for row in names))
    note_links.reconnect(session, touched)
    note_links.connect(
        session, [note_links.Written(note_id, source, note.path, note.links) for note_id, note in notes if note.links]
    )


def let_go(session: Session, actor: Actor, source: str, note_ids: Sequence[str]) -> int:
    """Archives notes whose file is gone; how many were still live. Links to them wait for a note of that name."""
    actor.must(Role.EDITOR)
    stored.lock_writing(session)
    names = stored_links.names_of(session, note_ids)
    gone = stored.archive(session, note_ids, clock.now())
    note_links.reconnect(session, names.union(note_ids))
    if gone:
        audit.add(session, actor, "note.imported", source[:40], kind="archived", count=len(gone), ids=gone)
    return len(gone)
