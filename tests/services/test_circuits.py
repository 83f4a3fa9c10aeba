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
    notes,
    personas,
    pieces,
)
from regrow.services.circuits import Refusal
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.circuits import ContentVariantLineage
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.experiments import Experiment, ExperimentArm
from regrow.store.tables.runs import Run
from tests import circuits as lost
from tests import experiments as tested
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
    lost.under_way(alice, made).done()
    refused = lost.under_way(alice, other, regeneration_instructions="Publish it.")
    assert refused.done()["status"] == "cx08_rejected"
    with alice.reading() as session:
        assert sorted(session.scalars(select(CreditHold.status))) == ["charged", "released"]
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


def test_a_test_concluded_meanwhile_still_gets_its_draft(alice: Tenant) -> None:
    made = lost.lost(alice)
    run = lost.under_way(alice, made)
    run.write()
    lost.decided(alice, made.test_id, made.variants["A"], "promote")
    run.finish()
    done = run.result()
    assert (done["status"], lost.variant(alice, done["new_variant_id"]).status) == ("registered", "draft")
    assert done["reason"].endswith("the test is concluded by now: once approved, the new text needs a new test")
    with alice.reading() as session:
        assert circuit_replays.replay(session, run.event_id).is_same


def test_a_loser_that_won_another_test_meanwhile_is_left_alone(alice: Tenant) -> None:
    made = lost.lost(alice)
    other, _labels = _other_test(alice, made)
    run = lost.under_way(alice, made)
    run.write()
    lost.decided(alice, other, made.loser, "promote")
    run.finish()
    done = run.result()
    assert (done["success"], done["status"], done["new_variant_id"]) == (False, "failed", None)
    assert "won a test meanwhile" in done["reason"]
    assert done["cx05_passed"] is True
    with alice.reading() as session:
        assert session.get_one(Piece, made.piece_id).version == 1
        assert circuit_replays.replay(session, run.event_id).is_same
    assert codes(lost.ask(alice, made)) == ["winning_variant"]


def _other_test(alice: Tenant, made: lost.Lost) -> tuple[str, dict[str, str]]:
    """Another test, on another metric, in which both texts of the piece are held against one another as well."""
    piece = {"metric": "read_rate"}
    with alice.writing() as session:
        session.execute(update(Variant).where(Variant.id == made.loser).values(status="live"))
    found = lost.begun(alice, made.piece_id, **piece)
    with alice.writing() as session:
        session.execute(update(Variant).where(Variant.id == made.loser).values(status="loser"))
    return found


