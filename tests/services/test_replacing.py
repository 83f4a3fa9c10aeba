"""New texts beside what is out: approved, they take their places in one go; rejected, what is out stays."""

from __future__ import annotations

import pytest

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import channels, pieces, posts, replacing, successions
from regrow.store import audit
from tests import replacing as staged
from tests.homes import Tenant


def told(alice: Tenant, id: str) -> list[str]:
    with alice.reading() as session:
        return [row.action for row in reversed(audit.page(session, 50, subject_id=id).items)]


def test_an_approved_draft_goes_live_beside_what_is_out_and_its_post_is_planned_at_the_same_address(
    alice: Tenant,
) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    done = stage.approve(new, "Better")
    assert stage.statuses() == {"A1": "live", "B1": "loser", "B2": "live"}
    assert done.piece.status == "published"
    (post,) = done.posts
    assert (post.variant_id, post.slug, post.status) == (new, staged.SLUG, "planned")
    assert post.channel_id == stage.press.channel_id
    assert told(alice, new) == ["variant.approved"]
    assert any("once it stands on the site" in note for note in done.notes)


def test_on_the_site_it_joins_the_experiment_from_zero_only_once_it_stands_there(alice: Tenant) -> None:
    stage = staged.lost(alice)
    a = stage.variants["A"]
    new = stage.draft("B")
    assert (stage.shown(), stage.shares()) == ([a], {a: 1.0})
    done = stage.approve(new)
    assert (stage.shown(), stage.shares()) == ([a], {a: 1.0})
    stage.send(*done.posts)
    assert stage.shown() == [a, new]
    assert stage.shares() == {a: 0.5, new: 0.5}
    assert stage.arms() == {a: "", stage.variants["B"]: "loser", new: ""}
    assert "variant.joined" in told(alice, new)


def test_an_experiment_that_is_counted_elsewhere_is_joined_at_once_and_says_what_begins_anew(alice: Tenant) -> None:
    stage = staged.stage(alice, "ABC")
    stage.begin(source="outside")
    stage.decide("C", "terminate")
    done = stage.approve(new := stage.draft("C"))
    assert stage.arms()[new] == ""
    (note,) = [note for note in done.notes if stage.experiment_id in note]
    assert "C joined and starts from zero" in note
    assert "What is known of A, B among themselves goes on" in note


@pytest.mark.parametrize(("decision", "status"), [("promote", "concluded"), ("end", "inconclusive")])
def test_when_the_test_ended_meanwhile_a_new_experiment_is_needed(alice: Tenant, decision: str, status: str) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    if decision == "promote":
        stage.decide("A", "promote")
    else:
        with alice.writing() as session:
            staged.experiment_decisions.end(session, alice.owner, stage.experiment_id)
    done = stage.approve(new)
    assert f"the experiment {stage.experiment_id} has ended, it is {status}: begin a new one to try B" in done.notes
    stage.send(*done.posts)
    assert new not in stage.arms()
    assert stage.statuses()["A1"] == ("winner" if decision == "promote" else "live")
    a = stage.variants["A"]
    assert stage.shown() == ([a] if decision == "promote" else [a, new])
    first = stage.experiment_id
    assert stage.begin() != first
    assert (stage.shown(), stage.shares()) == ([a, new], {a: 0.5, new: 0.5})


def test_a_test_that_ends_between_approval_and_publication_is_not_joined(alice: Tenant) -> None:
    stage = staged.lost(alice)
    done = stage.approve(new := stage.draft("B"))
    stage.decide("A", "promote")
    stage.send(*done.posts)
    assert new not in stage.arms()
    assert stage.shown() == [stage.variants["A"]]


