"""What a test taught: why a text lost, what did better, and what is known so far of texts that people like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain import content, feedback
from regrow.domain.experiments.metrics import METRICS
from regrow.domain.rewriting import Rewriting
from regrow.domain.writing import Earlier
from regrow.kit import plain
from regrow.services import editing
from regrow.services import feedback as ratings
from regrow.store import circuits as store
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store import records
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentDecision
from regrow.store.tenancy import Session

MOST_COMPARED = 200
"""Newest winners, and newest losers, of all tests."""
MOST_PATTERNS = 12
SIDES = ("winning", "losing")


@dataclass(frozen=True, slots=True)
class Lesson:
    """The losing text, those of its test that did better, and what is told of both."""

    lost: Variant
    won: tuple[Variant, ...]
    rewriting: Rewriting

    def replaced(self, platform: str) -> tuple[Earlier, ...]:
        """What a new text must differ from: the one that lost comes first."""
        return tuple(
            Earlier(str(row.content.get("body", "")), platform, content.title_of(row.content))
            for row in (self.lost, *self.won)
        )


def learned(session: Session, event: Event, medium: str) -> dict[str, Any]:
    """What is known when a regeneration is reviewed, as it is put down with the event for everybody after that."""
    test = editing.found(session, Experiment, event.ab_test_id, "experiment")
    arms = experiment_store.arms(session, [test.id])[test.id]
    parent_id = event.parent_variant_id
    better = [arm for arm in arms if arm.outcome in ("", "winner") and arm.variant_id != parent_id]
    newest = experiment_store.newest_evaluation(session, [test.id])[test.id]
    decision = records.get(session, ExperimentDecision, event.circuit_execution_id)
    told = Rewriting(medium, _why(test, event, decision), _better(test, newest, better), patterns(session))
    return {**plain.as_json(told), "won": [arm.variant_id for arm in better]}


def recalled(session: Session, event: Event) -> Lesson:
    """What was put down, with the texts that it speaks of."""
    told = dict((event.cx08_approval_signal or {})["lesson"])
    won = told.pop("won")
    found = content_store.variants(session, [event.parent_variant_id, *won])
    texts = tuple(found[id] for id in won)
    return Lesson(found[event.parent_variant_id], texts, plain.from_json(Rewriting, told))


def patterns(session: Session) -> tuple[str, ...]:
    """What people's ratings and earlier tests say of texts; nothing where there is too little to compare."""
    won, lost = (store.decided(session, verdict, MOST_COMPARED) for verdict in ("promote", "terminate"))
    tested = feedback.InCommon((), ())
    if min(len(won), len(lost)) >= feedback.LEAST:
        tested = feedback.in_common(_texts(session, won), _texts(session, lost), SIDES)
    rated = ratings.both(session)
    told = [each for side in (tested.high, rated.high, tested.low, rated.low) for each in side]
    return tuple(each for each in told if not each.startswith(feedback.NOTHING))[:MOST_PATTERNS]


def _texts(session: Session, variant_ids: Sequence[str]) -> list[feedback.Text]:
    variants = content_store.variants(session, variant_ids)
    pieces = {row.id: row for row in content_store.pieces(session, {row.piece_id for row in variants.values()})}
    return [
        feedback.Text(
            medium=pieces[row.piece_id].medium,
            body=str(row.content.get("body", "")),
            title=content.title_of(row.content),
            platform=str(pieces[row.piece_id].meta.get("platform") or ""),
            angle=str(row.content.get("angle") or ""),
            hashtags=tuple(map(str, row.content.get("hashtags") or ())),
        )
        for row in variants.values()
    ]


def _why(test: Experiment, event: Event, decision: ExperimentDecision | None) -> str:
    """The recorded reason, and what the request says beside it."""
    said = [event.termination_reason]
    if decision is not None:
        counts = f", seen by {decision.n:,} readers" if decision.n is not None else ""
        measured = f"{_metric(test)}: {decision.delta:+.1%} against its reference{counts}."
        said = list(dict.fromkeys([measured, decision.reason, event.termination_reason]))
    return "\n".join(each for each in said if each)


def _better(test: Experiment, newest: Sequence[ExperimentDecision], won: Sequence[ExperimentArm]) -> str:
    """The rates of the texts that did better, as the newest evaluation has them."""
    by_id = {row.variant_id: row for row in newest}
    return "\n".join(
        f"{row.label}: {found.conversions / found.n:.4g} for each of {found.n:,} readers ({_metric(test)})."
        for row in won
        if (found := by_id.get(row.variant_id)) is not None and found.n and found.conversions is not None
    )


def _metric(test: Experiment) -> str:
    return test.metric if test.metric in METRICS else "what was counted"
