"""Topics: notes that belong together, found or put together by hand."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import changes
from regrow.api.fields import (
    Archived,
    Change,
    Cursor,
    Given,
    Id,
    IfMatch,
    Limit,
    Listed,
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.domain import topics as rules
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, topics
from regrow.store import records
from regrow.store.tables.topics import Topic as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/topics", tags=["topics"], route_class=DoorRoute)

Title = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Summary = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]
Size = Annotated[int, Field(ge=1, le=rules.MOST_NOTES)]


class Topic(BaseModel):
    """`why` says in words what holds the notes together."""

    id: str
    kind: str
    seed_note_id: str | None
    note_ids: list[str]
    title: str
    summary: str
    why: str
    random_seed: int
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class Discovery(Given):
    """The same notes and `random_seed` give the same topic."""

    seed_note_id: Id | None = None
    random_seed: Annotated[int, Field(ge=0, le=rules.LARGEST_RANDOM_SEED)] | None = None
    max_notes: Size | None = None
    min_notes: Size | None = None


class NewTopic(Given):
    note_ids: Annotated[list[Id], Field(min_length=1, max_length=rules.MOST_NOTES)]
    title: Title | None = None
    summary: Summary | None = None


class TopicChange(Change):
    title: Title = ""
    summary: Summary = ""


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "seed_note_id": row.seed_note_id,
        "note_ids": row.note_ids,
        "title": row.title,
        "summary": row.summary,
        "why": row.why,
        "random_seed": row.random_seed,
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Topic], summary="List the topics in use")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Topic, summary="Read a topic")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "topic"))).response()


@router.post("", status_code=201, response_model=Topic, summary="Put a topic together by hand")
async def create(new: NewTopic, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.created(router.prefix, shape(topics.create(session, door.actor, **new.values())))
    )


@router.post("/discover", status_code=201, response_model=Topic, summary="Discover a topic among the notes")
async def discover(door: Entered, wanted: Discovery | None = None) -> Response:
    asked = wanted.values() if wanted else {}
    return await door.write(
        lambda session: answers.created(router.prefix, shape(topics.discover(session, door.actor, **asked)))
    )


@router.patch("/{id}", response_model=Topic, summary="Rename a topic or rewrite its summary")
async def change(id: ThingId, wanted: TopicChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        values = wanted.values()
        row = changes.apply(session, door.actor, Row, "topic", id, expected, values, topics.change)
        return answers.ok(shape(row))

    return await door.write(act)


@router.post("/{id}/archive", response_model=Topic, summary="Take a topic out of use")
@router.delete("/{id}", response_model=Topic, summary="Take a topic out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(topics.archive(session, door.actor, id))))
