"""Pieces that were set back to draft while earlier texts of them are out: replaced or kept, as a whole."""

from __future__ import annotations

import pytest

from regrow.kit import errors
from regrow.services import experiments, pieces, regenerating, versions
from regrow.store.tables.content import Variant
from tests import replacing as staged
from tests.homes import Tenant


def test_a_piece_that_was_set_back_is_replaced_as_a_whole(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    old = stage.variants
    assert stage.shown() == [old["A"], old["B"]]
    done = stage.approve_piece()
    assert stage.statuses() == {"A1": "superseded", "B1": "superseded", "A2": "live", "B3": "live"}
    assert set(done.replaced) == set(old.values())
    assert [post.slug for post in done.posts] == [staged.SLUG] * 2
    assert (done.piece.status, stage.shown()) == ("approved", [old["A"], old["B"]])
    by_label = {staged_label(alice, post.variant_id): post for post in done.posts}
    stage.send(by_label["A"])
    assert stage.shown() == [by_label["A"].variant_id, old["B"]]
    assert stage.piece().status == "approved"
    stage.send(by_label["B"])
    assert stage.shown() == [by_label["A"].variant_id, by_label["B"].variant_id]
    assert stage.piece().status == "published"


def staged_label(alice: Tenant, variant_id: str) -> str:
    with alice.reading() as session:
        return session.get_one(Variant, variant_id).label


def test_rejecting_what_a_trigger_wrote_leaves_the_piece_as_it_was(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    stage.reject_piece("Not now")
    assert stage.statuses() == {"A1": "live", "B1": "live", "A2": "superseded", "B3": "superseded"}
    piece = stage.piece()
    assert (piece.status, set(piece.meta["rejected_variants"].values())) == ("published", {"Not now"})
    assert stage.shown() == list(stage.variants.values())


def test_a_declared_winner_is_kept_as_it_is(alice: Tenant) -> None:
    stage = staged.stage(alice)
    stage.begin()
    stage.decide("A", "promote")
    for label in "AB":
        stage.draft(label, "trigger")
    staged.becomes(alice, stage.piece_id, "draft")
    done = stage.approve_piece()
    assert stage.statuses() == {"A1": "winner", "B1": "superseded", "A2": "live", "B3": "live"}
    assert any("a declared winner of A stands" in note for note in done.notes)
    assert {staged_label(alice, post.variant_id) for post in done.posts} == {"B"}
    stage.send(*done.posts)
    assert stage.shown() == [stage.variants["A"]]


def test_a_running_experiment_on_what_is_replaced_ends(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    stage.begin()
    with alice.reading() as session:
        arms = staged.experiment_store.arms(session, [stage.experiment_id])[stage.experiment_id]
    assert {arm.variant_id for arm in arms} == set(stage.variants.values())
    done = stage.approve_piece()
    assert any(f"the experiment {stage.experiment_id} ended" in note for note in done.notes)
    with alice.reading() as session:
        assert experiments.found(session, stage.experiment_id).status == "inconclusive"
    stage.send(*done.posts)
    assert len(stage.shown()) == 2
    assert not set(stage.shown()) & set(stage.variants.values())


def test_a_draft_of_a_trigger_is_edited_before_it_takes_the_place(alice: Tenant) -> None:
    stage = staged.set_back(alice, "A")
    with alice.writing() as session:
        versions.edit(session, alice.owner, stage.piece_id, None, {"A": {"body": f"{staged.NEW} And wait."}})
    assert stage.shown() == [stage.variants["A"]]
    done = stage.approve_piece()
    assert stage.statuses() == {"A1": "superseded", "A2": "superseded", "A3": "live"}
    stage.send(*done.posts)
    page = stage.page()
    assert page is not None
    assert "And wait." in page.faces[0].article.html


def test_a_campaign_s_approval_leaves_them_to_a_person(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    with alice.writing() as session:
        found = pieces.approve_drafts(session, alice.owner, [stage.piece_id])
    assert [each.reason for each in found.skipped] == [pieces.IS_OUT]
    assert stage.piece().status == "draft"


def test_what_was_set_back_is_not_written_again_as_if_it_were_no_more_than_a_draft(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    piece = stage.piece()
    with alice.writing() as session, pytest.raises(errors.Conflict, match="approve it, reject it") as caught:
        regenerating.ask_piece(session, alice.owner, piece.id)
    assert caught.value.code == "piece_set_back"
    with alice.writing() as session, pytest.raises(errors.Conflict) as caught:
        regenerating.ask_medium(session, alice.owner, piece.generation_id, piece.medium)
    assert caught.value.code in ("generation_approved", "medium_decided")
