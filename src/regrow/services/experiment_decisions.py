"""Decisions about arms: evaluated from the counts, or told by outside systems; recorded for good, then acted upon."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain import experiments as library
from regrow.domain.experiments import ArmDecision, ExperimentFacts
from regrow.domain.experiments.planning import EVIDENCE
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import circuits, editing, experiment_batches, experiment_facts, experiment_posts, experiments
from regrow.store import audit, records
from regrow.store import experiments as store
from regrow.store.experiments import Sent
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentDecision
from regrow.store.tenancy import Session

OURS = "regrow"
VERDICTS = ("continue", "promote", "terminate", "inconclusive", "invalid")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A decision as an outside system tells it."""

    variant_id: str
    decision: str
    confidence: float
    delta: float
    evidence: str
    reason: str
    source: str


def evaluate(session: Session, actor: Actor, id: str) -> list[ExperimentDecision]:
    """Takes in what the site counted, judges every arm, records it and acts on it.

    Without anything new since the last evaluation, and after the end, it gives that one's decisions and writes nothing.
    """
    actor.must(Role.EDITOR)
    return _evaluated(session, actor, experiments.locked(session, id), is_ended=False)


def end(session: Session, actor: Actor, id: str) -> list[ExperimentDecision]:
    """Ends an experiment before its time, as inconclusive; ending twice changes nothing."""
    actor.must(Role.EDITOR)
    return _evaluated(session, actor, experiments.locked(session, id), is_ended=True)


def _evaluated(session: Session, actor: Actor, row: Experiment, is_ended: bool) -> list[ExperimentDecision]:
    last = store.newest_evaluation(session, [row.id])[row.id]
    if row.status != "running":
        return last
    experiment_batches.pull(session, row, clock.now())
    sent = store.sent(session, [row.id])[row.id]
    posts = experiment_posts.told(session, row, last)
    is_ended = is_ended or _is_archived(session, row)
    if last and not is_ended and not _is_over(row, clock.now()) and not _is_new(row, last, sent, posts):
        return last
    arms = store.arms(session, [row.id])[row.id]
    told = experiment_facts.settings(row, arms, experiment_facts.reached(last), sent.newest, is_ended)
    told |= {"posts": posts} if posts is not None else {}
    facts = experiment_facts.facts(told, _counted(session, row))
    number = ((last[0].evaluation or 0) if last else 0) + 1
    # A clock that was set back must not put an evaluation before the one before it.
    at = max(clock.now(), last[0].at) if last else clock.now()
    made = [_recorded(row, each, number, told, actor, at) for each in library.decide(facts)]
    session.add_all(made)
    session.flush()
    if any(each.decision != "continue" for each in made):
        _act(session, actor, row, arms, made)
        _share_anew(session, row, facts)
    elif row.traffic == "clicks":
        _share_anew(session, row, facts)
    experiments.touch(row)
    verdicts = {each.label: each.decision for each in made}
    audit.add(session, actor, "experiment.evaluated", row.id, evaluation=number, decisions=verdicts, status=row.status)
    return made


def is_due(session: Session, row: Experiment, now: datetime) -> bool:
    """Whether an evaluation would do anything: something was counted, arms changed, or its time is over."""
    last = store.newest_evaluation(session, [row.id])[row.id]
    sent = store.sent(session, [row.id])[row.id]
    if _is_over(row, now) or _is_archived(session, row):
        return True
    posts = experiment_posts.told(session, row, last)
    if (last or sent.batches or (posts and posts["arms"])) and _is_new(row, last, sent, posts):
        return True
    return row.source == experiment_batches.SITE and experiment_batches.has_more(session, row, now)


def decide_elsewhere(session: Session, actor: Actor, id: str, told: Elsewhere) -> ExperimentDecision:
    """Records what an outside system decided, whatever it is, and acts on it as far as it would on one of ours."""
    actor.must(Role.REVIEWER)
    row = experiments.locked(session, id)
    arms = store.arms(session, [id])[id]
    arm = next((each for each in arms if each.variant_id == told.variant_id), None)
    _refuse_bad(told, arm is not None)
    found = arm or arms[0]
    live = [each for each in arms if not each.outcome]
    is_applied = row.status == "running" and found in live and may_act(told.decision, told, len(live))
    made = ExperimentDecision(
        id=ids.new("cxe"),
        experiment_id=id,
        variant_id=found.variant_id,
        label=found.label,
        **{name: getattr(told, name) for name in ("decision", "confidence", "delta", "evidence", "reason", "source")},
        reached_loser=0.0,
        reached_winner=0.0,
        method="decided elsewhere",
        is_applied=is_applied,
        facts={},
        by=actor.id,
        at=clock.now(),
    )
    session.add(made)
    session.flush()
    if is_applied:
        _act(session, actor, row, arms, [made])
        _share_anew(session, row, None)
        row.arms_changed += 1
        experiments.touch(row)
    audit.add(session, actor, "experiment.decided_elsewhere", id, decision_id=made.id, source=told.source)
    return made


def may_act(decision: str, told: Any, live: int) -> bool:
    """Whether a decision is one to act upon: sure enough, in its own direction, randomised, and somebody stays."""
    if told.confidence < library.DECIDES_AT or told.evidence == experiment_facts.WEAKEST:
        return False
    if decision == "terminate":
        return bool(told.delta < 0) and live > 1
    return decision == "promote" and bool(told.delta > 0)


