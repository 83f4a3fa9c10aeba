"""Totals, confidences and replays of experiments: the same in any order, however often, and whoever races."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from regrow.domain.experiments.observations import Count, Observation
from regrow.domain.workspaces import Role
from regrow.services import experiment_decisions, experiment_replays
from regrow.store import experiments as store
from regrow.store.tables.experiments import ExperimentBatch, ExperimentDecision
from tests import experiments as made
from tests.homes import Tenant

GOOD, BAD = 0.10, 0.05


@given(dice=st.randoms(use_true_random=False))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_order_and_repetition_gives_the_same_totals(alice: Tenant, dice: random.Random) -> None:
    begun = made.begun(alice)
    batches = made.days(begun, {"A": GOOD, "B": 0.09}, hours=12)
    told = [*batches, *dice.choices(batches, k=8)]
    dice.shuffle(told)
    assert sum(made.tell(alice, begun, told)) == 8
    found = made.judge(alice, begun)
    for label, row in found.items():
        mine = [each for batch in batches for each in batch.counts if each.variant_id == begun.variants[label]]
        assert (row.n, row.conversions) == (sum(e.exposures for e in mine), sum(e.total for e in mine))
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same


@given(rates=st.tuples(st.floats(0.02, 0.2), st.floats(0.02, 0.2), st.floats(0.02, 0.2)), seed=st.integers(0, 999))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_confidence_reached_never_falls_and_replays(
    alice: Tenant, rates: tuple[float, float, float], seed: int
) -> None:
    dice = random.Random(seed)
    begun = made.begun(alice, "ABC", minimum_hours=720)
    reached: dict[str, tuple[float, float]] = {}
    for number in range(6):
        counts = {
            label: (200, sum(dice.random() < rate for _ in range(200)))
            for label, rate in zip("ABC", rates, strict=True)
        }
        made.tell(alice, begun, [made.batch(begun, number, counts)])
        found = made.judge(alice, begun)
        for label, row in found.items():
            before = reached.get(label, (0.0, 0.0))
            assert (row.reached_loser >= before[0], row.reached_winner >= before[1]) == (True, True)
            assert row.confidence == (row.reached_loser if row.delta < 0 else row.reached_winner) or row.delta == 0
            reached[label] = (row.reached_loser, row.reached_winner)
    with alice.reading() as session:
        replay = experiment_replays.replay(session, begun.id)
    assert replay.is_same
    assert len(replay.decisions) == 18


def test_twenty_that_race_record_one_set(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": BAD}))

    def evaluate(_number: int) -> list[str]:
        with alice.writing() as session:
            return [row.id for row in experiment_decisions.evaluate(session, alice.owner, begun.id)]

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(evaluate, range(20)))
    assert len({tuple(ids) for ids in found}) == 1
    with alice.reading() as session:
        assert session.scalar(select(func.count(ExperimentDecision.id))) == 2


def test_batches_that_race_are_each_taken_once(alice: Tenant) -> None:
    begun = made.begun(alice)
    batches = made.days(begun, {"A": GOOD, "B": GOOD}, hours=15)
    with ThreadPoolExecutor(15) as pool:
        found = list(pool.map(lambda each: made.tell(alice, begun, [each])[0], batches * 3))
    assert found.count(False) == 15
    with alice.reading() as session:
        assert [row.number for row in store.batches(session, begun.id)] == list(range(1, 16))


def test_ten_thousand_batches_are_judged_and_replayed(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, [made.batch(begun, 0, {"A": (100, 10), "B": (100, 10)})])
    with alice.writing() as session:
        first = store.batches(session, begun.id)[0]
        names = ("experiment_id", "evidence", "source", "counts", "received_at")
        same = {name: getattr(first, name) for name in names}
        session.add_all(
            ExperimentBatch(**same, number=number, batch_id=f"b{number}", at=first.at, digest=first.digest)
            for number in range(2, 10_001)
        )
    found = made.judge(alice, begun)
    assert (found["A"].n, found["A"].conversions, found["A"].decision) == (1_000_000, 100_000.0, "continue")
    with alice.reading() as session:
        replay = experiment_replays.replay(session, begun.id)
    assert (replay.batches, replay.is_same) == (10_000, True)


def test_a_billion_readers_a_batch_are_counted_exactly(alice: Tenant) -> None:
    begun = made.begun(alice)
    most = {"A": (10**9, 10**8), "B": (10**9, 10**8 - 10**6)}
    made.tell(alice, begun, [made.batch(begun, number, most) for number in range(30)])
    found = made.judge(alice, begun)
    assert (found["A"].n, found["B"].conversions) == (30 * 10**9, 30.0 * (10**8 - 10**6))
    assert found["B"].decision == "terminate"
    assert found["B"].confidence == 1.0
    assert abs(found["B"].delta + 0.01) < 1e-6


def test_a_mean_is_judged_from_sums(alice: Tenant) -> None:
    begun = made.begun(alice, metric="read_time")
    a, b = begun.variants["A"], begun.variants["B"]
    told = (Count(a, 400, 40_000.0, 4_400_000.0), Count(b, 400, 36_000.0, 3_600_000.0))
    batches = [Observation(f"m{n}", made.batch(begun, n, {"A": (1, 1)}).at, told) for n in range(30)]
    made.tell(alice, begun, batches)
    found = made.judge(alice, begun)
    assert {label: row.decision for label, row in found.items()} == {"A": "promote", "B": "terminate"}
    assert abs(found["B"].delta + 0.1) < 0.01


def test_a_changed_batch_and_a_changed_number_are_found(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": 0.09}, hours=4))
    made.judge(alice, begun)
    with alice.reading() as session, session.no_autoflush:
        rows = store.batches(session, begun.id)
        rows[1].counts = {"arms": [[0, 400, 1, None, 0.5], [1, 400, 1, None, 0.5]]}
        store.evaluations(session, begun.id)[0][0].confidence = 0.5
        replay = experiment_replays.replay(session, begun.id)
        session.rollback()
    assert not replay.is_same
    assert replay.changed_batches == ("b1",)
    assert replay.decisions[0].differences["confidence"][0] == 0.5


def test_an_editor_ends_it_and_twice_changes_nothing(alice: Tenant) -> None:
    begun = made.begun(alice)
    for _ in range(2):
        with alice.writing() as session:
            found = experiment_decisions.end(session, alice.actor(Role.EDITOR), begun.id)
        assert {row.decision for row in found} == {"inconclusive"}
    with alice.reading() as session:
        assert session.scalar(select(func.count(ExperimentDecision.id))) == 2


def test_a_batch_may_tell_its_own_shares(alice: Tenant) -> None:
    begun = made.begun(alice)
    told = tuple(
        Count(begun.variants[label], n, n // 10, None, share) for label, n, share in (("A", 900, 0.9), ("B", 100, 0.1))
    )
    batches = [Observation(f"s{n}", made.START + timedelta(hours=n), told) for n in range(30)]
    assert made.tell(alice, begun, batches + batches[:1]) == [False] * 30 + [True]
    assert {row.decision for row in made.judge(alice, begun).values()} == {"continue"}
