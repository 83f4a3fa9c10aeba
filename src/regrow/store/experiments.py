"""Experiments, their arms, shares, batches and decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from regrow.kit import pages
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import (
    Experiment,
    ExperimentArm,
    ExperimentBatch,
    ExperimentDecision,
    ExperimentShares,
)
from regrow.store.tenancy import Session


class Counted(NamedTuple):
    """A batch as evaluations read it."""

    number: int
    at: datetime
    evidence: str
    arms: list[list[float | None]]


class Sent(NamedTuple):
    """Which batches an experiment has: how many, and the last number."""

    batches: int
    newest: int


def locked(session: Session, id: str) -> Experiment | None:
    """An experiment, kept from everybody else until the transaction ends."""
    wanted = select(Experiment).where(Experiment.id == id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def page(
    session: Session, limit: int, after: str | None = None, status: str | None = None, piece_id: str | None = None
) -> pages.Page[Experiment]:
    """Oldest first."""
    wanted = select(Experiment).order_by(Experiment.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Experiment.id > after)
    if status is not None:
        wanted = wanted.where(Experiment.status == status)
    if piece_id is not None:
        wanted = wanted.where(Experiment.piece_id == piece_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def running(session: Session) -> list[Experiment]:
    return list(session.scalars(select(Experiment).where(Experiment.status == "running").order_by(Experiment.id)))


def of_piece(session: Session, piece_id: str, status: str) -> list[Experiment]:
    wanted = select(Experiment).where(Experiment.piece_id == piece_id, Experiment.status == status)
    return list(session.scalars(wanted.order_by(Experiment.id)))


def lost_in(session: Session, piece_id: str, variant_id: str) -> list[Experiment]:
    """The experiments that this variant lost, oldest first."""
    wanted = select(Experiment).join(ExperimentArm, ExperimentArm.experiment_id == Experiment.id)
    wanted = wanted.where(Experiment.piece_id == piece_id, ExperimentArm.variant_id == variant_id)
    return list(session.scalars(wanted.where(ExperimentArm.outcome == "loser").order_by(Experiment.id)))


def losses(session: Session, variant_ids: Collection[str]) -> dict[str, ExperimentDecision]:
    """By variant: the last decision by which it lost."""
    row = ExperimentDecision
    wanted = select(row).where(row.variant_id.in_(variant_ids), row.decision == "terminate", row.is_applied)
    return {each.variant_id: each for each in session.scalars(wanted.order_by(row.at, row.id))}


def arms(session: Session, experiment_ids: Collection[str]) -> dict[str, list[ExperimentArm]]:
    """All arms there ever were, by experiment, in the order of their columns."""
    wanted = select(ExperimentArm).where(ExperimentArm.experiment_id.in_(experiment_ids))
    found: dict[str, list[ExperimentArm]] = {id: [] for id in experiment_ids}
    for row in session.scalars(wanted.order_by(ExperimentArm.number)):
        found[row.experiment_id].append(row)
    return found


def shares(session: Session, experiment_id: str) -> list[ExperimentShares]:
    """Every change of shares, oldest first."""
    wanted = select(ExperimentShares).where(ExperimentShares.experiment_id == experiment_id)
    return list(session.scalars(wanted.order_by(ExperimentShares.number)))


def newest_shares(session: Session, experiment_ids: Collection[str]) -> dict[str, ExperimentShares]:
    """What is in force, by experiment."""
    newest = (
        select(ExperimentShares.experiment_id, func.max(ExperimentShares.number).label("number"))
        .where(ExperimentShares.experiment_id.in_(experiment_ids))
        .group_by(ExperimentShares.experiment_id)
        .subquery()
    )
    is_newest = (ExperimentShares.experiment_id == newest.c.experiment_id) & (
        ExperimentShares.number == newest.c.number
    )
    return {row.experiment_id: row for row in session.scalars(select(ExperimentShares).join(newest, is_newest))}


def on_site(session: Session, piece_id: str) -> dict[str, float]:
    """The share of each variant of a piece on the site, by its newest experiment there; empty when it has none."""
    wanted = select(Experiment.id).where(Experiment.piece_id == piece_id, Experiment.source == "site")
    id = session.scalars(wanted.order_by(Experiment.id.desc()).limit(1)).first()
    found = newest_shares(session, [id]).get(id) if id is not None else None
    return dict(found.shares) if found is not None else {}


def batch(session: Session, experiment_id: str, batch_id: str) -> ExperimentBatch | None:
    wanted = select(ExperimentBatch).where(ExperimentBatch.experiment_id == experiment_id)
    return session.scalars(wanted.where(ExperimentBatch.batch_id == batch_id)).first()


def batches(session: Session, experiment_id: str) -> list[ExperimentBatch]:
    """All of them, in the order in which they came."""
    wanted = select(ExperimentBatch).where(ExperimentBatch.experiment_id == experiment_id)
    return list(session.scalars(wanted.order_by(ExperimentBatch.number)))


def sent(session: Session, experiment_ids: Collection[str]) -> dict[str, Sent]:
    """By experiment; those without a batch are there too."""
    number = ExperimentBatch.number
    wanted = select(ExperimentBatch.experiment_id, func.count(number), func.max(number))
    wanted = wanted.where(ExperimentBatch.experiment_id.in_(experiment_ids)).group_by(ExperimentBatch.experiment_id)
    found = {id: Sent(batches, newest) for id, batches, newest in session.execute(wanted)}
    return {id: found.get(id, Sent(0, 0)) for id in experiment_ids}


def counted(session: Session, experiment_ids: Collection[str]) -> dict[str, list[Counted]]:
    """The counts of all batches, by experiment, in the order in which they came."""
    row = ExperimentBatch
    wanted = select(row.experiment_id, row.number, row.at, row.evidence, row.counts)
    wanted = wanted.where(row.experiment_id.in_(experiment_ids)).order_by(row.experiment_id, row.number)
    found: dict[str, list[Counted]] = {id: [] for id in experiment_ids}
    for id, number, at, evidence, counts in session.execute(wanted):
        found[id].append(Counted(number, at, evidence, counts["arms"]))
    return found


def decisions(
    session: Session, experiment_id: str, limit: int, after: str | None = None
) -> pages.Page[ExperimentDecision]:
    """Everything that was decided, oldest first, outside systems' too."""
    wanted = select(ExperimentDecision).where(ExperimentDecision.experiment_id == experiment_id)
    if after is not None:
        wanted = wanted.where(ExperimentDecision.id > after)
    found = session.scalars(wanted.order_by(ExperimentDecision.id).limit(limit + 1)).all()
    return pages.cut(found, limit, lambda row: row.id)


