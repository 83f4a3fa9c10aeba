"""Channels: connected destinations; their secrets are given once and never shown."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
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
    Name,
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.domain.workspaces import Actor
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, REVIEWERS, Door, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import channels, editing
from regrow.store import records
from regrow.store.tables.channels import Channel as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/channels", tags=["channels"], route_class=DoorRoute)

Key = Annotated[str, StringConstraints(max_length=60)]
Value = Annotated[str, StringConstraints(max_length=2_000)]
Settings = Annotated[
    dict[Key, Value | int | bool], Field(max_length=50, description="See GET /api/channels/kinds", default_factory=dict)
]
Secrets = Annotated[
    dict[Key, Value], Field(max_length=50, description="Sealed at once and never given out", default_factory=dict)
]
Zone = Annotated[str, StringConstraints(max_length=60), Field(description="Empty: that of its site")]
Slots = Annotated[
    list[Annotated[str, StringConstraints(max_length=20)]],
    Field(max_length=100, description="When its queue goes out, such as 'mon 09:00' or 'daily 18:30'"),
]


class Channel(BaseModel):
    """`has_secrets` says whether any are set. Times without an offset are meant in `time_zone`."""

    id: str
    kind: str
    name: str
    site_id: str | None
    settings: dict[str, Any]
    has_secrets: bool
    time_zone: str
    slots: list[str]
    paused_at: Time | None
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class Told(BaseModel):
    name: str
    help: str
    kind: str
    is_secret: bool
    is_required: bool
    default: Any


class Kind(BaseModel):
    name: str
    help: str
    settings: list[Told]


class Kinds(BaseModel):
    items: list[Kind]


class State(BaseModel):
    """Whether the channel can be used now, and what to do when not."""

    is_ready: bool
    detail: str


class NewChannel(Given):
    kind: Annotated[str, StringConstraints(max_length=40)]
    name: Name
    site_id: Id | None = None
    settings: Settings
    secrets: Secrets
    time_zone: Zone = ""
    slots: Slots = []  # noqa: RUF012


class ChannelChange(Change):
    """Settings and secrets that are not named stay; a secret of an empty text is forgotten."""

    name: Name = ""
    site_id: Id | None = None
    settings: Settings
    secrets: Secrets
    time_zone: Zone = ""
    slots: Slots = []  # noqa: RUF012


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "site_id": row.site_id,
        "settings": row.settings,
        "has_secrets": row.sealed is not None,
        "time_zone": row.time_zone,
        "slots": row.slots,
        "paused_at": time_or_none(row.paused_at),
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Channel], summary="List the channels in use")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/kinds", response_model=Kinds, summary="List the kinds of channel, and what each wants to be told")
def kinds(door: Entered) -> Response:
    with door.reading():
        items = [
            {"name": kind.name, "help": kind.help, "settings": [_told(each) for each in kind.settings]}
            for kind in door.channels.declared()
        ]
        return answers.ok({"items": items}).response()


@router.get("/{id}", response_model=Channel, summary="Read a channel")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "channel"))).response()


@router.get("/{id}/status", response_model=State, summary="Ask a channel whether it can be used now")
def status(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        row = editing.found(session, Row, id, "channel")
        made = channels.connected(door.channels, door.sealer, row)
    is_ready, detail = made.status()
    return answers.ok({"is_ready": is_ready, "detail": detail}).response()


@router.post("", status_code=201, response_model=Channel, summary="Connect a channel", openapi_extra=OWNERS)
async def create(new: NewChannel, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        row = channels.create(session, door.actor, door.channels, door.sealer, new.values())
        return answers.created(router.prefix, shape(row))

    return await door.write(act)


@router.patch("/{id}", response_model=Channel, summary="Change a channel", openapi_extra=OWNERS)
async def change(id: ThingId, wanted: ChannelChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> Answer:
        write = partial(_change, door)
        return answers.ok(
            shape(changes.apply(session, door.actor, Row, "channel", id, expected, wanted.values(), write))
        )

    return await door.write(act)


@router.post("/{id}/pause", response_model=Channel, summary="Let nothing go out for now", openapi_extra=REVIEWERS)
async def pause(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(channels.pause(session, door.actor, id))))


@router.post("/{id}/resume", response_model=Channel, summary="Let plans go out again", openapi_extra=REVIEWERS)
async def resume(id: ThingId, door: Entered) -> Response:
    """What was due too long ago is missed, and waits for a person."""
    return await door.write(lambda session: answers.ok(shape(channels.resume(session, door.actor, id))))


@router.post("/{id}/archive", response_model=Channel, summary="Take a channel out of use", openapi_extra=OWNERS)
@router.delete(
    "/{id}", response_model=Channel, summary="Take a channel out of use", name="delete", openapi_extra=OWNERS
)
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(channels.archive(session, door.actor, id))))


def _change(door: Door, session: Session, actor: Actor, id: str, expected: int | None, values: dict[str, Any]) -> Row:
    return channels.change(session, actor, door.channels, door.sealer, id, expected, values)


def _told(setting: Any) -> dict[str, Any]:
    names = ("name", "help", "kind", "is_secret", "is_required", "default")
    return {name: getattr(setting, name) for name in names}
