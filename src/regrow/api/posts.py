"""Posts: what goes out and went out, where it stands, and the totals that platforms tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from starlette.responses import Response

from regrow.api import published
from regrow.api.fields import Cursor, Given, Id, IfMatch, Limit, Listed, ThingId, Time, page, time_or_none
from regrow.domain.publishing.channel import Outcome
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import REVIEWERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, posts
from regrow.services.publishing import Planned
from regrow.store import posts as post_store
from regrow.store.tables.posts import Post as Row
from regrow.store.tables.posts import PostTotals
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/posts", tags=["posts"], route_class=DoorRoute)

Status = Literal["planned", "sending", "published", "failed", "unknown", "missed", "cancelled", "removed"]
Moment = Annotated[datetime, AwareDatetime, Field(strict=False, description="ISO 8601 with an offset")]
At = Annotated[
    str,
    StringConstraints(max_length=60),
    Field(description="ISO 8601; without an offset in the channel's zone; `next` for its next free slot"),
]
Platform = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Address = Annotated[str, StringConstraints(max_length=2_000)]
OutsideId = Annotated[str, StringConstraints(max_length=300)]


class Totals(BaseModel):
    """All that the source had counted by `at`. `lowered` names what it had told higher before."""

    id: str
    post_id: str
    at: Time
    source: str
    counts: dict[str, int]
    lowered: list[str]
    received_at: Time


class Post(BaseModel):
    """`detail` says what went wrong or what to do. `note` is what the clocks of the zone did to a time just given.

    `metrics` are the newest totals that were told, None before any was.
    """

    id: str
    piece_id: str
    variant_id: str
    label: str
    channel_id: str | None
    platform: str
    status: Status
    key: str
    slug: str
    address: str
    outside_id: str
    detail: str
    round: int
    attempts: int
    due_at: Time
    sent_at: Time | None
    published_at: Time | None
    removed_at: Time | None
    metrics: Totals | None
    note: str
    by: str
    context_id: str | None
    version: int
    created_at: Time
    updated_at: Time


class Elsewhere(Given):
    """Something that was published without us: a `variant_id`, or a `piece_id` with a `label` (A)."""

    platform: Platform
    variant_id: Id | None = None
    piece_id: Id | None = None
    label: Annotated[str, StringConstraints(max_length=4)] | None = None
    outside_id: OutsideId = ""
    address: Address = ""
    published_at: Moment | None = None


class NewTotals(Given):
    counts: Annotated[dict[str, int], Field(max_length=50, description="All counted so far, such as likes and views")]
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = "person"
    at: Annotated[Moment | None, Field(description="When this was true; now, when left out")] = None


class Move(Given):
    """Without `at` it goes out now."""

    at: At | None = None


class Resolution(Given):
    """What a person found where nobody could tell. `post_again` carries the same key."""

    answer: Literal["found", "not_found", "post_again"]
    address: Address = ""
    outside_id: OutsideId = ""


class Removal(Given):
    """`by_hand`: a person took it down where the channel cannot."""

    by_hand: bool = False


def shapes(session: Session, rows: Sequence[Row], note: str = "") -> list[dict[str, Any]]:
    """Two queries more, however many they are."""
    labels = post_store.labels(session, [row.variant_id for row in rows])
    told = post_store.newest_totals(session, [row.id for row in rows])
    return [_shape(row, labels[row.variant_id], told.get(row.id), note) for row in rows]


def _shape(row: Row, label: str, told: PostTotals | None, note: str) -> dict[str, Any]:
    plain = ("id", "piece_id", "variant_id", "channel_id", "platform", "status", "key", "slug", "address")
    more = ("outside_id", "detail", "round", "attempts", "by", "context_id", "version")
    times = ("due_at", "sent_at", "published_at", "removed_at", "created_at", "updated_at")
    return {
        **{name: getattr(row, name) for name in (*plain, *more)},
        **{name: time_or_none(getattr(row, name)) for name in times},
        "label": label,
        "metrics": totals_shape(told) if told is not None else None,
        "note": note,
    }


def totals_shape(row: PostTotals) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "post_id", "source", "counts", "lowered")}
    return {**plain, "at": clock.iso(row.at), "received_at": clock.iso(row.received_at)}


@router.get("", response_model=Listed[Post], summary="List posts, oldest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Status | None = None,
    channel_id: Annotated[str | None, Query(max_length=60)] = None,
    piece_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    with door.reading() as session:
        statuses = (status,) if status else ()
        found = post_store.page(session, limit, pages.decode(cursor), statuses, channel_id, piece_id)
        body = {"items": shapes(session, found.items), "next_cursor": found.next_cursor}
        return answers.ok(body).response()


@router.get("/{id}", response_model=Post, summary="Read a post")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shapes(session, [editing.found(session, Row, id, "post")])[0]).response()


@router.get("/{id}/timeline", response_model=Listed[Totals], summary="All totals of a post, as they came in")
def timeline(id: ThingId, door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        editing.found(session, Row, id, "post")
        found = post_store.timeline(session, id, limit, pages.decode(cursor))
        return answers.ok(page(found, totals_shape)).response()


@router.post("", status_code=201, response_model=Post, summary="Record what was published elsewhere")
async def record(said: Elsewhere, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        return answers.created(router.prefix, shapes(session, [posts.record(session, door.actor, said.values())])[0])

    return await door.write(act)


@router.post("/{id}/metrics", status_code=201, response_model=Totals, summary="Tell the totals of a post")
async def metrics(id: ThingId, told: NewTotals, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        row = posts.add_totals(session, door.actor, id, told.counts, told.source, told.at)
        return Answer(201, totals_shape(row))

    return await door.write(act)


@router.post("/{id}/cancel", response_model=Post, summary="Let a planned post not go out", openapi_extra=REVIEWERS)
async def cancel(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: _one(session, posts.cancel(session, door.actor, id)))


@router.post("/{id}/move", response_model=Post, summary="Plan a post for another time", openapi_extra=REVIEWERS)
async def move(
    id: ThingId, request: Request, door: Entered, said: Move | None = None, if_match: IfMatch = None
) -> Response:
    """A missed post is planned anew by it."""
    expected = answers.expected_version(if_match)

    def act(session: Session) -> Planned:
        return posts.move(session, door.actor, id, said.at if said else None, expected)

    return await published.started(request, door, act, 200, _only)


@router.post("/{id}/resolve", response_model=Post, summary="Settle what nobody can tell", openapi_extra=REVIEWERS)
async def resolve(id: ThingId, request: Request, door: Entered, said: Resolution) -> Response:
    def act(session: Session) -> Planned:
        return Planned((posts.resolve(session, door.actor, id, said.answer, said.address, said.outside_id),))

    return await published.started(request, door, act, 200, _only)


@router.post("/{id}/remove", response_model=Post, summary="Take a published post down", openapi_extra=REVIEWERS)
async def remove(id: ThingId, door: Entered, said: Removal | None = None) -> Response:
    """The channel is asked with no transaction open. What was removed never comes back by itself."""
    is_by_hand = said.by_hand if said else False

    def work() -> Outcome | None:
        with door.reading() as session:
            outside = published.outside(door)
            asked = posts.removal(session, door.actor, outside, id)
        return asked[0].remove(asked[1], asked[2]) if asked is not None else None

    return await door.beside(
        work, lambda session, outcome: _one(session, posts.removed(session, door.actor, id, outcome, is_by_hand))
    )


def _one(session: Session, row: Row) -> Answer:
    session.flush()
    return answers.ok(shapes(session, [row])[0])


def _only(session: Session, rows: Sequence[Row], note: str) -> dict[str, Any]:
    return shapes(session, rows, note)[0]
