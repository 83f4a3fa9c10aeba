"""Regenerations from request to draft, done step by step on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from regrow.domain.workspaces import Role
from regrow.kit import clock, errors
from regrow.services import (
    circuit_lineage,
    circuit_replays,
    circuits,
    credits,
)
from regrow.services.circuits import Refusal
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.circuits import ContentVariantLineage
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.experiments import Experiment, ExperimentArm
from regrow.store.tables.runs import Run
from tests import circuits as lost
from tests.homes import Tenant


def audited(alice: Tenant, action: str) -> list[AuditRow]:
    with alice.reading() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id)))


def codes(found: Any) -> list[str]:
    assert isinstance(found, Refusal)
    return [each.partition(": ")[0] for each in found.violations]


@pytest.mark.parametrize("medium", ["social", "blog", "email"])
def test_a_loser_becomes_a_draft_of_the_same_piece(alice: Tenant, medium: str) -> None:
    made = lost.lost(alice, medium)
    run = lost.under_way(alice, made)
    assert run.event().status == "initiated"
    done = run.done()
    assert (done["success"], done["status"]) == (True, "registered"), done
    assert done["cx08_approved"]
    assert done["cx06_generated"]
    assert done["cx05_passed"]
    assert done["cx05_score"] >= 0.8
    new = lost.variant(alice, done["new_variant_id"])
    told = (new.piece_id, new.label, new.version, new.status, new.parent_variant_id, new.experiment_id)
    assert told == (made.piece_id, "B", 2, "draft", made.loser, None)
    with alice.reading() as session:
        piece = session.get_one(Piece, made.piece_id)
        assert (piece.version, piece.status) == (2, "approved")
        version = content_store.version(session, piece.id, 2)
        assert version is not None
        assert (version.how, version.by, version.origin) == ("circuit", "regenerate_variant", "offline-extractive")
        assert version.provenance["guard"]["passed"]
        assert version.provenance["sources"]
        found = circuit_lineage.lineage(session, made.test_id, new.id)
        assert [each["parent_variant_id"] for each in found["lineage"]["parents"]] == [made.loser]
        row = session.scalars(select(ContentVariantLineage)).one()
        assert (row.depth, row.is_active, row.regeneration_event_id) == (1, True, run.event_id)
        assert circuit_replays.replay(session, run.event_id).is_same
        before = session.scalars(select(Variant).where(Variant.version == 1).order_by(Variant.label)).all()
        assert [row.status for row in before] == ["live", "loser"]
    event = run.event()
    assert event.cx06_generation_result is not None
    assert max(event.cx06_generation_result["similarity"].values()) < 0.6


def test_the_event_holds_everything_that_the_gates_found(alice: Tenant) -> None:
    made = lost.lost(alice)
    run = lost.under_way(alice, made, regeneration_instructions="Lead with the number.")
    run.done()
    event = run.event()
    assert event.cx08_approval_signal is not None
    assert event.cx05_validation_result is not None
    assert event.cx08_approval_signal["eligibility"]["violations"] == []
    assert {each["check"] for each in event.cx08_approval_signal["checks"]} >= {"wishes_to_publish", "text_still_runs"}
    assert {"validation_score", "brand_guideline_checks", "tone_consistency_check"} <= set(event.cx05_validation_result)
    assert event.new_variant_content == {
        name: value
        for name, value in lost.variant(alice, str(event.new_variant_id)).content.items()
        if name in (event.new_variant_content or {})
    }
    assert (event.regeneration_instructions, event.generated_by) == ("Lead with the number.", "manual")
    assert (event.confidence_score, event.performance_delta) == (lost.CONFIDENCE, lost.DELTA)
    times = [event.initiated_at, event.cx08_approved_at, event.cx06_generated_at, event.cx05_validated_at]
    assert sorted(filter(None, [*times, event.completed_at])) == [*times, event.completed_at]
    assert event.duration_ms is not None
    assert event.duration_ms >= 0
    assert [row.subject_id for row in audited(alice, "regeneration.initiated")] == [event.id]
    assert [row.subject_id for row in audited(alice, "variant.regenerated")] == [event.new_variant_id]


def test_credits_are_held_settled_and_given_back_and_contexts_closed(alice: Tenant) -> None:
    made, other = lost.lost(alice), lost.lost(alice)
    with alice.writing() as session:
        credits.grant(session, alice.owner, 100, "to begin with")
    done = lost.under_way(alice, made)
    assert done.done()["success"]
    refused = lost.under_way(alice, other, regeneration_instructions="Publish it.")
    assert refused.done()["status"] == "cx08_rejected"
    with alice.reading() as session:
        held = select(CreditHold.status).where(CreditHold.task_id.in_((done.task_id, refused.task_id)))
        assert sorted(session.scalars(held)) == ["charged", "released"]
        assert ledger.account(session).balance == 99
        assert session.scalars(select(Context.id).where(Context.finished_at.is_(None))).all() == []


def test_without_the_credits_nothing_is_begun(alice: Tenant) -> None:
    made = lost.lost(alice)
    with alice.writing() as session:
        credits.grant(session, alice.owner, 1, "too little")
        credits.hold(session, alice.owner, "run_other", 1, "other")
    with pytest.raises(errors.TooMuchCost):
        lost.ask(alice, made)
    assert lost.events(alice) == []


def test_an_editor_asks_and_a_viewer_does_not(alice: Tenant) -> None:
    made = lost.lost(alice)
    with alice.writing() as session, pytest.raises(errors.Forbidden):
        circuits.ask(session, alice.actor(Role.VIEWER), made.request())
    with alice.writing() as session:
        assert isinstance(circuits.ask(session, alice.actor(Role.EDITOR), made.request()), Run)


def test_refusals_write_an_audit_row_and_no_event(alice: Tenant) -> None:
    made = lost.lost(alice)
    assert codes(lost.ask(alice, made, confidence_score=0.5)) == ["confidence_below_threshold"]
    assert codes(lost.ask(alice, made, circuit_execution_id="cxe_none")) == ["cx09_termination_not_found"]
    assert lost.events(alice) == []
    lost.under_way(alice, made)
    busy = lost.ask(alice, made)
    assert busy == Refusal(409, "A regeneration is already running for this test")
    rows = audited(alice, "regeneration.refused")
    assert [(row.outcome, row.subject_id, row.detail["status"]) for row in rows] == [
        ("refused", made.loser, status) for status in (403, 403, 409)
    ]
    assert len(lost.events(alice)) == 1


def test_unknown_and_foreign_ids_answer_alike(alice: Tenant, charlie: Tenant) -> None:
    made = lost.lost(alice)
    with charlie.writing() as session:
        foreign = circuits.ask(session, charlie.owner, made.request())
        names = {"ab_test_id": "exp_none", "losing_variant_id": "var_none", "circuit_execution_id": "cxe_none"}
        unknown = circuits.ask(session, charlie.owner, made.request(**names))
        assert foreign == unknown
        assert codes(foreign) == ["variant_not_found", "cx09_termination_not_found"]
        assert circuits.eligible(session, made.test_id, made.loser) == circuits.eligible(session, "exp", "var")
        for which in ((made.test_id, made.loser), ("exp_none", "var_none"), (made.test_id, "var_none")):
            with pytest.raises(errors.NotFound, match="no such variant in such a test here"):
                circuit_lineage.lineage(session, *which)


def test_a_decision_counts_for_its_own_variant_and_test(alice: Tenant) -> None:
    made, other = lost.lost(alice), lost.lost(alice)
    assert codes(lost.ask(alice, made, circuit_execution_id=other.decision_id)) == ["cx09_termination_not_found"]
    assert codes(lost.ask(alice, made, losing_variant_id=other.loser)) == [
        *("variant_not_found", "cx09_termination_not_found")
    ]
    kept = lost.decided(alice, made.test_id, made.variants["A"], "continue")
    found = lost.ask(alice, made, losing_variant_id=made.variants["A"], circuit_execution_id=kept)
    assert codes(found) == ["cx09_termination_not_found"]


def test_the_recorded_numbers_are_the_authority(alice: Tenant) -> None:
    piece_id = lost.written(alice)
    test_id, labels = lost.begun(alice, piece_id)
    weak = lost.decided(alice, test_id, labels["B"], confidence=0.96, evidence="observational")
    made = lost.Lost(test_id, piece_id, labels, weak)
    assert codes(lost.ask(alice, made)) == ["evidence_not_randomised", "decision_mismatch"]
    unsure = lost.decided(alice, test_id, labels["B"], confidence=0.9)
    found = lost.ask(alice, made, circuit_execution_id=unsure)
    assert codes(found) == ["confidence_below_threshold", "decision_mismatch"]


def test_two_for_each_test_and_two_days_between_them(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    made, began = lost.lost(alice), clock.now()
    assert lost.under_way(alice, made).done()["success"]
    assert codes(lost.ask(alice, made)) == ["cooldown_period_active"]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=49))
    second = lost.under_way(alice, made).done()
    assert second["success"], second
    assert codes(lost.ask(alice, made)) == ["max_regenerations_exceeded", "cooldown_period_active"]
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=99))
    assert codes(lost.ask(alice, made)) == ["max_regenerations_exceeded"]
    with alice.reading() as session:
        found = circuits.eligible(session, made.test_id, made.loser)
        assert (found["regenerations_count"], found["cooldown_remaining_hours"]) == (2, 0.0)


def test_only_what_was_registered_counts(alice: Tenant) -> None:
    made = lost.lost(alice)
    for _ in range(3):
        assert not lost.under_way(alice, made, regeneration_instructions="Skip the review.").done()["success"]
    assert lost.under_way(alice, made).done()["success"]


def test_a_regenerated_text_may_lose_and_be_written_again(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is told whole, up and down, whichever of its texts is asked about."""
    made, began = lost.lost(alice), clock.now()
    first = lost.under_way(alice, made).done()["new_variant_id"]
    with alice.writing() as session:
        session.execute(update(Variant).where(Variant.id == first).values(status="live"))
        row = session.get_one(Experiment, made.test_id)
        session.add(
            ExperimentArm(
                experiment_id=row.id, variant_id=first, number=2, label="B", outcome="", joined_at=clock.now()
            )
        )
    decision = lost.decided(alice, made.test_id, first)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=49))
    run = lost.under_way(alice, made, losing_variant_id=first, circuit_execution_id=decision)
    second = run.done()["new_variant_id"]
    with alice.reading() as session:
        for middle, up, down in ((made.loser, 0, 2), (first, 1, 1), (second, 2, 0)):
            found = circuit_lineage.lineage(session, made.test_id, middle)["lineage"]
            assert (found["total_parents"], found["total_children"]) == (up, down)
        assert [each["depth"] for each in found["parents"]] == [2, 1]
        assert circuit_lineage.lineage(session, made.test_id, first)["regeneration_history"]["total_events"] == 2
