"""Regenerations of texts that lost a test: asking for one, whether one may be, and where texts come from."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api.begun import ACCEPTED, Wait
from regrow.api.fields import Given, Time
from regrow.domain.circuits import requests
from regrow.domain.circuits.guardrails import GENERATED_BY, Status
from regrow.edge import answers
from regrow.edge import errors as edge_errors
from regrow.edge.answers import JSON_TYPE, PROBLEM_TYPE, Answer
from regrow.edge.doors import READS, Door, DoorRoute, Entered
from regrow.kit import clock, errors
from regrow.services import circuit_lineage, circuits
from regrow.services.circuits import Refusal
from regrow.store.tenancy import Session

WHICH = ("abTestId", "variantId")
Which = Annotated[str | None, Query(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Regeneration(Given):
    """The recorded decision is the authority: what is claimed of it here must pass the same rules, and is kept."""

    ab_test_id: Name
    losing_variant_id: Name
    circuit_execution_id: Name
    termination_reason: Annotated[str, Field(min_length=1, max_length=4_000)]
    confidence_score: Annotated[float, Field(ge=0, le=1)]
    performance_delta: float
    regeneration_instructions: Annotated[str, Field(max_length=2_000)] = ""
    generated_by: Annotated[str, Field(description=f"{' or '.join(GENERATED_BY)}")] = "automated"


class RegenerationResult(BaseModel):
    success: bool
    regeneration_event_id: str
    new_variant_id: str | None
    status: Status
    cx08_approved: bool
    cx06_generated: bool
    cx05_passed: bool
    cx05_score: float | None
    duration_ms: int | None
    reason: str


class Regenerated(BaseModel):
    """A gate that refused, and one whose model failed, are answered in this shape too, without a new variant."""

    workspace_id: str
    regeneration_result: RegenerationResult
    timestamp: Time


class Refused(BaseModel):
    """`violations`, each as `code: detail`, stand there when the variant is not eligible."""

    error: str
    violations: list[str] | None = None
    workspace_id: str
    timestamp: Time


class Eligibility(BaseModel):
    eligible: bool
    reason: str
    violations: list[str]
    variant_exists: bool
    cx09_termination_found: bool
    confidence_meets_threshold: bool
    delta_negative: bool
    regenerations_count: int
    cooldown_remaining_hours: float


class Line(BaseModel):
    child_variant_id: str
    parent_variant_id: str
    depth: int
    created_at: Time


class Chain(BaseModel):
    parents: list[Line]
    children: list[Line]
    total_parents: int
    total_children: int


class Attempt(BaseModel):
    event_id: str
    status: Status
    parent_variant: str
    child_variant: str | None
    confidence_score: float
    performance_delta: float
    cx08_approved: bool
    cx06_generated: bool
    cx05_passed: bool
    cx05_score: float | None
    initiated_at: Time
    completed_at: Time | None
    duration_ms: int | None


class History(BaseModel):
    total_events: int
    recent_events: list[Attempt]


class Lineage(BaseModel):
    workspace_id: str
    ab_test_id: str
    variant_id: str
    lineage: Chain
    regeneration_history: History
    timestamp: Time


class CircuitRoute(DoorRoute):
    """A route whose complaints have the shape of the circuits; keys and roles are told as everywhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except RequestValidationError as error:
                told = edge_errors.of_validation(error).detail
            except errors.Invalid as error:
                if edge_errors.of(error).status != 400:
                    raise
                told = error.detail
            return (await _malformed(request.state.door, request.method, told)).response()

        return handle


REFUSED: dict[str, Any] = {"model": Refused, "content": {PROBLEM_TYPE: {"schema": {"type": "object"}}}}
"""Keys, roles and addresses that nobody can read are complained of as everywhere."""
REFUSALS: dict[int | str, dict[str, Any]] = {status: REFUSED for status in (400, 403, 404, 409)}
router = APIRouter(prefix="/api/circuits/content", tags=["circuits"], route_class=CircuitRoute)


@router.post(
    "/regenerate",
    response_model=Regenerated,
    responses={**ACCEPTED, **REFUSALS},
    summary="Write a text that lost a test again",
    openapi_extra={
        "requestBody": {"required": True, "content": {JSON_TYPE: {"schema": Regeneration.model_json_schema()}}}
    },
)
async def regenerate(request: Request, door: Entered, wait: Wait = True) -> Response:
    """Eligibility, review, writing, brand guard and registration, each asked once. The new text is a draft."""
    wanted = requests.read(await request.json() if await request.body() else {})

    def act(session: Session) -> Answer:
        found = circuits.ask(session, door.actor, wanted)
        return refused(door, found) if isinstance(found, Refusal) else Answer(202, None, task_id=found.id)

    return await begun.followed(request, door, act, wait)


@router.get("/eligibility", response_model=Eligibility, responses=REFUSALS, summary="Whether a text may be regenerated")
def eligibility(
    door: Entered,
    ab_test_id: Annotated[Which, Query(alias="abTestId")] = None,
    variant_id: Annotated[Which, Query(alias="variantId")] = None,
) -> Response:
    """By its newest decision. What is not here, and what is another workspace's, is not eligible."""
    with door.reading() as session:
        test, variant = _which(ab_test_id, variant_id)
        return answers.ok(circuits.eligible(session, test, variant)).response()


@router.get(
    "/lineage",
    response_model=Lineage,
    responses=REFUSALS,
    summary="Where a text comes from, and what came of it",
)
def lineage(
    door: Entered,
    ab_test_id: Annotated[Which, Query(alias="abTestId")] = None,
    variant_id: Annotated[Which, Query(alias="variantId")] = None,
) -> Response:
    with door.reading() as session:
        test, variant = _which(ab_test_id, variant_id)
        try:
            found = circuit_lineage.lineage(session, test, variant)
        except errors.NotFound as error:
            return refused(door, Refusal(404, error.detail)).response()
        told = Lineage(workspace_id=door.workspace_id, **found, timestamp=clock.iso(clock.now()))
        return answers.ok(told.model_dump(mode="json")).response()


def refused(door: Door, refusal: Refusal) -> Answer:
    """The answer to what begins nothing; it is not kept for repeated requests, since it may turn into a yes."""
    told: dict[str, Any] = {"error": refusal.error}
    if refusal.violations:
        told["violations"] = list(refusal.violations)
    told |= {"workspace_id": door.workspace_id, "timestamp": clock.iso(clock.now())}
    return Answer(refusal.status, told, {"Content-Type": JSON_TYPE}, is_kept=False)


def _which(test_id: str | None, variant_id: str | None) -> tuple[str, str]:
    """Invalid names both when both are left out."""
    given = {"abTestId": test_id or None, "variantId": variant_id or None}
    if told := requests.missing(given, WHICH):
        raise errors.Invalid(told, "bad_request")
    return str(test_id), str(variant_id)


async def _malformed(door: Door, method: str, told: str) -> Answer:
    """A request that cannot be read begins nothing, and is on record when it wanted to."""
    if method in READS:
        return refused(door, Refusal(400, told))
    door.repeatable = None

    def act(session: Session) -> Answer:
        return refused(door, circuits.refuse(session, door.actor, Refusal(400, told)))

    return await door.commit(act)
