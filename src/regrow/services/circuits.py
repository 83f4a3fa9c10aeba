"""Asking for a text that lost to be written again: who may, when it may be, and what is put down of every request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain import families, functions, models
from regrow.domain.circuits import eligibility, gates
from regrow.domain.circuits.eligibility import Facts
from regrow.domain.circuits.requests import Request
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, generations, judging, runs
from regrow.services.runs import Plan
from regrow.store import audit, records, workspaces
from regrow.store import circuits as store
from regrow.store import experiments as experiment_store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentDecision
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

NAME = "circuit"
SETTING = f"{models.SETTING}.{functions.REVIEW.name}"
RUNNING = "A regeneration is already running for this test"
REFUSED = "regeneration.refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that begins nothing: `status` is that of its answer, `violations` as `code: detail`."""

    status: int
    error: str
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is about, as it is stored with it. `has_review` and `has_judge`: models are asked there too."""

    event_id: str
    piece_id: str
    generation_id: str
    persona_id: str
    medium: str
    platform: str
    label: str
    seed: int
    has_review: bool
    has_judge: bool

    @classmethod
    def of(cls, run: Run) -> Wanted:
        return cls(**run.request)


def facts(
    session: Session, test_id: str, variant_id: str, decision_id: str | None = None, request: Request | None = None
) -> Facts:
    """What is recorded, and what the request claims. Unknown and foreign ids give the same."""
    stands, recorded = store.stands(session, test_id, variant_id), store.recorded(session, test_id, variant_id)
    named = [each for each in recorded if each.is_termination and decision_id in (None, each.id)]
    decision = named[0] if named and stands.arm is not None else None
    last = stands.last_registered_at
    return Facts(
        is_arm=stands.arm is not None,
        is_winner=stands.arm is not None and "winner" in stands.arm,
        has_termination=decision is not None,
        confidence=decision.confidence if decision is not None else 0.0,
        delta=decision.delta if decision is not None else 0.0,
        evidence=decision.evidence if decision is not None else "",
        is_ratio_off=any(_is_off(each) for each in recorded if not each.is_termination or each is decision),
        registered=stands.registered,
        last_registered_at=clock.aware(last).timestamp() if last is not None else None,
        now=clock.now().timestamp(),
        claimed_confidence=request.confidence_score if request is not None else None,
        claimed_delta=request.performance_delta if request is not None else None,
    )


def _is_off(decision: store.Recorded) -> bool:
    """Whether readers were split in another way than was intended, as a decision saw it."""
    return bool((decision.srm or {}).get("flagged"))


def eligible(session: Session, test_id: str, variant_id: str) -> dict[str, Any]:
    """Whether the variant may be written again, by its newest decision, in the shape of the contract."""
    return eligibility.as_json(facts(session, test_id, variant_id))


def ask(session: Session, actor: Actor, request: Request, event_id: str | None = None) -> Run | Refusal:
    """Begins a regeneration, or says why not; either is audited. The same `event_id` begins nothing twice."""
    actor.must(Role.EDITOR)
    if event_id is not None and (begun := records.get(session, Run, task_of(event_id))) is not None:
        return begun
    test = experiment_store.locked(session, request.ab_test_id)
    found = facts(session, request.ab_test_id, request.losing_variant_id, request.circuit_execution_id, request)
    if broken := eligibility.violations(found):
        return refuse(session, actor, Refusal(403, eligibility.refusal(broken), broken), request)
    if test is None or store.running(session, test.id) is not None:
        return refuse(session, actor, Refusal(409, RUNNING), request)
    return _begun(session, actor, request, test, found, event_id or ids.new("reg"))


def refuse(session: Session, actor: Actor, refusal: Refusal, request: Request | None = None) -> Refusal:
    """Puts a refusal on record; what was sent and cannot be read is not kept."""
    codes = [each.partition(":")[0] for each in refusal.violations]
    named = request.losing_variant_id[:40] if request is not None else "unreadable"
    detail: dict[str, Any] = {"status": refusal.status, "violations": codes}
    if request is not None:
        detail |= {"ab_test_id": request.ab_test_id[:60], "generated_by": request.generated_by}
    audit.add(session, actor, REFUSED, named, "refused", **detail)
    return refusal


def task_of(event_id: str) -> str:
    """The run that belongs to an event."""
    return ids.derived("run", event_id)


def automatic_id(decision_id: str) -> str:
    """The event that a decision asks for by itself: it asks once."""
    return ids.derived("reg", decision_id)


def ask_for(session: Session, actor: Actor, decision: ExperimentDecision) -> Run | Refusal:
    """What a decision to terminate asks for by itself, where its test is automatic. It never breaks the decision."""
    request = of_decision(decision, "automated")
    try:
        # The decision is kept even when the credits do not cover what it asks for.
        with session.begin_nested():
            return ask(session, actor, request, automatic_id(decision.id))
    except errors.RegrowError as error:
        if isinstance(error, errors.Bug):
            raise
        return refuse(session, actor, Refusal(402, error.detail, (f"{error.code}: {error.detail}",)), request)


def of_decision(decision: ExperimentDecision, generated_by: str, instructions: str = "") -> Request:
    """A request that claims exactly what is recorded."""
    return Request(
        ab_test_id=decision.experiment_id,
        losing_variant_id=decision.variant_id,
        circuit_execution_id=decision.id,
        termination_reason=decision.reason.strip() or "terminated",
        confidence_score=decision.confidence,
        performance_delta=decision.delta,
        regeneration_instructions=instructions,
        generated_by=generated_by,
    )


def automatic(session: Session, decisions: Sequence[str]) -> list[Run]:
    """The unfinished runs that these decisions asked for by themselves; whoever decided starts them after commit."""
    found = [records.get(session, Run, task_of(automatic_id(id))) for id in decisions]
    return [run for run in found if run is not None and run.finished_at is None]


def reviewers(session: Session) -> str:
    """The models whose opinion is asked before anything is written; empty without any, and then rules alone review."""
    found = workspaces.settings(session).values.get(SETTING)
    return families.others_first(found, "") if isinstance(found, str) else ""


def persona_of(piece: Piece, generation: Generation) -> str:
    return str(piece.provenance.get("persona_id") or generation.persona_id)


def _begun(session: Session, actor: Actor, request: Request, test: Experiment, found: Facts, event_id: str) -> Run:
    piece = editing.found(session, Piece, test.piece_id, "piece")
    generation = editing.found(session, Generation, piece.generation_id, "generation")
    parent = editing.found(session, Variant, request.losing_variant_id, "variant")
    wanted = Wanted(
        event_id=event_id,
        piece_id=piece.id,
        generation_id=generation.id,
        persona_id=persona_of(piece, generation),
        medium=piece.medium,
        platform=str(piece.meta.get("platform") or ""),
        label=parent.label,
        seed=int(ids.derived("reg", event_id)[4:11], 16),
        has_review=bool(reviewers(session)),
        has_judge=bool(judging.named(session)),
    )
    session.add(_event(request, found, event_id))
    session.flush()
    plan = _plan(session, wanted, generation)
    run = runs.begin(session, actor, plan, task_of(event_id))
    audit.add(
        session,
        actor,
        "regeneration.initiated",
        event_id,
        ab_test_id=test.id,
        parent_variant_id=parent.id,
        circuit_execution_id=request.circuit_execution_id,
        generated_by=request.generated_by,
    )
    return run


def _event(request: Request, found: Facts, event_id: str) -> Event:
    now = clock.now()
    return Event(
        id=event_id,
        ab_test_id=request.ab_test_id,
        parent_variant_id=request.losing_variant_id,
        status="initiated",
        initiated_at=now,
        circuit_execution_id=request.circuit_execution_id,
        termination_reason=request.termination_reason,
        confidence_score=request.confidence_score,
        performance_delta=request.performance_delta,
        cx08_approval_signal={"eligibility": gates.asked(found)},
        regeneration_instructions=request.regeneration_instructions or None,
        generated_by=request.generated_by,
        created_at=now,
    )


def _plan(session: Session, wanted: Wanted, generation: Generation) -> Plan:
    persona = editing.found(session, Persona, wanted.persona_id, "persona")
    writing = writer_of(wanted.medium)
    price = generations.price_of(persona, [functions.BY_MEDIUM.get(wanted.medium, writing)], 1, 1)
    asked: list[Function] = [writing]
    if wanted.has_review:
        asked, price = [functions.REVIEW, *asked], price + functions.REVIEW.price(0, 1, 1)
    if wanted.has_judge:
        asked, price = [*asked, functions.JUDGE], price + functions.JUDGE.price(0, 1, 1)
    stored = {name: getattr(wanted, name) for name in wanted.__slots__}
    inputs = {"event_id": wanted.event_id, "piece_id": wanted.piece_id, "note_ids": generation.cluster_note_ids}
    return Plan(NAME, asked, stored, price, inputs, len(generation.cluster_note_ids))


def writer_of(medium: str) -> Function:
    """The function of a medium; of one that cannot be written, which the review refuses, as it stands."""
    return functions.REGENERATIONS.get(medium, functions.REGENERATE_VARIANT)