def test_a_rejected_draft_keeps_its_reason_and_does_not_come_back(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    stage.reject(new, "Too dry")
    assert stage.statuses() == {"A1": "live", "B1": "loser", "B2": "superseded"}
    piece = stage.piece()
    assert (piece.status, piece.meta["rejected_variants"]) == ("published", {new: "Too dry"})
    assert stage.reject(new).notes == (replacing.AGAIN,)
    with pytest.raises(errors.Conflict) as refused:
        stage.approve(new)
    assert refused.value.code == "variant_rejected"
    with alice.reading() as session:
        newest = staged.content_store.newest_variants(session, [stage.piece_id])[stage.piece_id]
        assert [(row.label, row.version) for row in newest] == [("A", 1), ("B", 1)]


def test_approving_twice_plans_one_post_and_rejecting_what_is_approved_is_refused(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    assert len(stage.approve(new).posts) == 1
    again = stage.approve(new)
    assert (again.posts, again.notes) == ((), (replacing.AGAIN,))
    assert len([row for row in stage.posts() if row.variant_id == new]) == 1
    with pytest.raises(errors.Conflict) as refused:
        stage.reject(new)
    assert refused.value.code == "variant_live"
    assert stage.piece().status == "published"


def test_the_guard_must_have_passed_it_or_an_owner_overrides_with_a_reason(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B", body="As an AI language model, I cannot. [insert name here] Lorem ipsum dolor sit amet.")
    with pytest.raises(errors.Conflict) as refused:
        stage.approve(new)
    assert (refused.value.code, "override" in refused.value.detail) == ("guard_failed", True)
    with pytest.raises(errors.Invalid):
        stage.approve(new, "", True)
    said = replacing.Said("Really", True)
    with alice.writing() as session, pytest.raises(errors.Forbidden):
        replacing.approve_variant(session, alice.actor(Role.REVIEWER), alice.home.outside, new, said)
    assert stage.approve(new, "A quotation", True).posts
    assert stage.statuses()["B2"] == "live"


def test_what_is_kept_of_its_version_counts_too(alice: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    for guard, code in (
        ({"score": 0.4, "passed": False, "method": "rules+judge", "findings": []}, "guard_failed"),
        ({"score": 0.9, "passed": True, "method": "rules", "findings": [], "judge": "pending"}, "judge_pending"),
    ):
        with alice.writing() as session:
            session.get_one(pieces.Piece, stage.piece_id).guard = guard
        with pytest.raises(errors.Conflict) as refused:
            stage.approve(new)
        assert refused.value.code == code
    with alice.writing() as session:
        session.get_one(pieces.Piece, stage.piece_id).guard = {
            **guard,
            "judge": "done",
            "passed": False,
            "needs_person": True,
        }
    assert stage.approve(new).posts


@pytest.mark.parametrize(
    ("how", "why"),
    [("paused", "is paused"), ("archived", "is archived"), ("removed", "was taken down"), ("elsewhere", "no channel")],
)
def test_where_it_cannot_stand_nothing_is_planned_and_the_answer_says_so(alice: Tenant, how: str, why: str) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    channel_id = stage.press.channel_id
    with alice.writing() as session:
        if how == "paused":
            channels.pause(session, alice.owner, channel_id)
        elif how == "archived":
            channels.archive(session, alice.owner, channel_id)
    old = next(row for row in stage.posts() if row.variant_id == stage.variants["B"])
    with alice.writing() as session:
        if how == "removed":
            posts.removed(session, alice.owner, old.id, None, is_by_hand=True)
        elif how == "elsewhere":
            session.get_one(posts.Post, old.id).channel_id = None
    done = stage.approve(new)
    assert done.posts == ()
    assert any(why in note for note in done.notes), done.notes
    assert stage.statuses()["B2"] == "live"


def test_other_channels_are_never_posted_to_by_it(alice: Tenant) -> None:
    stage = staged.lost(alice)
    stage.press.channel(kind="webhook", name="Partner")
    done = stage.approve(stage.draft("B"))
    assert done.posts == ()
    assert any("nothing is sent to Partner by this" in note for note in done.notes)


def test_a_new_text_for_what_is_still_tried_ends_that_experiment_and_is_shown(alice: Tenant) -> None:
    stage = staged.stage(alice)
    stage.begin()
    new = stage.draft("B")
    done = stage.approve(new)
    assert done.replaced == (stage.variants["B"],)
    assert any(f"the experiment {stage.experiment_id} ended" in note for note in done.notes)
    assert stage.shown() == list(stage.variants.values())
    stage.send(*done.posts)
    assert stage.shown() == [stage.variants["A"], new]


def test_what_was_published_elsewhere_is_what_is_live(alice: Tenant) -> None:
    stage = staged.stage(alice)
    stage.draft("B")
    with alice.writing() as session:
        row = posts.record(session, alice.owner, {"piece_id": stage.piece_id, "label": "B", "platform": "x"})
    assert row.variant_id == stage.variants["B"]


def test_a_piece_whose_replacement_stands_nowhere_says_so(alice: Tenant) -> None:
    stage = staged.stage(alice)
    stage.press.becomes(stage.slug, "failed")
    new = stage.draft("A")
    done = stage.approve(new)
    assert (done.posts, done.notes) == ((), (f"A: {successions.NOWHERE}",))


def test_selecting_a_variant_of_an_approved_piece_leaves_what_waits_alone(alice: Tenant) -> None:
    stage = staged.lost(alice)
    staged.becomes(alice, stage.piece_id, "approved")
    stage.draft("B")
    for label in ("A", None):
        with alice.writing() as session:
            pieces.select(session, alice.owner, stage.piece_id, label)
        assert stage.statuses() == {"A1": "live", "B1": "loser", "B2": "draft"}


def test_a_variant_that_stands_for_its_piece_decides_on_it_as_ever(alice: Tenant) -> None:
    stage = staged.stage(alice)
    with pytest.raises(errors.Conflict) as refused:
        stage.approve(stage.variants["A"])
    assert refused.value.code == "piece_published"
    staged.becomes(alice, stage.piece_id, "approved")
    assert stage.reject(stage.variants["A"]).piece.status == "rejected"


def test_rights_and_strangers(alice: Tenant, charlie: Tenant) -> None:
    stage = staged.lost(alice)
    new = stage.draft("B")
    for decide in (
        lambda session, who: replacing.approve_variant(session, who.actor(Role.EDITOR), who.home.outside, new),
        lambda session, who: replacing.reject_variant(session, who.actor(Role.EDITOR), new),
    ):
        with alice.writing() as session, pytest.raises(errors.Forbidden):
            decide(session, alice)
    with charlie.writing() as session, pytest.raises(errors.NotFound):
        replacing.approve_variant(session, charlie.owner, charlie.home.outside, new)
    assert stage.statuses()["B2"] == "draft"
