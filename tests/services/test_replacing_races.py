"""Many decide at once on new texts beside what is out: one post, one answer, and no reader of what is not shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regrow.kit import errors
from regrow.services import posts, taking_back
from tests import replacing as staged
from tests.homes import Tenant
from tests.replacing import Stage
from tests.services.test_races import Outcome, at_once


def refusals(outcomes: list[Outcome]) -> list[str]:
    return sorted(each.refused.code for each in outcomes if each.refused is not None)


def test_approvals_at_once_give_one_post_and_one_arm(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    outcomes = at_once([lambda: stage.approve(new)] * 6)
    assert refusals(outcomes) == []
    planned = [post for each in outcomes for post in each.value.posts]
    assert [post.variant_id for post in planned] == [new]
    assert len([row for row in stage.posts() if row.variant_id == new]) == 1
    stage.send(*planned)
    assert stage.shares() == {stage.variants["A"]: 0.5, new: 0.5}


def test_of_approval_and_rejection_at_once_one_stands(alice: Tenant) -> None:
    for turn in range(4):
        stage = staged.lost(alice, slug=f"loaf-{turn}")
        new = stage.draft("B")
        acts: list[Callable[[], Any]] = [lambda: stage.approve(new), lambda: stage.reject(new, "Dry")]  # noqa: B023
        told = refusals(at_once(acts if turn % 2 else acts[::-1]))
        mine = [row for row in stage.posts() if row.variant_id == new]
        if stage.statuses()["B2"] == "live":
            assert (told, [row.status for row in mine]) == (["variant_live"], ["planned"])
        else:
            assert (stage.statuses()["B2"], told, mine) == ("superseded", ["variant_rejected"], [])


@pytest.mark.parametrize("decision", ["promote", "terminate"])
def test_an_approval_against_a_decision_leaves_nobody_with_what_is_not_shown(alice: Tenant, decision: str) -> None:
    for turn in range(3):
        stage = staged.lost(alice, "C", "ABC", slug=f"loaf-{turn}")
        new = stage.draft("C")
        label = "A" if decision == "promote" else "B"
        acts: list[Callable[[], Any]] = [lambda: approved_and_sent(stage, new), lambda: stage.decide(label, decision)]  # noqa: B023
        assert refusals(at_once(acts if turn % 2 else acts[::-1])) == []
        shown, shares = set(stage.shown()), stage.shares()
        assert {id for id, share in shares.items() if share} <= shown
        assert sum(shares.values()) == pytest.approx(1.0)
        if decision == "promote":
            assert shown == {stage.variants["A"]}
            assert stage.arms().get(new, "left") == "left"
        else:
            assert shown == {stage.variants["A"], new}
            assert stage.statuses()["B1"] == "loser"


def approved_and_sent(stage: Stage, new: str) -> None:
    stage.send(*stage.approve(new).posts)


def test_an_approval_against_taking_the_old_post_down(alice: Tenant) -> None:
    for turn in range(3):
        stage = staged.lost(alice, slug=f"loaf-{turn}")
        new = stage.draft("B")
        old = next(row for row in stage.posts() if row.variant_id == stage.variants["B"])

        def take_down() -> None:
            with alice.writing() as session:
                posts.removed(session, alice.owner, old.id, None, is_by_hand=True)  # noqa: B023

        approved, removed = at_once([lambda: stage.approve(new), take_down])  # noqa: B023
        assert (approved.refused, removed.refused) == (None, None)
        planned, notes = approved.value.posts, approved.value.notes
        assert len(planned) == 1 or any("was taken down" in note for note in notes)


def test_a_piece_that_was_set_back_is_approved_once_and_never_half(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    outcomes = at_once([stage.approve_piece] * 3 + [lambda: stage.reject_piece("Dry")])
    found = stage.statuses()
    assert set(refusals(outcomes)) <= {"variant_rejected", "piece_published"}
    planned = [row for row in stage.posts() if row.status == "planned"]
    if found["A2"] == "live":
        assert found == {"A1": "superseded", "B1": "superseded", "A2": "live", "B3": "live"}
        assert len(planned) == 2
    else:
        assert (found["A2"], found["B3"]) in (("superseded", "superseded"), ("draft", "draft"))


def test_what_was_approved_is_taken_back_and_the_old_text_stands_again(alice: Tenant) -> None:
    stage = staged.lost(alice)
    a, new = stage.variants["A"], stage.draft("B")
    stage.send(*stage.approve(new).posts)
    assert stage.shown() == [a, new]
    with alice.writing() as session:
        taking_back.variant(session, alice.owner, new)
    assert (stage.statuses()["B2"], stage.shown(), stage.shares()) == ("draft", [a], {a: 1.0})
    assert stage.arms()[new] == "left"
    done = stage.approve(new)
    assert len(done.posts) == 1
    stage.send(*done.posts)
    assert stage.shown() == [a, new]
    assert stage.arms()[new] == "left"


def test_what_was_planned_is_cancelled_and_a_rejection_is_taken_back(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    (post,) = stage.approve(new).posts
    with alice.writing() as session:
        taking_back.variant(session, alice.owner, new)
    assert next(row.status for row in stage.posts() if row.id == post.id) == "cancelled"
    stage.reject(new, "Dry")
    with alice.writing() as session:
        taking_back.variant(session, alice.owner, new)
        taking_back.variant(session, alice.owner, new)
    assert (stage.statuses()["B2"], stage.piece().meta) == ("draft", {})
    with alice.writing() as session, pytest.raises(errors.Conflict):
        taking_back.variant(session, alice.owner, stage.variants["A"])


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_a_replaced_piece_is_taken_back_as_a_whole(alice: Tenant, sent: int) -> None:
    stage = staged.set_back(alice)
    stage.send(*stage.approve_piece().posts[:sent])
    with alice.writing() as session:
        taking_back.piece(session, alice.owner, stage.piece_id)
    assert stage.statuses() == {"A1": "live", "B1": "live", "A2": "draft", "B3": "draft"}
    assert (stage.piece().status, stage.shown()) == ("draft", list(stage.variants.values()))
    stage.send(*stage.approve_piece().posts)
    assert not set(stage.shown()) & set(stage.variants.values())


def test_a_rejected_set_of_drafts_is_taken_back(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    stage.reject_piece("Dry")
    with alice.writing() as session:
        taking_back.piece(session, alice.owner, stage.piece_id)
    assert stage.statuses() == {"A1": "live", "B1": "live", "A2": "draft", "B3": "draft"}
    assert (stage.piece().status, stage.piece().meta) == ("draft", {})


def test_reopening_a_published_piece_stays_refused(alice: Tenant) -> None:
    stage = staged.set_back(alice)
    stage.send(*stage.approve_piece().posts)
    with alice.writing() as session, pytest.raises(errors.Conflict) as refused:
        taking_back.reopen(session, alice.owner, stage.piece_id)
    assert refused.value.code == "piece_published"


def test_a_winner_that_loses_another_test_stays_a_winner(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    stage.decide("A", "promote")
    stage.send(*stage.approve(new).posts)
    first = dict(stage.variants)
    with alice.reading() as session:
        before = session.get_one(staged.Variant, first["A"]).experiment_id
    stage.begin()
    stage.variants["B"] = new
    stage.decide("A", "terminate")
    assert stage.arms() == {first["A"]: "loser", new: ""}
    assert stage.statuses() == {"A1": "winner", "B1": "loser", "B2": "live"}
    stage.decide("B", "promote")
    assert stage.statuses() == {"A1": "winner", "B1": "loser", "B2": "winner"}
    assert stage.shares() == {new: 1.0}
    with alice.writing() as session:
        assert session.get_one(staged.Variant, first["A"]).experiment_id == before
        staged.content_store.set_variants(session, stage.piece_id, ["winner", "live"], "draft")
        staged.content_store.make_live(session, stage.piece_id, None)
        staged.content_store.supersede(session, [stage.piece_id], staged.clock.now())
    assert stage.statuses() == {"A1": "winner", "B1": "superseded", "B2": "winner"}
