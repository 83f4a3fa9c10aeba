"""Experiments on pieces straight in the database, and batches told of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from regrow.domain.experiments.observations import Count, Observation
from regrow.services import experiment_batches, experiment_decisions, experiments
from regrow.store.tables.experiments import ExperimentDecision
from tests import visits as seen
from tests.homes import Tenant

START = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Begun:
    """An experiment with its piece's variants by label."""

    id: str
    piece_id: str
    variants: dict[str, str]


def begun(tenant: Tenant, labels: str = "AB", **asked: Any) -> Begun:
    shown = seen.piece(tenant, labels)
    with tenant.writing() as session:
        made = {"piece_id": shown.piece_id, "metric": "click_rate", "minimum_hours": 24, **asked}
        row = experiments.create(session, tenant.owner, made)
    return Begun(row.id, shown.piece_id, shown.variants)


def batch(made: Begun, number: int, counts: dict[str, tuple[int, int]], **more: Any) -> Observation:
    """Counts by label, an hour after the batch before."""
    told = tuple(Count(made.variants[label], n, x) for label, (n, x) in counts.items())
    return Observation(f"b{number}", START + timedelta(hours=number), told, **more)


def tell(tenant: Tenant, made: Begun, batches: Sequence[Observation]) -> list[bool]:
    with tenant.writing() as session:
        return [experiment_batches.observe(session, tenant.owner, made.id, each) for each in batches]


def judge(tenant: Tenant, made: Begun) -> dict[str, ExperimentDecision]:
    with tenant.writing() as session:
        return {row.label: row for row in experiment_decisions.evaluate(session, tenant.owner, made.id)}


def days(
    made: Begun, rates: dict[str, float], hours: int = 30, readers: int = 400, first: int = 0
) -> list[Observation]:
    """Hourly batches with about these rates, always the same ones."""
    dice = random.Random(7)
    found = []
    for number in range(first, first + hours):
        counts = {label: (readers, round(readers * rate) + dice.choice((-1, 0, 1))) for label, rate in rates.items()}
        found.append(batch(made, number, counts))
    return found
