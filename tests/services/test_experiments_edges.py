"""Experiments where something is missing or off: few pairs, few values, a piece that was replaced, a clock set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from regrow.domain.experiments.observations import Count, Observation
from regrow.kit import clock, errors
from regrow.services import experiment_arms, experiment_decisions, experiment_replays, experiments
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import experiments as store
from regrow.store import tenancy
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentBatch
from regrow.workflows import schedules
from tests import experiments as made
from tests.experiments import Begun
from tests.homes import Tenant


def row_of(alice: Tenant, begun: Begun) -> Experiment:
    with alice.reading() as session:
        return experiments.found(session, begun.id)


def is_same(alice: Tenant, begun: Begun) -> bool:
    with alice.reading() as session:
        return experiment_replays.replay(session, begun.id).is_same


def pairs(begun: Begun, first: int, until: int) -> list[Observation]:
    """Pairs of slots in which B has a thirtieth of what A has."""
    return [made.batch(begun, number, {"A": (1_000, 300), "B": (1_000, 10)}) for number in range(first, until)]


def test_fewer_than_five_pairs_of_slots_decide_nothing(alice: Tenant) -> None:
    begun = made.begun(alice, evidence="randomised_slots", reference="A", minimum_hours=0)
    for number in range(4):
        made.tell(alice, begun, pairs(begun, number, number + 1))
        found = made.judge(alice, begun)
        assert {row.decision for row in found.values()} == {"continue"}
        assert found["B"].confidence <= 1 - 0.5 ** (number + 1) + 1e-9
    assert found["B"].method == "coin-flipped slot pairs"
    assert "more must be seen" in found["B"].reason
    made.tell(alice, begun, pairs(begun, 4, 6))
    assert made.judge(alice, begun)["B"].decision == "terminate"
    assert is_same(alice, begun)


def test_a_pair_of_which_one_slot_was_seen_alone_counts_for_nothing(alice: Tenant) -> None:
    begun = made.begun(alice, evidence="randomised_slots", minimum_hours=0)
    made.tell(alice, begun, [made.batch(begun, number, {"A": (1_000, 300)}) for number in range(9)])
    assert {row.confidence for row in made.judge(alice, begun).values()} == {0.0}


def test_a_mean_of_few_values_is_held_back_and_says_why(alice: Tenant) -> None:
    """One buyer in a thousand against fifteen: sure enough early, and decided once fifty of each have bought."""
    begun = made.begun(alice, metric="revenue", minimum_hours=0)
    a, b = begun.variants["A"], begun.variants["B"]
    counts = (Count(a, 1_000, 150.0, 1_500.0), Count(b, 1_000, 10.0, 100.0))
    told = [Observation(f"m{n}", made.START + timedelta(hours=n), counts) for n in range(60)]
    made.tell(alice, begun, told[:3])
    found = made.judge(alice, begun)
    assert {row.decision for row in found.values()} == {"continue"}
    assert found["B"].confidence >= 0.95
    assert "an arm has 3 values that count, and 50 are needed" in found["B"].reason
    made.tell(alice, begun, told[3:])
    assert made.judge(alice, begun)["B"].decision == "terminate"
    assert is_same(alice, begun)


def test_the_last_arm_never_loses(alice: Tenant) -> None:
    begun = made.begun(alice)
    applied = []
    for label in "AB":
        told = Elsewhere(begun.variants[label], "terminate", 0.99, -0.5, "randomised", "r", "acme")
        with alice.writing() as session:
            applied.append(experiment_decisions.decide_elsewhere(session, alice.owner, begun.id, told).is_applied)
    assert applied == [True, False]
    with alice.reading() as session:
        assert store.newest_shares(session, [begun.id])[begun.id].shares == {begun.variants["B"]: 1.0}
    assert row_of(alice, begun).status == "running"


def test_a_superseded_piece_takes_nothing_more_and_the_schedule_ends_its_experiment(alice: Tenant) -> None:
    begun = made.begun(alice, "ABC")
    made.tell(alice, begun, made.days(begun, {"A": 0.1, "B": 0.1, "C": 0.02}))
    with alice.writing() as session:
        experiment_arms.change(session, alice.owner, begun.id, remove=begun.variants["B"])
        session.execute(update(Piece).where(Piece.id == begun.piece_id).values(status="superseded"))
    with alice.writing() as session, pytest.raises(errors.Conflict, match="superseded") as caught:
        experiment_arms.change(session, alice.owner, begun.id, add=begun.variants["B"])
    assert caught.value.code == "piece_superseded"
    with tenancy.workspace(alice.id):
        assert [schedules.judge(alice.home.engine, alice.id) for _ in range(2)] == [1, 0]
    row = row_of(alice, begun)
    assert (row.status, row.ended_at is not None) == ("inconclusive", True)
    with pytest.raises(errors.Conflict, match="has ended"):
        made.tell(alice, begun, made.days(begun, {"A": 0.1, "C": 0.1}, first=90))
    with alice.reading() as session:
        assert {row.status for row in session.scalars(select(Variant).filter_by(piece_id=begun.piece_id))} == {"live"}
        last = store.newest_evaluation(session, [begun.id])[begun.id]
    assert {each.decision for each in last} == {"inconclusive"}
    assert is_same(alice, begun)


def test_a_clock_set_back_between_evaluations_turns_no_order_round(
    alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = made.begun(alice, "ABC")
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.10, "C": 0.03}))
    first = made.judge(alice, begun)
    assert first["C"].decision == "terminate"
    back = clock.now() - timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: back)
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.10}, first=40, hours=5))
    made.judge(alice, begun)
    made.tell(alice, begun, made.days(begun, {"A": 0.12, "B": 0.05}, first=50, hours=60))
    last = made.judge(alice, begun)
    assert {label: row.decision for label, row in last.items()} == {"A": "promote", "B": "terminate"}
    with alice.reading() as session:
        shares = [row.at for row in store.shares(session, begun.id)]
        told = [rows[0] for rows in store.evaluations(session, begun.id)]
        arms = store.arms(session, [begun.id])[begun.id]
        batches = session.scalars(select(ExperimentBatch).order_by(ExperimentBatch.number)).all()
        newest = store.newest_evaluation(session, [begun.id])[begun.id]
    assert shares == sorted(shares)
    assert len(shares) == 3
    assert [row.evaluation for row in told] == [1, 2, 3]
    assert [row.at for row in told] == sorted(row.at for row in told)
    assert {row.evaluation for row in newest} == {3}
    assert all(reached(arm) for arm in arms)
    assert [row.number for row in batches] == list(range(1, 96))
    row = row_of(alice, begun)
    assert (row.status, (row.ended_at or back) >= row.started_at) == ("concluded", True)
    assert is_same(alice, begun)


def reached(arm: ExperimentArm) -> bool:
    """Whether it left no sooner than it joined."""
    return arm.left_at is not None and arm.left_at >= arm.joined_at
