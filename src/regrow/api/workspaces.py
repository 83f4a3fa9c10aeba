"""The caller's own workspace: its name and its settings."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api.fields import Change, Cursor, IfMatch, Limit, Listed, Name, ThingId, Time, time_or_none
from regrow.domain import workspaces as rules
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import workspaces
from regrow.store import workspaces as workspace_store
from regrow.store.tables.workspaces import Workspace as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=DoorRoute)


class Workspace(BaseModel):
    id: str
    slug: str
    name: str
    settings: dict[str, int]
    version: int
    created_at: Time
    archived_at: Time | None


class WorkspaceChange(Change):
    """Settings that are left out stay as they are."""

    name: Name = ""
    settings: dict[str, int] = Field(default_factory=dict, description=f"Any of {', '.join(rules.SETTINGS)}")


def shape(session: Session, row: Row) -> dict[str, Any]:
    held = workspace_store.settings(session)
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "settings": {name: rules.setting(held.values, name) for name in rules.SETTINGS},
        "version": held.version,
        "created_at": clock.iso(row.created_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Workspace], summary="List the workspaces of this key: its own")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        is_past = pages.decode(cursor) is not None
        own = [] if is_past else [shape(session, workspaces.own(session, door.actor, door.workspace_id))]
        return answers.ok({"items": own, "next_cursor": None}).response()


@router.get("/{id}", response_model=Workspace, summary="Read the workspace")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(session, workspaces.own(session, door.actor, id))).response()


@router.patch(
    "/{id}", response_model=Workspace, summary="Rename the workspace or change settings", openapi_extra=OWNERS
)
async def change(id: ThingId, wanted: WorkspaceChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> Answer:
        values = wanted.values()
        row = workspaces.change(session, door.actor, id, values.get("name"), values.get("settings"), expected)
        return answers.ok(shape(session, row))

    return await door.write(act)


@router.post("/{id}/archive", response_model=Workspace, summary="Take the workspace out of use", openapi_extra=OWNERS)
@router.delete(
    "/{id}", response_model=Workspace, summary="Take the workspace out of use", name="delete", openapi_extra=OWNERS
)
async def archive(id: ThingId, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        workspaces.archive(session, door.actor, id)
        return answers.ok(shape(session, workspaces.own(session, door.actor, id)))

    return await door.write(act)
