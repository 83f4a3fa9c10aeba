"""Experiments: variants held against one another, what was seen of them, and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from regrow.api import begun
from regrow.api import experiment_shapes as shapes
from regrow.api.experiment_shapes import DecisionShape, Evaluation, Evidence, ExperimentShape, Kind, Status, Verdict
from regrow.api.fields import Cursor, Given, Id, IfMatch, Limit, Listed, ThingId, page
from regrow.api.posts import Moment
from regrow.domain.experiments.observations import Count, Observation
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import REVIEWERS, Door, DoorRoute, Entered
from regrow.kit import errors, pages
from regrow.services import (
    experiment_arms,
    experiment_batches,
    experiment_decisions,
    experiment_pictures,
    experiment_replays,
    experiments,
)
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import experiments as store
from regrow.store.tables.experiments import Experiment as Row
from regrow.store.tenancy import Session

ENDS = "terminate"
"""The decision that may ask for a regeneration by itself."""
router = APIRouter(prefix="/api/experiments", tags=["experiments"], route_class=DoorRoute)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Label = Annotated[str, StringConstraints(max_length=4)]
Text = Annotated[str, StringConstraints(max_length=4_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Automatic = Annotated[bool, Field(description="true: a text that loses is written again by itself, as a draft")]
SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}}


class NewExperiment(Given):
    """Arms are the newest version of each label. Without `minimum_hours` a day is seen, of blogs and e-mails a week."""

    piece_id: Id
    metric: Annotated[Name, Field(description="Such as click_rate, read_rate or read_time")]
    kind: Kind | None = None
    reference: Annotated[Label | None, Field(description="The label that all others are held against")] = None
    allocation: Annotated[dict[Label, Number] | None, Field(max_length=20, description="Share of each label")] = None
    evidence: Evidence | None = None
    minimum_hours: Number | None = None
    maximum_days: Number | None = None
    batch_seconds: int | None = None
    traffic: Annotated[Literal["uniform", "clicks"] | None, Field(description="clicks: more for what is clicked")] = (
        None
    )
    dispersion: Annotated[Number | None, Field(description="By how much counts vary more than chance makes them")] = (
        None
    )
    source: Annotated[Literal["site", "outside"] | None, Field(description="Who shows and counts")] = None
    is_automatic: Automatic = False


class ArmCount(Given):
    """`exposures` and `conversions`; for means `n`, `sum` and `sum_squares`."""

    variant_id: Id
    exposures: int | None = None
    conversions: int | None = None
    n: int | None = None
    sum: Number | None = None
    sum_squares: Number | None = None
    share: Annotated[Number | None, Field(description="What was intended, when it is not what the experiment says")] = (
        None
    )


class NewObservation(Given):
    batch_id: Annotated[str, StringConstraints(max_length=200)]
    at: Moment
    evidence: Evidence | None = None
    arms: Annotated[list[ArmCount], Field(max_length=100)]
    source: Annotated[Name, Field(description="Who counted")] = "api"


class NewDecision(Given):
    """A decision made elsewhere; it is recorded whatever it is, and acted upon when it is sure and randomised."""

    variant_id: Id
    decision: Verdict
    confidence: Number
    delta: Number
    evidence: Evidence
    reason: Text
    source: Name


class ArmsChange(Given):
    add_variant_id: Id | None = None
    remove_variant_id: Id | None = None
    is_automatic: Automatic | None = None


class Taken(BaseModel):
    accepted: bool
    duplicate: bool


class ReplayedShape(BaseModel):
    circuit_execution_id: str
    evaluation: int
    label: str
    decision: Verdict
    confidence: float
    differences: dict[str, list[Any]]


class ReplayShape(BaseModel):
    """`is_same`: every decision computed anew from its batches has the numbers that were recorded."""

    experiment_id: str
    is_same: bool
    batches: int
    changed_batches: list[str]
    decisions: list[ReplayedShape]


@router.get("", response_model=Listed[ExperimentShape], summary="List experiments, oldest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Status | None = None,
    piece_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    with door.reading() as session:
        found = store.page(session, limit, pages.decode(cursor), status, piece_id)
        body = {"items": shapes.shapes(session, found.items), "next_cursor": found.next_cursor}
        return answers.ok(body).response()


@router.get("/{id}", response_model=ExperimentShape, summary="Read an experiment with its course")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return _one(session, experiments.found(session, id)).response()


@router.post("", status_code=201, response_model=ExperimentShape, summary="Begin an experiment")
async def create(said: NewExperiment, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        row = experiments.create(session, door.actor, said.values())
        return answers.created(router.prefix, shapes.shapes(session, [row])[0])

    return await door.write(act)


@router.patch("/{id}", response_model=ExperimentShape, summary="Let arms join or leave, switch the automatic mode")
async def change(id: ThingId, said: ArmsChange, door: Entered, if_match: IfMatch = None) -> Response:
    """`note` says which comparisons begin anew. Both in one change: one takes the other's place."""
    expected = answers.expected_version(if_match)

    def act(session: Session) -> Answer:
        both = (said.add_variant_id, said.remove_variant_id)
        changed = experiment_arms.change(session, door.actor, id, *both, expected, said.is_automatic)
        return _one(session, changed.row, changed.note)

    return await door.write(act)


