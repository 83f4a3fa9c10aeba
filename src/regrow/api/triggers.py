"""Triggers: set on pieces, cleared, checked, and told with what became of them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Cursor, Given, Id, Limit, Listed, ThingId, Time, page
from regrow.api.pieces import Piece, Trigger
from regrow.domain.triggers import conditions
from regrow.domain.workspaces import Role
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import Door, DoorRoute, Doors, Entered
from regrow.kit import pages
from regrow.services import editing, triggers
from regrow.store import triggers as store
from regrow.store.tables.content import Piece as PieceRow
from regrow.store.tables.triggers import Trigger as Row
from regrow.store.tenancy import Session
from regrow.workflows import triggers as checking

router = APIRouter(prefix="/api", tags=["triggers"], route_class=DoorRoute)

Word = Annotated[str, StringConstraints(max_length=40)]
EDITORS: dict[str, Any] = {"x-role": Role.EDITOR.value}


class NewTrigger(Given):
    """Met as soon as the totals of any live variant meet it. `engagement_rate` is in percent."""

    trigger_condition: Annotated[Word, Field(json_schema_extra={"enum": list(conditions.METRICS)})]
    trigger_comparison: Annotated[Word, Field(json_schema_extra={"enum": list(conditions.COMPARISONS)})]
    trigger_value: Annotated[float, Field(ge=0, le=2**53, allow_inf_nan=False)]
    trigger_prompt: Annotated[
        str,
        Field(max_length=conditions.LONGEST_PROMPT, description="What the new texts are to do differently"),
    ] = ""


class Check(Given):
    """Nothing needs to be said: then every trigger of the workspace is checked."""

    campaign_id: Id | None = None


class Triggered(BaseModel):
    """`metrics` are the newest totals since publication by variant; the run `task_id` is at work."""

    piece_id: str
    triggered_variants: list[str]
    metrics: dict[str, dict[str, float]]
    task_id: str


class Skipped(BaseModel):
    """`reason` begins with a word for programs, such as no_metrics."""

    piece_id: str
    reason: str


class Checked(BaseModel):
    """`checked` counts all triggers that were looked at; those that are not met are in neither list."""

    checked: int
    triggered: list[Triggered]
    skipped: list[Skipped]


class StandingTrigger(Trigger):
    piece_id: str


class Event(BaseModel):
    """What became of a trigger: set, fired (on which values), failed, written, cleared or replaced."""

    id: str
    trigger_id: str
    piece_id: str
    kind: str
    by: str
    detail: dict[str, Any]
    at: Time


@router.put("/content/pieces/{id}/trigger", response_model=Piece, summary="Set the trigger of a piece")
async def put(id: ThingId, said: NewTrigger, door: Entered) -> Response:
    """In place of one that stood. A condition that is met writes new texts once, and clears the trigger."""

    def act(session: Session) -> Answer:
        asked = (said.trigger_condition, said.trigger_comparison, said.trigger_value, said.trigger_prompt)
        triggers.put(session, door.actor, id, *asked)
        return _piece(session, id)

    return await door.write(act)


@router.delete("/content/pieces/{id}/trigger", response_model=Piece, summary="Clear the trigger of a piece")
async def clear(id: ThingId, door: Entered) -> Response:
    """Clearing twice changes nothing. A run that it began writes nothing any more."""

    def act(session: Session) -> Answer:
        triggers.clear(session, door.actor, id)
        return _piece(session, id)

    return await door.write(act)


@router.get("/triggers", response_model=Listed[StandingTrigger], summary="List the triggers that stand, oldest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    campaign_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    with door.reading() as session:
        found = store.page(session, limit, pages.decode(cursor), campaign_id)
        return answers.ok(page(found, standing)).response()


@router.get("/triggers/history", response_model=Listed[Event], summary="What became of triggers, oldest first")
def history(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    piece_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    with door.reading() as session:
        found = store.events(session, limit, pages.decode(cursor), piece_id)
        return answers.ok(page(found, triggers.event_shape)).response()


@router.post("/triggers/check", response_model=Checked, summary="Check the triggers now")
async def check(request: Request, door: Entered, said: Check | None = None) -> Response:
    """Begins the runs of those that are met, and does not wait for them: see their task_id."""
    return await _checked(request, door, said.campaign_id if said else None)


@router.get("/check_trigger", include_in_schema=False, openapi_extra=EDITORS)
@router.get("/check_trigger/", response_model=Checked, summary="Check the triggers now", openapi_extra=EDITORS)
async def check_by_reading(
    request: Request, door: Entered, campaign_id: Annotated[str | None, Query(max_length=60)] = None
) -> Response:
    """As `POST /api/triggers/check`, for programs that can only read addresses; editors may do so."""
    await door.aside(partial(door.admit, Role.EDITOR))
    return await _checked(request, door, campaign_id or None)


async def _checked(request: Request, door: Door, campaign_id: str | None) -> Response:
    """Every piece that fires does so in a transaction of its own."""

    doors: Doors = request.app.state.doors

    def work() -> dict[str, Any]:
        return checking.check(doors.home.engine, door.actor, campaign_id).as_dict()

    if door.repeatable is not None:
        return await door.beside(work, lambda _session, report: Answer(200, report))
    return Answer(200, await door.aside(work)).response()


def standing(row: Row) -> dict[str, Any]:
    return {**triggers.shape(row), "piece_id": row.piece_id}


def _piece(session: Session, id: str) -> Answer:
    session.flush()
    return answers.ok(shapes.pieces(session, [editing.found(session, PieceRow, id, "piece")])[0])
