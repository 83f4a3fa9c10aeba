"""Notes written here rather than imported: create, change, archive."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from regrow.domain.notes import front, links, parsing, resolving, syncing
from regrow.domain.notes.facts import MAX_TAG, MAX_TARGET, MAX_TITLE, ParsedNote
from regrow.domain.notes.vaults import RawNote
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, note_imports, note_links, topics
from regrow.store import audit
from regrow.store import note_links as stored_links
from regrow.store import notes as stored
from regrow.store.tables.notes import Note
from regrow.store.tenancy import Session

MAX_BODY_BYTES = 1_000_000
MAX_GIVEN = 500
"""Tags, and links, given beside the body."""


def create(
    session: Session, actor: Actor, title: str, body: str, tags: Sequence[str] = (), links: Sequence[str] = ()
) -> Note:
    """A note of this workspace's own. `links` are ids or names of notes; a name nobody bears yet waits for one.

    `publish: false` in front matter or the tag `private` hides it as it does in a vault. Invalid lists what is wrong.
    """
    actor.must(Role.EDITOR)
    _check({"title": title, "body": body, "tags": tags, "links": links})
    stored.lock_writing(session)
    note_id = ids.new("not")
    note = _read(session, f"{note_id}.md", title, body, {"tags": list(tags), "links": list(links)})
    now = clock.now()
    placement = syncing.Placement(note, syncing.path_key(note.path), None)
    row = {**note_imports.row_of(note_id, placement, now), "source": resolving.WRITTEN_HERE}
    stored.add_all(session, [{**row, "version": 1, "created_at": now}])
    note_imports.file_under(session, resolving.WRITTEN_HERE, [(note_id, note)], ())
    audit.add(session, actor, "note.created", note_id)
    return stored.get(session, note_id)


def change(session: Session, actor: Actor, id: str, expected_version: int | None, **fields: Any) -> Note:
    """Changes `title`, `body`, `tags` or `links`; Stale when the version is another, Conflict when it is archived.

    A note from a folder takes the change too, until its file changes. A private one is changed in its file only.
    """
    actor.must(Role.EDITOR)
    _check(fields)
    stored.lock_writing(session)
    row = stored.get(session, id)
    editing.refuse_stale(row, expected_version, "note")
    editing.refuse_archived(row, "note")
    if row.is_private and not {"body", "tags"} <= fields.keys():
        raise errors.Conflict("this note is private and its text is not kept: give body and tags anew", "note_private")
    if row.is_private and row.source != resolving.WRITTEN_HERE:
        raise errors.Conflict("this note is private: change it in its file and import again", "note_private")
    given = {**_given_before(row), **_given(fields)}
    note = _read(session, row.path, fields.get("title", row.title), fields.get("body", row.body), given)
    note = replace(note, digest=row.digest)
    placement = syncing.Placement(note, row.identity, None)
    stored.change_all(session, [note_imports.row_of(id, placement, clock.now())])
    note_imports.file_under(session, row.source, [(id, note)], [id])
    session.refresh(row)
    if row.is_private:
        topics.forget_private(session, actor)
    audit.add(session, actor, "note.changed", id, fields=sorted(fields), version=row.version)
    return row


def archive(session: Session, actor: Actor, id: str) -> Note:
    """Takes a note out of topics and drafts; nothing is deleted, and archiving twice changes nothing."""
    actor.must(Role.EDITOR)
    stored.lock_writing(session)
    row = stored.get(session, id)
    names = stored_links.names_of(session, [id])
    if stored.archive(session, [id], clock.now()):
        note_links.reconnect(session, names | {id})
        session.refresh(row)
        audit.add(session, actor, "note.archived", id)
    return row


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: list(fields[key]) for key in ("tags", "links") if key in fields}


def _given_before(row: Note) -> dict[str, Any]:
    """What stood beside the body: front matter, with tags as a list, and links only where they were given here."""
    before = {key: value for key, value in row.front_matter.items() if key.lower() not in ("tag", "tags", "links")}
    is_ours = row.source == resolving.WRITTEN_HERE
    return {
        **before,
        "tags": list(front.said(row.front_matter, "").tags),
        "links": row.front_matter.get("links", []) if is_ours else [],
    }


def _read(session: Session, path: str, title: str, body: str, given: dict[str, Any]) -> ParsedNote:
    """Reads the text as an import would; what is given beside it counts as front matter does."""
    parts = front.split(body.replace("\r\n", "\n").replace("\r", "\n"))
    written = (front.simple(parts.front) or front.salvage(parts.front)) if parts.front else {}
    tags = [*given.get("tags", ()), *front.said(written, parts.front or "").tags]
    digest = hashlib.sha256(body.encode()).hexdigest()
    raw = RawNote(path, digest, parts.body, {**written, **given, "title": title, "tags": tags}, parts.front or "")
    note = parsing.parse(raw)
    if note.is_private:
        return note
    more = [link for name in given.get("links", ()) if (link := links.made("wikilink", name, ""))]
    unknown = [link.target for link in more if ids.looks_like_id(link.target)]
    known = stored_links.by_ids(session, unknown)
    if missing := [target for target in unknown if target not in known]:
        raise errors.Invalid(f"links: there is no note {missing[0]}: give ids or names of notes", "unknown_note")
    return replace(note, links=(*note.links, *more))


def _check(fields: dict[str, Any]) -> None:
    """Invalid with every problem at once."""
    problems = [text for name, value in fields.items() if (text := _problem(name, value))]
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_note", problems=problems)


def _problem(name: str, value: Any) -> str:
    if name in ("title", "body"):
        return _text_problem(name, value)
    if name not in ("tags", "links"):
        return f"{name[:40]}: a note has title, body, tags and links"
    longest = MAX_TAG if name == "tags" else MAX_TARGET
    if not isinstance(value, list | tuple) or len(value) > MAX_GIVEN:
        return f"{name}: must be a list of at most {MAX_GIVEN} texts"
    if not all(isinstance(item, str) and 0 < len(item.strip()) and len(item) <= longest for item in value):
        return f"{name}: each must be a text of 1 to {longest} characters"
    return f"{name}: must not hold NUL characters" if any("\x00" in item for item in value) else ""


def _text_problem(name: str, value: Any) -> str:
    if not isinstance(value, str):
        return f"{name}: must be a text"
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value if not value.isascii()):
        return f"{name}: must not hold NUL characters or half characters"
    if name == "title":
        return "" if 0 < len(value.strip()) <= MAX_TITLE else f"title: must have 1 to {MAX_TITLE} characters"
    is_long = len(value.encode()) > MAX_BODY_BYTES
    return f"body: must not be larger than {MAX_BODY_BYTES // 1_000_000} MB" if is_long else ""
