"""Campaigns: pieces that belong together."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
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
    Text,
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.edge import answers
from regrow.edge.doors import REVIEWERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import campaigns, editing
from regrow.store import records
from regrow.store.tables.campaigns import Campaign as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"], route_class=DoorRoute)


class Campaign(BaseModel):
    id: str
    name: str
    description: str
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class Skipped(BaseModel):
    """`reason` says in words why the piece was left as it was."""

    id: str
    reason: str


class Approved(BaseModel):
    """Ids of the pieces that were approved; pieces that were replaced by newer ones are in neither list."""

    approved: list[str]
    skipped: list[Skipped]


class NewCampaign(Given):
    name: Name
    description: Text = ""


class CampaignChange(Change):
    name: Name = ""
    description: Text = ""


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Campaign], summary="List the campaigns in use")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Campaign, summary="Read a campaign")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "campaign"))).response()


@router.post("", status_code=201, response_model=Campaign, summary="Create a campaign")
async def create(new: NewCampaign, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.created(router.prefix, shape(campaigns.create(session, door.actor, **new.values())))
    )


@router.patch("/{id}", response_model=Campaign, summary="Change a campaign")
async def change(id: ThingId, wanted: CampaignChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        values = wanted.values()
        row = changes.apply(session, door.actor, Row, "campaign", id, expected, values, campaigns.change)
        return answers.ok(shape(row))

    return await door.write(act)


@router.post(
    "/{id}/approve", response_model=Approved, summary="Approve every draft of a campaign", openapi_extra=REVIEWERS
)
async def approve(id: ThingId, door: Entered) -> Response:
    """All of it in one transaction. Rejected pieces and drafts that the guard failed are skipped."""

    def act(session: Session) -> answers.Answer:
        done = campaigns.approve(session, door.actor, id)
        skipped = [{"id": each.id, "reason": each.reason} for each in done.skipped]
        return answers.ok({"approved": list(done.approved), "skipped": skipped})

    return await door.write(act)


@router.post("/{id}/archive", response_model=Campaign, summary="Take a campaign out of use")
@router.delete("/{id}", response_model=Campaign, summary="Take a campaign out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(campaigns.archive(session, door.actor, id))))
