"""Regenerations: what their eligibility rests on, the attempts of a test, and which text came of which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, update

from regrow.domain.circuits.guardrails import DEEPEST, RUNNING
from regrow.kit import pages
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.circuits import ContentVariantLineage as Lineage
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import ExperimentArm, ExperimentDecision
from regrow.store.tenancy import Session

# Built once, because every request asks them and building them takes longer than running them.
_ARM = (
    select(ExperimentArm.outcome, Variant.status)
    .join(Variant, Variant.id == ExperimentArm.variant_id)
    .where(ExperimentArm.experiment_id == bindparam("test_id"), ExperimentArm.variant_id == bindparam("variant_id"))
)
_TERMINATIONS = (
    select(ExperimentDecision)
    .where(
        ExperimentDecision.experiment_id == bindparam("test_id"),
        ExperimentDecision.variant_id == bindparam("variant_id"),
        ExperimentDecision.decision == "terminate",
    )
    .order_by(ExperimentDecision.is_applied.desc(), ExperimentDecision.id.desc())
    .limit(1)
)
_TERMINATION = _TERMINATIONS.where(ExperimentDecision.id == bindparam("decision_id"))
_STANDS = select(
    func.count(Event.id),
    func.max(Event.completed_at),
    _ARM.with_only_columns(ExperimentArm.outcome).scalar_subquery(),
    _ARM.with_only_columns(Variant.status).scalar_subquery(),
).where(Event.ab_test_id == bindparam("test_id"), Event.status == "registered")
_NEWEST = (
    select(func.max(ExperimentDecision.evaluation))
    .where(ExperimentDecision.experiment_id == bindparam("test_id"))
    .scalar_subquery()
)
_IS_TERMINATION = and_(
    ExperimentDecision.variant_id == bindparam("variant_id"), ExperimentDecision.decision == "terminate"
)
_RECORDED = (
    select(
        ExperimentDecision.id,
        ExperimentDecision.confidence,
        ExperimentDecision.delta,
        ExperimentDecision.evidence,
        ExperimentDecision.srm,
        _IS_TERMINATION,
    )
    .where(
        ExperimentDecision.experiment_id == bindparam("test_id"),
        or_(_IS_TERMINATION, ExperimentDecision.evaluation == _NEWEST),
    )
    .order_by(ExperimentDecision.is_applied.desc(), ExperimentDecision.id.desc())
)
_RUNNING = select(Event.id).where(Event.ab_test_id == bindparam("test_id"), Event.status.in_(RUNNING))


class Standing(NamedTuple):
    """An arm of a test: what became of it there, and its text's status."""

    outcome: str
    status: str


def standing(session: Session, test_id: str, variant_id: str) -> Standing | None:
    """None for a variant that is no arm of this test, and for tests that are not here."""
    row = session.execute(_ARM, {"test_id": test_id, "variant_id": variant_id}).first()
    return None if row is None else Standing(*row)


def termination(
    session: Session, test_id: str, variant_id: str, decision_id: str | None = None
) -> ExperimentDecision | None:
    """The decision of this id that ends the variant's part in the test; without an id the newest that was applied."""
    given = {"test_id": test_id, "variant_id": variant_id, "decision_id": decision_id}
    return session.scalars(_TERMINATIONS if decision_id is None else _TERMINATION, given).first()


class Stands(NamedTuple):
    """How many regenerations of a test were registered, and when the last one was; and how one of its arms stands."""

    registered: int
    last_registered_at: datetime | None
    arm: Standing | None


def stands(session: Session, test_id: str, variant_id: str) -> Stands:
    row = session.execute(_STANDS, {"test_id": test_id, "variant_id": variant_id}).one()
    count, last, outcome, status = row
    return Stands(int(count), last, None if outcome is None else Standing(outcome, status))


class Recorded(NamedTuple):
    """A decision as eligibility reads it."""

    id: str
    confidence: float
    delta: float
    evidence: str
    srm: dict[str, Any] | None
    is_termination: bool


def recorded(session: Session, test_id: str, variant_id: str) -> list[Recorded]:
    """All that terminate this variant, those acted upon first and then the newest, and those of the last evaluation."""
    found = session.execute(_RECORDED, {"test_id": test_id, "variant_id": variant_id})
    return [Recorded(*row) for row in found]


def running(session: Session, test_id: str) -> str | None:
    return session.scalars(_RUNNING, {"test_id": test_id}).first()


def page(
    session: Session, limit: int, after: str | None = None, test_id: str | None = None, status: str | None = None
) -> pages.Page[Event]:
    """Newest first."""
    wanted = select(Event).order_by(Event.id.desc()).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Event.id < after)
    if test_id is not None:
        wanted = wanted.where(Event.ab_test_id == test_id)
    if status is not None:
        wanted = wanted.where(Event.status == status)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def count(session: Session, test_id: str) -> int:
    return session.scalar(select(func.count(Event.id)).where(Event.ab_test_id == test_id)) or 0


def recent(session: Session, test_id: str, most: int) -> list[Event]:
    """The newest attempts of a test, newest first."""
    wanted = select(Event).where(Event.ab_test_id == test_id).order_by(Event.initiated_at.desc(), Event.id.desc())
    return list(session.scalars(wanted.limit(most)))


def locked(session: Session, id: str) -> Event | None:
    """An attempt, kept from everybody else until the transaction ends."""
    wanted = select(Event).where(Event.id == id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def ancestry(session: Session, variant_id: str) -> list[Lineage]:
    """The rows from a text up to the first one it came of, nearest first."""
    return _walked(session, variant_id, Lineage.child_variant_id, Lineage.parent_variant_id)


def descent(session: Session, variant_id: str) -> list[Lineage]:
    """The rows from a text down to everything that came of it, nearest first."""
    return _walked(session, variant_id, Lineage.parent_variant_id, Lineage.child_variant_id)


def _walked(session: Session, variant_id: str, here: Any, there: Any) -> list[Lineage]:
    """Generation by generation, of which there are few."""
    found: list[Lineage] = []
    at = [variant_id]
    for _ in range(DEEPEST + 1):
        rows = list(session.scalars(select(Lineage).where(here.in_(at)).order_by(Lineage.created_at, Lineage.id)))
        found += rows
        at = [getattr(row, there.key) for row in rows]
        if not at:
            break
    return found


def depth(session: Session, variant_id: str) -> int:
    """How often texts were written again to come to this one."""
    wanted = select(func.max(Lineage.depth)).where(Lineage.child_variant_id == variant_id)
    return session.scalar(wanted) or 0


def is_of_test(session: Session, test_id: str, variant_id: str) -> bool:
    """Whether a text came of a regeneration of this test, or was written again in one."""
    wanted = select(Lineage.id).where(Lineage.ab_test_id == test_id)
    wanted = wanted.where((Lineage.child_variant_id == variant_id) | (Lineage.parent_variant_id == variant_id))
    return session.scalars(wanted.limit(1)).first() is not None


def deactivate(session: Session, child_variant_id: str) -> None:
    """A text that will not take its parent's place; the row stays."""
    session.execute(update(Lineage).where(Lineage.child_variant_id == child_variant_id).values(is_active=False))


def decided(session: Session, verdict: str, most: int) -> Sequence[str]:
    """The variants of the newest decisions of this kind that were acted upon, newest first."""
    row = ExperimentDecision
    wanted = select(row.variant_id).where(row.decision == verdict, row.is_applied).order_by(row.id.desc()).limit(most)
    return list(dict.fromkeys(session.scalars(wanted)))