def _refuse_bad(told: Elsewhere, is_arm: bool) -> None:
    problems = [] if is_arm else [f"variant_id: {told.variant_id[:60]!r} is no arm of this experiment"]
    if told.decision not in VERDICTS:
        problems.append(f"decision: use one of {', '.join(VERDICTS)}")
    if told.evidence not in EVIDENCE:
        problems.append(f"evidence: use one of {', '.join(EVIDENCE)}")
    if not 0 <= told.confidence <= 1:
        problems.append("confidence: a number from 0 to 1")
    if not (math.isfinite(told.delta) and abs(told.delta) <= 1e6):
        problems.append("delta: a number from -1000000 to 1000000, relative to the reference")
    if not told.source.strip() or told.source.strip().lower() == OURS:
        problems.append(f"source: the name of the system that decided, not {OURS}")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_decision", problems=problems)


def _is_new(row: Experiment, last: Sequence[ExperimentDecision], sent: Sent, posts: Mapping[str, Any] | None) -> bool:
    if not last:
        return True
    facts = last[0].facts
    is_counted = facts["through"] != sent.newest or facts["arms_changed"] != row.arms_changed
    return bool(is_counted or experiment_posts.is_changed(facts.get("posts"), posts))


def _is_over(row: Experiment, now: datetime) -> bool:
    return (now - row.started_at).total_seconds() > row.maximum_seconds


def _is_archived(session: Session, row: Experiment) -> bool:
    piece = records.get(session, Piece, row.piece_id)
    return piece is None or piece.status in experiments.ARCHIVED


def _recorded(
    row: Experiment, made: ArmDecision, number: int, told: Mapping[str, Any], actor: Actor, at: datetime
) -> ExperimentDecision:
    same = ("variant_id", "label", "decision", "confidence", "delta", "delta_low", "delta_high", "delta_shrunk")
    more = ("evidence", "n", "conversions", "needed", "reason", "method")
    return ExperimentDecision(
        id=ids.new("cxe"),
        experiment_id=row.id,
        evaluation=number,
        **{name: getattr(made, name) for name in (*same, *more)},
        reached_loser=made.reached.loser,
        reached_winner=made.reached.winner,
        srm={"e_value": made.srm.e_value, "flagged": made.srm.is_flagged},
        source=OURS,
        is_applied=made.decision in ("promote", "terminate"),
        facts=dict(told),
        by=actor.id,
        at=at,
    )


def _act(
    session: Session,
    actor: Actor,
    row: Experiment,
    arms: Sequence[ExperimentArm],
    made: Sequence[ExperimentDecision],
) -> None:
    """Losers leave the traffic, a winner takes it all, and an experiment that cannot go on ends. One that is automatic
    asks for what becomes of its losers; whoever called starts that after the commit (`circuits.automatic`).
    """
    variants = store.variants(session, [arm.variant_id for arm in arms])
    by_id = {arm.variant_id: arm for arm in arms}
    lost = [each for each in made if each.decision == "terminate" and each.is_applied]
    for each in lost:
        _leave(by_id[each.variant_id], "loser")
        _become(variants[each.variant_id], "loser")
        audit.add(session, actor, "variant.lost", each.variant_id, experiment_id=row.id, decision_id=each.id)
    winner = next((each for each in made if each.decision == "promote" and each.is_applied), None)
    verdicts = {each.decision for each in made if each.source == OURS}
    if winner is not None:
        for arm in (arm for arm in arms if not arm.outcome):
            _leave(arm, "winner" if arm.variant_id == winner.variant_id else "left")
            _become(variants[arm.variant_id], "winner" if arm.outcome == "winner" else "superseded")
        audit.add(session, actor, "variant.won", winner.variant_id, experiment_id=row.id, decision_id=winner.id)
        _end(row, "concluded")
    elif verdicts & {"invalid", "inconclusive"}:
        _end(row, "invalid" if "invalid" in verdicts else "inconclusive")
    session.flush()
    for each in lost if row.is_automatic else ():
        circuits.ask_for(session, actor, each)


def _become(variant: Variant, status: str) -> None:
    """A winner of any test stays one, whatever it loses afterwards."""
    if variant.status != "winner":
        variant.status = status


def _leave(arm: ExperimentArm, outcome: str) -> None:
    arm.outcome, arm.left_at = outcome, max(clock.now(), arm.joined_at)


def _end(row: Experiment, status: str) -> None:
    row.status, row.ended_at = status, max(clock.now(), row.started_at)


def _share_anew(session: Session, row: Experiment, facts: ExperimentFacts | None) -> None:
    """A winner gets everybody; else those that are left share, by clicks when that was asked for."""
    arms = store.arms(session, [row.id])[row.id]
    winner = next((arm.variant_id for arm in arms if arm.outcome == "winner"), None)
    if winner is not None:
        experiments.share(session, row, [winner], {winner: 1.0}, "won")
        return
    live = [arm.variant_id for arm in arms if not arm.outcome]
    if facts is None and row.traffic == "clicks":
        facts = experiment_facts.facts(experiment_facts.settings(row, arms, {}, 2**31, False), _counted(session, row))
    totals = _totals(facts) if facts is not None else {}
    if live:
        experiments.share(session, row, live, experiments.weights(row, arms, totals), "evaluated")


def _counted(session: Session, row: Experiment) -> list[store.Counted]:
    return store.counted(session, [row.id])[row.id]


def _totals(facts: ExperimentFacts) -> dict[str, tuple[int, int]]:
    exposures, conversions = facts.batches.exposures.sum(axis=0), facts.batches.conversions.sum(axis=0)
    return {
        arm.variant_id: (int(exposures[place]), int(min(conversions[place], exposures[place])))
        for place, arm in enumerate(facts.arms)
    }


def found_decision(session: Session, id: str) -> ExperimentDecision:
    """A recorded decision by its id, which is its circuit execution's."""
    return editing.found(session, ExperimentDecision, id, "decision")
