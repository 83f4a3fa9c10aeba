"""API keys: made once, shown once, revoked for good."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from starlette.responses import Response

from regrow.api.fields import Change, Cursor, Given, Id, Limit, Listed, Name, ThingId, Time, page, time_or_none
from regrow.api.members import GivenRole
from regrow.domain.workspaces import Role
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, keys
from regrow.store import records
from regrow.store.tables.keys import ApiKey as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/keys", tags=["keys"], route_class=DoorRoute)


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies beyond the calendar") from None


Expiry = Annotated[AwareDatetime, Field(strict=False, description="ISO 8601 with a zone"), AfterValidator(_in_utc)]


class Key(BaseModel):
    """`prefix` is enough to tell keys apart and not enough to use one."""

    id: str
    name: str
    prefix: str
    role: Role
    member_id: str | None
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None
    revoked_at: Time | None


class MadeKey(Key):
    """`api_key` is shown this once; a request repeated with the same Idempotency-Key gets null in its place."""

    api_key: str | None


class NewKey(Given):
    name: Name
    role: GivenRole
    member_id: Id | None = None
    expires_at: Expiry | None = None


class KeyChange(Change):
    """`expires_at` null: it works until it is revoked."""

    name: Name = ""
    expires_at: Expiry | None = None


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "role": row.role,
        "member_id": row.member_id,
        "created_at": clock.iso(row.created_at),
        "expires_at": time_or_none(row.expires_at),
        "last_used_at": time_or_none(row.last_used_at),
        "revoked_at": time_or_none(row.revoked_at),
    }


@router.get("", response_model=Listed[Key], summary="List the keys, revoked ones too")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor))
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Key, summary="Read what may be known of a key")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "key"))).response()


@router.post("", status_code=201, response_model=MadeKey, summary="Make a key", openapi_extra=OWNERS)
async def create(new: NewKey, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        made = keys.create(session, door.actor, **new.values())
        shown = answers.created(router.prefix, {**shape(made.row), "api_key": made.secret})
        return Answer(201, shown.body, shown.headers, kept_body={**shown.body, "api_key": None})

    return await door.write(act)


@router.patch("/{id}", response_model=Key, summary="Rename a key or say when it expires", openapi_extra=OWNERS)
async def change(id: ThingId, wanted: KeyChange, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(keys.change(session, door.actor, id, wanted.values()))))


@router.post("/{id}/archive", response_model=Key, summary="Revoke a key", openapi_extra=OWNERS)
@router.delete("/{id}", response_model=Key, summary="Revoke a key", name="delete", openapi_extra=OWNERS)
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(keys.archive(session, door.actor, id))))