def evaluations(session: Session, experiment_id: str) -> list[list[ExperimentDecision]]:
    """The decisions of each evaluation, in their order; those of outside systems are none."""
    row = ExperimentDecision
    wanted = select(row).where(row.experiment_id == experiment_id, row.evaluation.is_not(None))
    found: dict[int, list[ExperimentDecision]] = {}
    for each in session.scalars(wanted.order_by(row.evaluation, row.id)):
        found.setdefault(each.evaluation or 0, []).append(each)
    return list(found.values())


def newest_evaluation(session: Session, experiment_ids: Collection[str]) -> dict[str, list[ExperimentDecision]]:
    """The decisions of the last evaluation, by experiment."""
    row = ExperimentDecision
    newest = (
        select(row.experiment_id, func.max(row.evaluation).label("evaluation"))
        .where(row.experiment_id.in_(experiment_ids))
        .group_by(row.experiment_id)
        .subquery()
    )
    is_newest = (row.experiment_id == newest.c.experiment_id) & (row.evaluation == newest.c.evaluation)
    found: dict[str, list[ExperimentDecision]] = {id: [] for id in experiment_ids}
    for each in session.scalars(select(row).join(newest, is_newest).order_by(row.id)):
        found[each.experiment_id].append(each)
    return found


def variants(session: Session, ids: Sequence[str]) -> dict[str, Variant]:
    """These variants, kept from everybody else until the transaction ends."""
    wanted = select(Variant).where(Variant.id.in_(ids)).order_by(Variant.id).with_for_update()
    return {row.id: row for row in session.scalars(wanted.execution_options(populate_existing=True))}