@router.post("/{id}/observations", response_model=Taken, summary="Tell a batch of counts")
async def observe(id: ThingId, said: NewObservation, door: Entered) -> Response:
    """The same `batch_id` with the same numbers changes nothing; batches may come late and in any order."""

    def act(session: Session) -> Answer:
        experiments.found(session, id)
        told = Observation(said.batch_id, said.at, counts(said.arms), said.evidence)
        is_known = experiment_batches.observe(session, door.actor, id, told, said.source)
        return Answer(200, {"accepted": True, "duplicate": is_known})

    return await door.write(act)


@router.post("/{id}/evaluate", response_model=Evaluation, summary="Judge every arm now")
async def evaluate(id: ThingId, door: Entered) -> Response:
    """Without anything new since the last time it gives the same decisions again."""

    def act(session: Session) -> Answer:
        made = experiment_decisions.evaluate(session, door.actor, id)
        return Answer(200, shapes.evaluation(experiments.found(session, id), made))

    return await _decided(door, act)


@router.post("/{id}/end", response_model=ExperimentShape, summary="End an experiment before its time")
async def end(id: ThingId, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        experiment_decisions.end(session, door.actor, id)
        return _one(session, experiments.found(session, id))

    return await door.write(act)


@router.get("/{id}/decisions", response_model=Listed[DecisionShape], summary="All decisions, oldest first")
def decisions(id: ThingId, door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        experiments.found(session, id)
        found = store.decisions(session, id, limit, pages.decode(cursor))
        return answers.ok(page(found, shapes.decision)).response()


@router.post(
    "/{id}/decisions",
    status_code=201,
    response_model=DecisionShape,
    summary="Record a decision made elsewhere",
    openapi_extra=REVIEWERS,
)
async def decide(id: ThingId, said: NewDecision, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        made = experiment_decisions.decide_elsewhere(session, door.actor, id, Elsewhere(**said.model_dump()))
        return Answer(201, shapes.decision(made))

    return await _decided(door, act)


@router.get("/{id}/replay", response_model=ReplayShape, summary="Compute every decision again from its batches")
def replay(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(replayed(experiment_replays.replay(session, id))).response()


@router.get("/{id}/chart.svg", response_class=Response, responses=SVG, summary="The course of an experiment as SVG")
def chart(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        drawn = experiment_pictures.picture(session, id).svg(is_alone=True)
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(drawn.encode(), media_type="image/svg+xml", headers=headers)


async def _decided(door: Door, act: Callable[[Session], Answer]) -> Response:
    """Answers with the decisions, and begins what they asked for by themselves."""
    answer = await door.commit(act)
    body = answer.body if isinstance(answer.body, dict) else {}
    ended = [each for each in body.get("decisions", [body]) if each.get("decision", ENDS) == ENDS]
    if made := [each["circuit_execution_id"] for each in ended if "circuit_execution_id" in each]:
        await begun.automatic(door, made)
    return answer.response()


def counts(arms: Sequence[ArmCount]) -> tuple[Count, ...]:
    """Invalid names each arm that tells neither counts nor sums, or half of both."""
    problems = []
    for place, arm in enumerate(arms):
        kinds = [(arm.exposures, arm.conversions), (arm.n, arm.sum, arm.sum_squares)]
        if sorted(_told(each) for each in kinds) != [0.0, 1.0]:
            problems.append(f"arms.{place}: send exposures and conversions, or n, sum and sum_squares")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_observation", problems=problems)
    return tuple(
        Count(arm.variant_id, arm.n or 0, arm.sum or 0.0, arm.sum_squares or 0.0, arm.share)
        if arm.exposures is None
        else Count(arm.variant_id, arm.exposures, arm.conversions or 0, None, arm.share)
        for arm in arms
    )


def _told(values: Sequence[float | None]) -> float:
    """How much of these was told: nothing, all, or a part."""
    return sum(value is not None for value in values) / len(values)


def replayed(found: experiment_replays.Replay) -> dict[str, Any]:
    return {
        "experiment_id": found.experiment_id,
        "is_same": found.is_same,
        "batches": found.batches,
        "changed_batches": list(found.changed_batches),
        "decisions": [
            {
                "circuit_execution_id": each.id,
                **{name: getattr(each, name) for name in ("evaluation", "label", "decision", "confidence")},
                "differences": {name: list(pair) for name, pair in each.differences.items()},
            }
            for each in found.decisions
        ],
    }


def _one(session: Session, row: Row, note: str = "") -> Answer:
    session.flush()
    return answers.ok(shapes.shapes(session, [row], note)[0])
