"""Checking triggers: many at once without a lock, then each that is met under one, so that it fires once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow.domain import functions
from regrow.domain import regenerating as regeneration_rules
from regrow.domain.triggers import conditions
from regrow.domain.triggers import facts as fact_rules
from regrow.domain.triggers.counting import Seen
from regrow.domain.triggers.facts import Facts
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import editing, generations, personas, regenerating, runs, trigger_facts, trigger_runs, triggers
from regrow.services.runs import Plan
from regrow.store import audit
from regrow.store import triggers as store
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.personas import Persona
from regrow.store.tables.runs import Run
from regrow.store.tables.triggers import Trigger
from regrow.store.tenancy import Session

OPEN = ("approved", "published")
"""Statuses of a piece that a trigger may fire on: a new text of any other waits for a person already, or for nobody."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What checking one trigger came to: a `run` when it fired, a `reason` when it was skipped, else nothing."""

    piece_id: str
    triggered: tuple[str, ...] = ()
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    run: Run | None = None
    reason: str = ""

    @property
    def is_met(self) -> bool:
        return bool(self.triggered)


def refuse_campaign(session: Session, actor: Actor, campaign_id: str | None) -> None:
    """Raises unless the actor may check, and the campaign, if one is named, is one of theirs."""
    actor.must(Role.EDITOR)
    if campaign_id is not None:
        editing.found(session, Campaign, campaign_id, "campaign")


def look(session: Session, rows: Sequence[Trigger]) -> list[Outcome]:
    """What each of these triggers would come to now; writes nothing, in a constant number of queries."""
    found = trigger_facts.seen(session, [row.piece_id for row in rows], clock.now())
    return [_judged(row, found[row.piece_id]) for row in rows]


def fire(session: Session, actor: Actor, piece_id: str) -> Outcome:
    """Begins the run of a piece's trigger if it is still met, all in this transaction; whoever calls starts it once
    that is committed. Who was not first finds it firing, or gone.
    """
    actor.must(Role.EDITOR)
    claimed = store.claim(session, piece_id)
    if claimed is None:
        return Outcome(piece_id, reason="gone: its trigger has fired or was cleared")
    piece, generation, row = claimed
    live = trigger_facts.seen(session, [piece_id], clock.now())[piece_id]
    outcome = _judged(row, live)
    if not outcome.is_met:
        return outcome
    if reason := _held_back(session, piece):
        return Outcome(piece_id, reason=reason)
    facts = trigger_facts.facts(session, piece, triggers.condition_of(row), outcome.triggered, live)
    if not facts.labels:
        return Outcome(piece_id, reason=f"winner_kept: {facts.winner} won its test, and there is no other label")
    run = _begun(session, actor, piece, generation, row, facts)
    return Outcome(piece_id, outcome.triggered, outcome.metrics, run)


def _judged(row: Trigger, live: Sequence[Seen]) -> Outcome:
    if row.status == "firing":
        return Outcome(row.piece_id, reason=f"firing: its run {row.task_id} is at work")
    if row.failures >= triggers.MOST_FAILURES:
        return Outcome(row.piece_id, reason=f"gave_up: its runs failed {row.failures} times, set the trigger again")
    if row.retry_at is not None and row.retry_at > clock.now():
        return Outcome(row.piece_id, reason=f"waits: its run failed, it is tried again at {clock.iso(row.retry_at)}")
    verdict = conditions.judged(triggers.condition_of(row), live)
    if verdict.reason:
        return Outcome(row.piece_id, reason=verdict.reason)
    return Outcome(row.piece_id, verdict.triggered, {each.label: _shown(each.metrics) for each in live})


def _shown(metrics: dict[str, float]) -> dict[str, float]:
    """Counts are whole numbers; the rate is told with the digits that mean something."""
    return {name: int(value) if float(value).is_integer() else round(value, 4) for name, value in metrics.items()}


def _held_back(session: Session, piece: Piece) -> str:
    """Why a condition that is met has no consequence."""
    if piece.status not in OPEN:
        return f"not_out: the piece is {piece.status}, decide on it first"
    if trigger_facts.has_waiting(session, piece):
        return "new_text_waits: a new text of this piece waits for approval"
    if piece.medium not in functions.BY_MEDIUM:
        return f"medium_not_written: {piece.medium} is written by hand here"
    return ""


def _begun(session: Session, actor: Actor, piece: Piece, generation: Generation, row: Trigger, facts: Facts) -> Run:
    cluster = regenerating.cluster_of(session, generation)
    regeneration_rules.refuse_thin(cluster)
    persona = personas.chosen(session, piece.provenance.get("persona_id") or generation.persona_id)
    row.firings += 1
    wanted = trigger_runs.Request(
        trigger_id=row.id,
        piece_id=piece.id,
        generation_id=generation.id,
        version=piece.version,
        persona_id=persona.id,
        medium=piece.medium,
        platform=str(piece.meta.get("platform", "")) if piece.medium == "social" else "",
        labels=facts.labels,
        facts=fact_rules.as_json(facts),
    )
    task_id = ids.derived("run", row.id, str(row.firings))
    run = runs.begin(session, actor, _plan(wanted, persona, generation, cluster.left), task_id)
    row.status, row.task_id, row.fired_at = "firing", run.id, clock.now()
    metrics = {each.label: _shown(each.metrics) for each in facts.seen}
    triggers.record(session, actor, row, "fired", triggered=list(facts.triggered), metrics=metrics, task_id=run.id)
    audit.add(session, actor, "trigger.fired", row.id, piece_id=piece.id, task_id=run.id)
    return run


def _plan(wanted: trigger_runs.Request, persona: Persona, generation: Generation, left: int) -> Plan:
    """Priced as the analysis and one text for each label."""
    writing = functions.BY_MEDIUM[wanted.medium]
    price = functions.ANALYSE.price(0, 1, 1)
    price += generations.price_of(persona, [writing], len(wanted.labels), 1)
    inputs: dict[str, Any] = {
        "piece_id": wanted.piece_id,
        "trigger_id": wanted.trigger_id,
        "version": wanted.version,
        "note_ids": generation.cluster_note_ids,
    }
    calls = [functions.ANALYSE, writing]
    return Plan(trigger_runs.NAME, calls, trigger_runs.as_json(wanted), price, inputs, left)
