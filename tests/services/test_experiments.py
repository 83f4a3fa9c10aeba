"""Experiments from their beginning to their end: what is refused, what is recorded, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from regrow.domain.experiments.observations import Count, Observation
from regrow.domain.workspaces import Role
from regrow.kit import clock, errors
from regrow.services import (
    experiment_arms,
    experiment_batches,
    experiment_decisions,
    experiment_pictures,
    experiment_replays,
    experiments,
)
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import experiments as store
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentBatch, ExperimentDecision
from tests import experiments as made
from tests import visits as seen
from tests.experiments import Begun
from tests.homes import Tenant

GOOD, BAD = 0.10, 0.05


def row_of(alice: Tenant, begun: Begun) -> Experiment:
    with alice.reading() as session:
        return experiments.found(session, begun.id)


def statuses(alice: Tenant, begun: Begun) -> dict[str, str]:
    with alice.reading() as session:
        rows = session.scalars(select(Variant).where(Variant.piece_id == begun.piece_id))
        return {row.label: row.status for row in rows}


def shares(alice: Tenant, begun: Begun) -> dict[str, float]:
    with alice.reading() as session:
        found = store.newest_shares(session, [begun.id])[begun.id].shares
    labels = {id: label for label, id in begun.variants.items()}
    return {labels[id]: round(share, 6) for id, share in found.items()}


def count(alice: Tenant, table: type[ExperimentDecision] | type[ExperimentBatch]) -> int:
    with alice.reading() as session:
        return len(session.scalars(select(table)).all())


def elsewhere(alice: Tenant, begun: Begun, label: str, decision: str, **more: Any) -> ExperimentDecision:
    delta = -0.2 if decision == "terminate" else 0.2
    told = {"confidence": 0.97, "delta": delta, "evidence": "randomised", "reason": "r", "source": "acme", **more}
    with alice.writing() as session:
        asked = Elsewhere(begun.variants[label], decision, **told)
        return experiment_decisions.decide_elsewhere(session, alice.owner, begun.id, asked)


def test_a_worse_variant_loses_and_the_better_one_wins(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": BAD}))
    found = made.judge(alice, begun)
    assert {label: row.decision for label, row in found.items()} == {"A": "promote", "B": "terminate"}
    assert found["B"].id.startswith("cxe_")
    assert found["B"].delta < 0 < found["A"].delta
    assert found["B"].source == "regrow"
    assert row_of(alice, begun).status == "concluded"
    assert statuses(alice, begun) == {"A": "winner", "B": "loser"}
    assert shares(alice, begun) == {"A": 1.0}
    again = made.judge(alice, begun)
    assert [row.id for row in again.values()] == [row.id for row in found.values()]


def test_alike_variants_go_on_and_the_end_of_the_time_is_inconclusive(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD}))
    assert {row.decision for row in made.judge(alice, begun).values()} == {"continue"}
    with alice.writing() as session:
        session.execute(update(Experiment).values(started_at=clock.now() - timedelta(days=31)))
    assert {row.decision for row in made.judge(alice, begun).values()} == {"inconclusive"}
    assert row_of(alice, begun).status == "inconclusive"
    assert statuses(alice, begun) == {"A": "live", "B": "live"}
    with pytest.raises(errors.Conflict, match="has ended"):
        made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD}, first=90))
    assert made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD})[:2]) == [True, True]


def test_a_broken_split_makes_it_invalid_and_decides_nothing(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, [made.batch(begun, n, {"A": (600, 60), "B": (400, 10)}) for n in range(30)])
    found = made.judge(alice, begun)
    assert {row.decision for row in found.values()} == {"invalid"}
    assert (found["A"].srm or {})["flagged"] is True
    assert row_of(alice, begun).status == "invalid"
    assert statuses(alice, begun) == {"A": "live", "B": "live"}


def test_declared_shares_are_what_the_split_is_held_against(alice: Tenant) -> None:
    begun = made.begun(alice, allocation={"A": 0.6, "B": 0.4})
    made.tell(alice, begun, [made.batch(begun, n, {"A": (600, 60), "B": (400, 40)}) for n in range(30)])
    found = made.judge(alice, begun)
    assert {row.decision for row in found.values()} == {"continue"}
    assert (found["A"].srm or {})["e_value"] < 1


def test_an_evaluation_without_anything_new_writes_nothing(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD}, hours=5))
    first = made.judge(alice, begun)
    version = row_of(alice, begun).version
    assert [row.id for row in made.judge(alice, begun).values()] == [row.id for row in first.values()]
    assert (count(alice, ExperimentDecision), row_of(alice, begun).version) == (2, version)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD}, hours=1, first=5))
    assert made.judge(alice, begun)["A"].evaluation == 2


def test_the_same_batch_again_changes_nothing_and_other_numbers_are_refused(alice: Tenant) -> None:
    begun = made.begun(alice)
    first = made.batch(begun, 1, {"A": (10, 1), "B": (10, 2)})
    turned = Observation(first.batch_id, first.at, tuple(reversed(first.counts)))
    assert made.tell(alice, begun, [first, first, turned]) == [False, True, True]
    for other in (
        made.batch(begun, 1, {"A": (10, 1), "B": (10, 3)}),
        made.batch(begun, 1, {"A": (10, 1)}),
        Observation("b1", first.at + timedelta(hours=1), first.counts),
        Observation("b1", first.at, first.counts, "observational"),
    ):
        with pytest.raises(errors.Conflict, match="other numbers before"):
            made.tell(alice, begun, [other])
    assert count(alice, ExperimentBatch) == 1


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"A": (10, 11)}, "conversions: more than exposures"),
        ({"A": (-1, 0)}, "exposures: a whole number from 0"),
        ({"A": (10, -1)}, "conversions: a whole number from 0"),
        ({"A": (2_000_000_000, 1)}, "exposures: a whole number from 0 to 1,000,000,000"),
        ({}, "arms: name at least one"),
    ],
)
def test_bad_counts_are_refused(alice: Tenant, counts: dict[str, tuple[int, int]], said: str) -> None:
    begun = made.begun(alice)
    with pytest.raises(errors.Invalid, match=said):
        made.tell(alice, begun, [made.batch(begun, 1, counts)])
    assert count(alice, ExperimentBatch) == 0


def test_every_problem_of_a_batch_is_named(alice: Tenant, charlie: Tenant) -> None:
    begun, theirs = made.begun(alice), made.begun(charlie)
    a, b = begun.variants["A"], theirs.variants["A"]
    late = clock.now() + timedelta(hours=1)
    told = Observation("site:x", late, (Count(a, 1, 2, None, 0.5), Count(a, 1, 1, None, 0.2), Count(b, 1, 1, 3.0, 0.1)))
    with pytest.raises(errors.Invalid) as caught:
        made.tell(alice, begun, [told])
    problems = " ".join(caught.value.more["problems"])
    for said in (
        "site: is what",
        "not come yet",
        "each arm once",
        "is no arm",
        "add up to 0.8",
        "more than",
        "squares",
    ):
        assert said in problems


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"metric": "love"}, "metric: 'love' is unknown"),
        ({"kind": "mean"}, "kind: click_rate is a proportion"),
        ({"reference": "Z"}, "there is no arm 'Z'"),
        ({"allocation": {"A": 0.5, "B": 0.4}}, "add up to 0.9"),
        ({"allocation": {"A": 1.0, "B": 0.0}}, "above 0 and below 1"),
        ({"allocation": {"A": 0.5, "C": 0.5}}, "name a share for each of A, B"),
        ({"minimum_hours": -1}, "minimum_hours: a number from 0"),
        ({"maximum_days": 0}, "maximum_days"),
        ({"minimum_hours": 48, "maximum_days": 1}, "nothing could ever be decided"),
        ({"batch_seconds": 0}, "batch_seconds"),
        ({"dispersion": 0.5}, "dispersion: a number from 1"),
        ({"evidence": "observational", "traffic": "clicks"}, "clicks needs randomised"),
        ({"metric": "read_time", "evidence": "randomised_slots"}, "kind must be proportion"),
        ({"source": "site", "metric": "revenue"}, "the site counts click_rate"),
    ],
)
def test_what_an_experiment_cannot_be(alice: Tenant, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.Invalid, match=said):
        made.begun(alice, **asked)


def test_one_arm_no_arm_a_stranger_s_piece_and_an_archived_one(alice: Tenant, charlie: Tenant) -> None:
    with pytest.raises(errors.Invalid, match="the variant A alone"):
        made.begun(alice, "A")
    shown, theirs = seen.piece(alice), seen.piece(charlie)
    asked = {"metric": "click_rate"}
    for piece_id in ("pie_unknown", theirs.piece_id):
        with alice.writing() as session, pytest.raises(errors.NotFound):
            experiments.create(session, alice.owner, {"piece_id": piece_id, **asked})
    for status in ("superseded", "rejected"):
        with alice.writing() as session:
            session.execute(update(Piece).where(Piece.id == shown.piece_id).values(status=status))
        with alice.writing() as session, pytest.raises(errors.Conflict, match=status):
            experiments.create(session, alice.owner, {"piece_id": shown.piece_id, **asked})
    with alice.writing() as session:
        session.execute(update(Piece).where(Piece.id == shown.piece_id).values(status="published"))
        session.execute(update(Variant).where(Variant.piece_id == shown.piece_id).values(status="loser"))
    with alice.writing() as session, pytest.raises(errors.Invalid, match="no variant"):
        experiments.create(session, alice.owner, {"piece_id": shown.piece_id, **asked})


def test_one_runs_at_a_time_for_each_metric(alice: Tenant) -> None:
    begun = made.begun(alice)
    again = {"piece_id": begun.piece_id, "metric": "click_rate"}
    with alice.writing() as session, pytest.raises(errors.Conflict, match=begun.id):
        experiments.create(session, alice.owner, again)
    with alice.writing() as session:
        experiments.create(session, alice.owner, {**again, "metric": "read_rate"})
    with alice.writing() as session:
        experiment_decisions.end(session, alice.owner, begun.id)
    with alice.writing() as session:
        assert experiments.create(session, alice.owner, again).status == "running"


def test_an_archived_piece_ends_its_experiment(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": BAD}))
    with alice.writing() as session:
        session.execute(update(Piece).where(Piece.id == begun.piece_id).values(status="superseded"))
    assert {row.decision for row in made.judge(alice, begun).values()} == {"inconclusive"}
    assert row_of(alice, begun).status == "inconclusive"
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same


def test_who_may_do_what(alice: Tenant) -> None:
    begun = made.begun(alice)
    viewer, editor = alice.actor(Role.VIEWER), alice.actor(Role.EDITOR)
    acts: list[Any] = [
        lambda s: experiments.create(s, viewer, {"piece_id": begun.piece_id, "metric": "read_rate"}),
        lambda s: experiment_batches.observe(s, viewer, begun.id, made.batch(begun, 1, {"A": (1, 1)})),
        lambda s: experiment_decisions.evaluate(s, viewer, begun.id),
        lambda s: experiment_decisions.end(s, viewer, begun.id),
        lambda s: experiment_arms.change(s, viewer, begun.id, add="x"),
        lambda s: experiment_decisions.decide_elsewhere(
            s, editor, begun.id, Elsewhere(begun.variants["A"], "continue", 0.1, 0.1, "randomised", "", "acme")
        ),
    ]
    for act in acts:
        with alice.writing() as session, pytest.raises(errors.Forbidden):
            act(session)


def test_every_write_is_audited(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": BAD}))
    elsewhere(alice, begun, "A", "continue")
    made.judge(alice, begun)
    with alice.reading() as session:
        found = {row.action for row in session.scalars(select(AuditRow))}
    assert found >= {
        *("experiment.begun", "experiment.observed", "experiment.decided_elsewhere", "experiment.evaluated"),
        *("variant.lost", "variant.won"),
    }


def test_a_stranger_finds_nothing(alice: Tenant, charlie: Tenant) -> None:
    begun = made.begun(alice)
    with charlie.writing() as session:
        for act in (experiments.found, experiment_replays.replay, experiment_pictures.picture):
            with pytest.raises(errors.NotFound):
                act(session, begun.id)
        with pytest.raises(errors.NotFound):
            experiment_decisions.evaluate(session, charlie.owner, begun.id)
        assert store.page(session, 10).items == []


@pytest.mark.parametrize("table", ["experiment_batches", "experiment_decisions", "experiment_shares"])
def test_what_was_recorded_is_never_rewritten(alice: Tenant, table: str) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": GOOD}, hours=2))
    made.judge(alice, begun)
    for statement in (f"UPDATE {table} SET experiment_id = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="only grows"):
            alice.raw(statement)
