"""One evaluation of an experiment over HTTP, against the same rows read and one call into NumPy."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import numpy as np
from sqlalchemy import select
from starlette.testclient import TestClient

from benchmarks import homes, stored_pieces, turns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from regrow.domain.experiments import closure, proportions
from regrow.domain.experiments.observations import Count, Observation
from regrow.kit import clock
from regrow.services import experiment_batches, experiments
from regrow.store import experiments as store
from regrow.store.tables.experiments import ExperimentBatch
from regrow.wiring import faces

BATCHES, ROUNDS, MOST = 720, 12, 3.0
"""A month of hours."""


def run(scale: float = 1.0) -> Result:
    figures = []
    for kind in homes.kinds(scale):
        turns.say(f"evaluations on {kind}")
        with homes.opened(kind) as bench:
            figures.append(_measured(kind, bench, turns.scaled(BATCHES, scale, 20), turns.scaled(ROUNDS, scale, 3)))
    notes = ("Each evaluation finds one new batch, and writes its decisions, the audit and what follows.",)
    return Result("evaluations", tuple(figures), notes)


def _measured(kind: str, bench: Bench, batches: int, rounds: int) -> Figure:
    piece_id = stored_pieces.fill(bench, 1)[0]
    with bench.writing() as session:
        row = experiments.create(session, bench.owner, {"piece_id": piece_id, "metric": "click_rate"})
        arms = [arm.variant_id for arm in store.arms(session, [row.id])[row.id]]
    numbers, start = count(), clock.now() - timedelta(days=60)

    def tell() -> None:
        with bench.writing() as session:
            number = next(numbers)
            counts = tuple(Count(id, 400, 40) for id in arms)
            told = Observation(f"b{number}", start + timedelta(hours=number), counts)
            experiment_batches.observe(session, bench.owner, row.id, told)

    for _ in range(batches):
        tell()
    ours, bare = [], []
    with TestClient(faces.application(bench.home), headers={"Authorization": f"Bearer {bench.api_key}"}) as client:
        for place in range(rounds + 1):
            tell()
            took = turns.seconds(lambda: _evaluate(client, row.id))
            other = turns.seconds(lambda: _bare(bench, row.id))
            if place:  # The first round warms up.
                ours.append(took)
                bare.append(other)
    told = f"rows and NumPy alone, {kind}"
    return Figure(f"evaluation over HTTP, {batches} batches", "s", tuple(ours), tuple(bare), told, MOST)


def _evaluate(client: TestClient, id: str) -> None:
    answer = client.post(f"/api/experiments/{id}/evaluate")
    assert answer.status_code == 200, answer.text


def _bare(bench: Bench, id: str) -> None:
    with bench.reading() as session:
        wanted = select(ExperimentBatch.counts).where(ExperimentBatch.experiment_id == id)
        rows = [counts["arms"] for counts in session.scalars(wanted.order_by(ExperimentBatch.number))]
    told = np.array([[[arm[1], arm[2]] for arm in row] for row in rows], dtype=np.float64)
    closure.losing(proportions.path(told[:, :, 0], told[:, :, 1]))
