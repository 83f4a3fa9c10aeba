"""Tests that ask for the regeneration of their losers by themselves: once, and never breaking the decision."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from regrow.kit import errors
from regrow.services import circuits, credits, experiment_arms, experiment_decisions, experiments
from regrow.store import tenancy
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.experiments import Experiment
from regrow.store.tenancy import Session
from regrow.workflows import schedules
from tests import circuits as lost
from tests import experiments as tested
from tests.homes import Tenant


def automatic(alice: Tenant, **asked: object) -> lost.Lost:
    return lost.lost(alice, is_automatic=True, **asked)


def refusals(alice: Tenant) -> list[AuditRow]:
    with alice.reading() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == circuits.REFUSED)))


def test_it_is_off_unless_somebody_switches_it_on(alice: Tenant) -> None:
    made = lost.lost(alice)
    assert lost.events(alice) == []
    with alice.reading() as session:
        assert session.get_one(Experiment, made.test_id).is_automatic is False


def test_a_loser_asks_once_for_itself(alice: Tenant) -> None:
    made = automatic(alice)
    (event,) = lost.events(alice)
    assert (event.generated_by, event.status, event.parent_variant_id) == ("automated", "initiated", made.loser)
    assert (event.circuit_execution_id, event.confidence_score) == (made.decision_id, lost.CONFIDENCE)
    assert event.id == circuits.automatic_id(made.decision_id)
    with alice.reading() as session:
        (run,) = circuits.automatic(session, [made.decision_id])
    done = lost.Underway(alice, run.id).done()
    assert done["success"], done
    assert lost.variant(alice, done["new_variant_id"]).status == "draft"
    with alice.reading() as session:
        assert circuits.automatic(session, [made.decision_id]) == []
    with alice.writing() as session:
        decision = experiment_decisions.found_decision(session, made.decision_id)
        assert circuits.ask_for(session, alice.owner, decision).id == run.id  # type: ignore[union-attr]
    assert len(lost.events(alice)) == 1


@pytest.mark.parametrize("decision", ["continue", "promote", "inconclusive"])
def test_other_decisions_ask_for_nothing(alice: Tenant, decision: str) -> None:
    test_id, labels = lost.begun(alice, lost.written(alice), is_automatic=True)
    lost.decided(alice, test_id, labels["B"], decision)
    lost.decided(alice, test_id, labels["B"], confidence=0.9)
    assert lost.events(alice) == []


def test_it_is_switched_while_the_test_runs(alice: Tenant) -> None:
    piece_id = lost.written(alice)
    test_id, labels = lost.begun(alice, piece_id)

    def switch(session: Session, to: bool) -> bool:
        return experiment_arms.change(session, alice.owner, test_id, is_automatic=to).row.is_automatic

    with alice.writing() as session:
        assert switch(session, True)
        version = experiments.found(session, test_id).version
        assert switch(session, True)
        assert experiments.found(session, test_id).version == version
        assert not switch(session, False)
        assert switch(session, True)
    lost.decided(alice, test_id, labels["B"])
    assert len(lost.events(alice)) == 1
    with alice.writing() as session:
        experiment_decisions.end(session, alice.owner, test_id)
    with alice.writing() as session, pytest.raises(errors.Conflict, match="has ended"):
        switch(session, False)


def test_the_schedule_asks_and_leaves_what_it_may_not_begin(alice: Tenant) -> None:
    """Two losers at once: one at a time, so that the second request is refused, audited, and nothing breaks."""
    piece_id = lost.written(alice, variants=3)
    test_id, labels = lost.begun(alice, piece_id, is_automatic=True)
    begun = tested.Begun(test_id, piece_id, labels)
    tested.tell(alice, begun, tested.days(begun, {"A": 0.2, "B": 0.02, "C": 0.02}))
    with tenancy.workspace(alice.id):
        assert schedules.judge(alice.home.engine, alice.id) == 1
    assert sorted(lost.variant(alice, id).status for id in labels.values()).count("loser") == 2
    (event,) = lost.events(alice)
    assert event.generated_by == "automated"
    (refusal,) = refusals(alice)
    assert (refusal.actor_id, refusal.detail["status"], refusal.detail["generated_by"]) == ("system", 409, "automated")


def test_without_credits_the_decision_stands_all_the_same(alice: Tenant) -> None:
    test_id, labels = lost.begun(alice, lost.written(alice), is_automatic=True)
    with alice.writing() as session:
        credits.grant(session, alice.owner, 1, "too little")
        credits.hold(session, alice.owner, "run_other", 1, "other")
    decision = lost.decided(alice, test_id, labels["B"])
    assert lost.variant(alice, labels["B"]).status == "loser"
    assert lost.events(alice) == []
    (refusal,) = refusals(alice)
    assert (refusal.detail["status"], refusal.detail["violations"]) == (402, ["insufficient_credits"])
    with alice.reading() as session:
        assert circuits.automatic(session, [decision]) == []


def test_nothing_is_asked_when_the_decision_is_rolled_back(alice: Tenant) -> None:
    test_id, labels = lost.begun(alice, lost.written(alice), is_automatic=True)
    told = experiment_decisions.Elsewhere(
        labels["B"], "terminate", lost.CONFIDENCE, lost.DELTA, "randomised", lost.REASON, "acme"
    )

    def break_off() -> None:
        with alice.writing() as session:
            experiment_decisions.decide_elsewhere(session, alice.owner, test_id, told)
            raise RuntimeError(f"broke off with {len(session.scalars(select(Event)).all())} event")

    with pytest.raises(RuntimeError, match="broke off with 1 event"):
        break_off()
    assert lost.events(alice) == []
