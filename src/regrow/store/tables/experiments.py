"""Experiments: variants held against one another, what was seen of them, and every decision with all it rests on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped

_IS_RUNNING = text("status = 'running'")
_IS_ON_SITE = text("status = 'running' AND source = 'site'")


class Experiment(Scoped, Base):
    """`allocation` is the weight of each label as it was declared; what is in force stands in ExperimentShares.

    `source` is `site` when our own site shows the arms and counts, else `outside`. `pulled_until` is up to when visits
    were taken in; `random_seed` draws the shares that go for clicks. `arms_changed` counts arms that came and went.
    """

    __tablename__ = "experiments"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    metric: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(4))
    allocation: Mapped[dict[str, Any]]
    traffic: Mapped[str] = mapped_column(String(20))
    minimum_seconds: Mapped[float]
    maximum_seconds: Mapped[float]
    batch_seconds: Mapped[int]
    dispersion: Mapped[float]
    status: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20))
    is_automatic: Mapped[bool]
    random_seed: Mapped[int]
    arms_changed: Mapped[int]
    pulled_until: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_experiments_piece_id_metric_running",
            "piece_id",
            "metric",
            unique=True,
            sqlite_where=_IS_RUNNING,
            postgresql_where=_IS_RUNNING,
        ),
        Index(
            "uq_experiments_piece_id_on_site",
            "piece_id",
            unique=True,
            sqlite_where=_IS_ON_SITE,
            postgresql_where=_IS_ON_SITE,
        ),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "piece_id", "id"),
        Index(None, "workspace_id", "status", "id"),
    )


class ExperimentArm(Scoped, Base):
    """One variant in an experiment; `number` is its column in the counts of batches. `outcome` is empty while it runs,
    then `loser`, `winner`, or `left` for one that was taken out or that another's win ended.
    """

    __tablename__ = "experiment_arms"
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(4))
    outcome: Mapped[str] = mapped_column(String(20))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("experiment_id", "number"), Index(None, "workspace_id", "variant_id"))


class ExperimentShares(Scoped, Base):
    """Which share of readers each variant was to get from `at` on, by variant id; rows are only added."""

    __tablename__ = "experiment_shares"
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    shares: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)


class ExperimentBatch(Scoped, Base):
    """Counts of one stretch of time; rows are only added, and `number` is the order in which they came.

    `counts["arms"]` holds `[arm's number, exposures, conversions or sum, sum of squares or null, share]` of each arm.
    """

    __tablename__ = "experiment_batches"
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    evidence: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(60))
    counts: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("experiment_id", "batch_id"),)


class ExperimentDecision(Scoped, Base):
    """What was decided about one arm; its id is the circuit execution's. Rows are only added.

    `evaluation` counts evaluations of the experiment, and is empty for what an outside system decided; `facts` holds
    everything that the numbers can be computed from again, given the batches up to `facts["through"]`.
    """

    __tablename__ = "experiment_decisions"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"))
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    evaluation: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(4))
    decision: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[float]
    reached_loser: Mapped[float]
    reached_winner: Mapped[float]
    delta: Mapped[float]
    delta_low: Mapped[float | None]
    delta_high: Mapped[float | None]
    delta_shrunk: Mapped[float | None]
    evidence: Mapped[str] = mapped_column(String(20))
    n: Mapped[int | None] = mapped_column(BigInteger)
    conversions: Mapped[float | None]
    needed: Mapped[int | None] = mapped_column(BigInteger)
    srm: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(60))
    is_applied: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("experiment_id", "evaluation", "variant_id"),
        Index(None, "workspace_id", "experiment_id", "id"),
        Index(None, "workspace_id", "variant_id", "id"),
    )