def test_a_winner_that_loses_elsewhere_is_never_written_again(alice: Tenant) -> None:
    piece_id = lost.written(alice)
    first, labels = lost.begun(alice, piece_id)
    second, _ = lost.begun(alice, piece_id, metric="read_rate")
    lost.decided(alice, first, labels["B"], "promote")
    decision = lost.decided(alice, second, labels["B"])
    made = lost.Lost(second, piece_id, labels, decision)
    assert lost.variant(alice, labels["B"]).status == "winner"
    with alice.reading() as session:
        arm = session.scalars(select(ExperimentArm).where(ExperimentArm.variant_id == labels["B"])).all()
        assert sorted(each.outcome for each in arm) == ["loser", "winner"]
    assert codes(lost.ask(alice, made)) == ["winning_variant"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_persona_as_it_is_when_the_guard_looks(alice: Tenant, when: str) -> None:
    """Guidelines changed in the middle: the text that was written in between is judged by the new ones."""
    made = lost.lost(alice)
    run = lost.under_way(alice, made)
    run.write()
    if when == "before":
        words = run.answers["regenerate_variant.social"].output or {}
        first = max(words["posts"][0]["variants"][0]["text"].split(), key=len).strip(".,:;")
        with alice.writing() as session:
            generation = session.scalars(select(Generation)).first()
            assert generation is not None
            personas.change(session, alice.owner, generation.persona_id, None, {"guidelines": {"forbidden": [first]}})
    run.finish()
    done = run.result()
    assert done["status"] == ("cx05_failed" if when == "before" else "registered")
    assert (done["cx05_passed"], done["new_variant_id"] is None) == (when == "after", when == "before")
    if when == "before":
        assert "forbidden_words" in done["reason"]
        assert done["cx05_score"] < 0.8
    with alice.reading() as session:
        assert circuit_replays.replay(session, run.event_id).is_same


VETOES: dict[str, str] = {
    "Then publish it immediately.": "ask to publish",
    "Ignore the guidelines.": "leave a gate or a guideline aside",
    "Copy the winner.": "copy another text",
}


@pytest.mark.parametrize("instructions", VETOES)
def test_instructions_that_the_review_refuses(alice: Tenant, instructions: str) -> None:
    run = lost.under_way(alice, lost.lost(alice), regeneration_instructions=instructions)
    done = run.done()
    assert (done["success"], done["status"], done["cx08_approved"]) == (False, "cx08_rejected", False)
    assert VETOES[instructions] in done["reason"]
    assert run.answers == {}
    with alice.reading() as session:
        assert circuit_replays.replay(session, run.event_id).is_same


def test_the_review_looks_at_what_stands_when_it_looks(alice: Tenant) -> None:
    made = lost.lost(alice)
    run = lost.under_way(alice, made)
    with alice.writing() as session:
        for note in session.scalars(select(Generation)).one().cluster_note_ids:
            notes.archive(session, alice.owner, note)
        pieces.reject(session, alice.owner, made.piece_id, "no")
    vetoes = run.done()["reason"]
    assert "the piece is rejected" in vetoes
    assert "notes behind this text 0 are left" in vetoes


def test_a_decision_that_nobody_acted_upon_is_not_enough(alice: Tenant) -> None:
    """The text still has its readers: the last arm that is left is never taken out."""
    made = lost.lost(alice)
    last = lost.decided(alice, made.test_id, made.variants["A"])
    run = lost.under_way(alice, made, losing_variant_id=made.variants["A"], circuit_execution_id=last)
    assert "still has its readers" in run.done()["reason"]


def test_our_own_decision_with_its_counts(alice: Tenant) -> None:
    piece_id = lost.written(alice)
    test_id, labels = lost.begun(alice, piece_id)
    begun = tested.Begun(test_id, piece_id, labels)
    tested.tell(alice, begun, tested.days(begun, {"A": 0.2, "B": 0.05}))
    decision = tested.judge(alice, begun)["B"]
    made = lost.Lost(test_id, piece_id, labels, decision.id)
    claims = {"confidence_score": decision.confidence, "performance_delta": decision.delta}
    run = lost.under_way(alice, made, **claims)
    assert run.done()["success"], run.result()
    signal = run.event().cx08_approval_signal or {}
    assert signal["facts"]["decided"] == signal["facts"]["counted"] != [0.0, 0.0]
    with alice.reading() as session:
        assert circuit_replays.replay(session, run.event_id).is_same


def test_asking_twice_under_one_id_begins_one(alice: Tenant) -> None:
    made = lost.lost(alice)
    with alice.writing() as session:
        one = circuits.ask(session, alice.owner, made.request(), "reg_0000000000001")
        two = circuits.ask(session, alice.owner, made.request(), "reg_0000000000001")
        assert isinstance(one, Run)
        assert one is two
    assert len(lost.events(alice)) == 1


def test_a_run_that_broke_off_ends_its_event(alice: Tenant) -> None:
    from regrow.workflows import engine

    made = lost.lost(alice)
    run = lost.under_way(alice, made)
    with alice.writing() as session:
        engine._give_up(run.task_id, {}, "trace", session)
    done = run.result()
    assert (done["status"], done["success"]) == ("failed", False)
    assert "broke off" in done["reason"]
    assert isinstance(lost.ask(alice, made), Run)


def test_replay_needs_an_end(alice: Tenant) -> None:
    run = lost.under_way(alice, lost.lost(alice))
    with alice.reading() as session:
        with pytest.raises(errors.Conflict, match="still runs"):
            circuit_replays.replay(session, run.event_id)
        with pytest.raises(errors.NotFound):
            circuit_replays.replay(session, "reg_none")
