"""The caller's own workspace: its name and its settings."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api.fields import Change, Cursor, Given, IfMatch, Limit, Listed, Name, ThingId, Time, time_or_none
from regrow.domain import workspaces as rules
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, workspaces
from regrow.store import audit
from regrow.store import workspaces as workspace_store
from regrow.store.tables.workspaces import Workspace as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=DoorRoute)


class Workspace(BaseModel):
    id: str
    slug: str
    name: str
    settings: dict[str, int | str]
    version: int
    created_at: Time
    archived_at: Time | None


class NewWorkspace(Given):
    name: Name


class FoundedWorkspace(BaseModel):
    """`api_key` is its owner's, shown this once; a request repeated with the same Idempotency-Key gets null instead."""

    id: str
    slug: str
    name: str
    created_at: Time
    api_key: str | None


class WorkspaceChange(Change):
    """Settings that are left out stay as they are."""

    name: Name = ""
    settings: dict[str, int | str] = Field(
        default_factory=dict, description=f"Any of {', '.join((*rules.SETTINGS, *rules.TEXT_SETTINGS))}"
    )


def shape(session: Session, row: Row) -> dict[str, Any]:
    held = workspace_store.settings(session)
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "settings": rules.shown_settings(held.values),
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


@router.post(
    "", status_code=201, response_model=FoundedWorkspace, summary="Found another workspace", openapi_extra=OWNERS
)
async def create(new: NewWorkspace, door: Entered) -> Response:
    """With an owner of its own, the owner's key and a default persona. The caller's key stays bound to its workspace,
    and finds nothing of the new one.
    """

    def note(session: Session, made: tuple[Row, str]) -> Answer:
        row, api_key = made
        audit.add(session, door.actor, "workspace.founded", row.id)
        told = {"id": row.id, "slug": row.slug, "name": row.name, "created_at": clock.iso(row.created_at)}
        shown = answers.created(router.prefix, {**told, "api_key": api_key})
        return Answer(201, shown.body, shown.headers, kept_body={**told, "api_key": None})

    return await door.beside(partial(door.found, new.name), note)


@router.patch(
    "/{id}", response_model=Workspace, summary="Rename the workspace or change settings", openapi_extra=OWNERS
)
async def change(id: ThingId, wanted: WorkspaceChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> Answer:
        values = wanted.values()
        if not values:
            return answers.ok(_unchanged(session, door.actor, id, expected))
        row = workspaces.change(session, door.actor, id, values.get("name"), values.get("settings"), expected)
        return answers.ok(shape(session, row))

    return await door.write(act)


def _unchanged(session: Session, actor: rules.Actor, id: str, expected: int | None) -> dict[str, Any]:
    row = workspaces.own(session, actor, id)
    editing.refuse_stale(workspace_store.settings(session), expected, "workspace")
    return shape(session, row)


@router.post("/{id}/archive", response_model=Workspace, summary="Take the workspace out of use", openapi_extra=OWNERS)
@router.delete(
    "/{id}", response_model=Workspace, summary="Take the workspace out of use", name="delete", openapi_extra=OWNERS
)
async def archive(id: ThingId, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        workspaces.archive(session, door.actor, id)
        return answers.ok(shape(session, workspaces.own(session, door.actor, id)))

    return await door.write(act)
