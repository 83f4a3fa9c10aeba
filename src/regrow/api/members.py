"""Members: the people of a workspace and their roles."""

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
    IfMatch,
    Limit,
    Listed,
    Name,
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.domain.workspaces import Role
from regrow.edge import answers
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, members
from regrow.store import records
from regrow.store.tables.members import Member as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/members", tags=["members"], route_class=DoorRoute)

Email = Annotated[str, Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
GivenRole = Annotated[Role, Field(strict=False)]


class Member(BaseModel):
    id: str
    name: str
    email: str | None
    role: Role
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class NewMember(Given):
    name: Name
    role: GivenRole
    email: Email | None = None


class MemberChange(Change):
    name: Name = ""
    role: GivenRole = Role.VIEWER
    email: Email | None = None


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "email": row.email,
        "role": row.role,
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Member], summary="List the members")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Member, summary="Read a member")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "member"))).response()


@router.post("", status_code=201, response_model=Member, summary="Add a member", openapi_extra=OWNERS)
async def create(new: NewMember, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.created(router.prefix, shape(members.create(session, door.actor, **new.values())))
    )


@router.patch("/{id}", response_model=Member, summary="Change a member", openapi_extra=OWNERS)
async def change(id: ThingId, wanted: MemberChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        values = wanted.values()
        row = changes.apply(session, door.actor, Row, "member", id, expected, values, members.change)
        return answers.ok(shape(row))

    return await door.write(act)


@router.post(
    "/{id}/archive", response_model=Member, summary="Take a member out, and revoke the keys", openapi_extra=OWNERS
)
@router.delete(
    "/{id}",
    response_model=Member,
    summary="Take a member out, and revoke the keys",
    name="delete",
    openapi_extra=OWNERS,
)
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(members.archive(session, door.actor, id))))
