"""Notes: what everything else is written from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import changes
from regrow.api.fields import Archived, Change, Cursor, Given, IfMatch, Limit, Listed, ThingId, Time, page, time_or_none
from regrow.domain.workspaces import Actor
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, notes
from regrow.store import note_links
from regrow.store import notes as note_store
from regrow.store.tables.notes import Note as Row
from regrow.store.tables.notes import NoteLink
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/notes", tags=["notes"], route_class=DoorRoute)

Title = Annotated[str, Field(min_length=1, max_length=500)]
Body = Annotated[str, Field(max_length=1_000_000, description="Markdown")]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=500)]
Links = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1_024)]],
    Field(max_length=500, description="Ids or names of other notes"),
]


class Link(BaseModel):
    """`to_note_id` is null while no note answers to the target."""

    kind: str
    target: str
    heading: str | None
    alias: str | None
    to_note_id: str | None


class NoteHead(BaseModel):
    """A note without its text. The text of a private note is not kept."""

    id: str
    title: str
    source: str
    path: str
    tags: list[str]
    aliases: list[str]
    warnings: list[str]
    word_count: int
    is_private: bool
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class Note(NoteHead):
    body: str
    links: list[Link]


class NewNote(Given):
    title: Title
    body: Body
    tags: Tags = Field(default_factory=list)
    links: Links = Field(default_factory=list)


class NoteChange(Change):
    title: Title = ""
    body: Body = ""
    tags: Tags = Field(default_factory=list)
    links: Links = Field(default_factory=list)


def head(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source,
        "path": row.path,
        "tags": row.tags,
        "aliases": row.aliases,
        "warnings": row.warnings,
        "word_count": row.word_count,
        "is_private": row.is_private,
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


def shape(session: Session, row: Row) -> dict[str, Any]:
    return {**head(row), "body": row.body, "links": [_link(link) for link in note_links.of_note(session, row.id)]}


def _link(link: NoteLink) -> dict[str, Any]:
    names = ("kind", "target", "heading", "alias", "to_note_id")
    return {name: getattr(link, name) for name in names}


@router.get("", response_model=Listed[NoteHead], summary="List notes, without their text")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    query: Annotated[str, Query(max_length=200, description="Part of the title or path")] = "",
    is_archived: Annotated[bool, Query(description="Archived notes instead of live ones")] = False,
    archived: Archived = False,
) -> Response:
    with door.reading() as session:
        after = pages.decode(cursor)
        if archived and not is_archived:
            found = _live_and_archived(session, limit, after, query)
        else:
            found = note_store.page(session, limit, after, is_archived, query)
        return answers.ok(page(found, head)).response()


def _live_and_archived(session: Session, limit: int, after: str | None, query: str) -> pages.Page[Row]:
    both = [*note_store.page(session, limit + 1, after, False, query).items]
    both += note_store.page(session, limit + 1, after, True, query).items
    return pages.cut(sorted(both, key=_id)[: limit + 1], limit, _id)


def _id(row: Row) -> str:
    return row.id


@router.get("/{id}", response_model=Note, summary="Read a note with its text and links")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(session, editing.found(session, Row, id, "note"))).response()


@router.post("", status_code=201, response_model=Note, summary="Write a note")
async def create(new: NewNote, door: Entered) -> Response:
    def act(session: Session) -> answers.Answer:
        return answers.created(router.prefix, shape(session, notes.create(session, door.actor, **new.values())))

    return await door.write(act)


@router.patch("/{id}", response_model=Note, summary="Change a note")
async def change(id: ThingId, wanted: NoteChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        row = changes.apply(session, door.actor, Row, "note", id, expected, wanted.values(), _write)
        return answers.ok(shape(session, row))

    return await door.write(act)


def _write(session: Session, actor: Actor, id: str, expected: int | None, values: dict[str, Any]) -> Row:
    return notes.change(session, actor, id, expected, **values)


@router.post("/{id}/archive", response_model=Note, summary="Take a note out of use")
@router.delete("/{id}", response_model=Note, summary="Take a note out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(session, notes.archive(session, door.actor, id))))
