"""A process killed while the schedule judges: everything of an evaluation stands, or nothing of it."""

from __future__ import annotations

from sqlalchemy import func, select

from regrow.services import experiment_replays, experiments
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import ExperimentDecision
from tests import experiments as made
from tests.homes import Tenant
from tests.workflows import processes

MOST = 30
PATIENCE = 90.0
"""Seconds that a child may take on a busy machine."""


def test_a_kill_at_any_write_leaves_all_or_nothing(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.05}, hours=2))
    made.judge(alice, begun)
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.05}, first=2))
    kills = 0
    for moment in range(1, MOST):
        child = processes.start(processes.spec(alice, die_after=moment), "tests.workflows.judging")
        _, told = child.communicate(timeout=PATIENCE)
        assert child.returncode in (0, -9), told[-2000:]
        with alice.reading() as session:
            rows = session.scalar(select(func.count(ExperimentDecision.id)))
            status = experiments.found(session, begun.id).status
            variants = sorted(session.scalars(select(Variant.status).where(Variant.piece_id == begun.piece_id)))
        if child.returncode == 0:
            break
        kills += 1
        assert (rows, status, variants) == (2, "running", ["live", "live"])
    assert kills >= 3
    assert (rows, status, variants) == (4, "concluded", ["loser", "winner"])
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same
