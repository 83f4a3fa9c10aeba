"""The rules of publishing in the database: missed times, pauses, late answers, texts that may not go out any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regrow.adapters.channels import register
from regrow.domain.publishing.channel import Capabilities, Outcome
from regrow.domain.workspaces import Role
from regrow.kit import clock, errors
from regrow.services import channels, pieces, posts, publishing, sending
from regrow.store import audit
from regrow.store import posts as post_store
from regrow.store.tables.posts import Post
from tests import publishing as outside
from tests.homes import Tenant

GRACE = timedelta(minutes=15)
ASKS = Capabilities(media=("blog",), can_reconcile=True)
BLIND = Capabilities(media=("blog",))
REPEATS = Capabilities(media=("blog",), is_repeatable=True)
SETTLE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "MODULES", (*register.MODULES, outside))


@pytest.fixture
def channel_id(alice: Tenant) -> str:
    values = {"kind": "loopback", "name": "L", "settings": {"address": "http://127.0.0.1:9"}}
    with alice.writing() as session:
        return channels.create(session, alice.owner, alice.home.channels, alice.home.sealer, values).id


def planned(alice: Tenant, channel_id: str, at: str | None = None, title: str = "Loaf") -> Post:
    (piece_id,) = outside.approved(alice, title, labels=("A",))
    with alice.writing() as session:
        (post,) = publishing.publish(session, alice.owner, alice.home.outside, piece_id, channel_id, at).posts
        return post


def claim(alice: Tenant, post: Post) -> sending.Errand:
    with alice.writing() as session:
        return sending.claim(session, alice.home.outside, post.id, post.round, GRACE)


def answered(alice: Tenant, post: Post, attempt: int, outcome: Outcome) -> sending.Verdict:
    with alice.writing() as session:
        return sending.answered(session, post.id, attempt, outcome)


def reconciled(alice: Tenant, post: Post, asked: int, kind: Any, limits: Capabilities, **more: Any) -> sending.Verdict:
    with alice.writing() as session:
        settle = more.get("settle", SETTLE)
        return sending.reconciled(session, post.id, 1, asked, Outcome(kind), limits, settle)


def now(alice: Tenant, post: Post) -> Post:
    with alice.reading() as session:
        return session.get_one(Post, post.id)


def put(alice: Tenant, post: Post, **values: Any) -> None:
    with alice.writing() as session:
        row = session.get_one(Post, post.id)
        for name, value in values.items():
            setattr(row, name, value)


def told(alice: Tenant, post: Post) -> list[str]:
    with alice.reading() as session:
        return [row.action for row in reversed(audit.page(session, 50, subject_id=post.id).items)]


def test_a_post_is_claimed_once_and_its_answer_is_kept_word_for_word(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    errand = claim(alice, post)
    assert (errand.act, errand.attempt) == ("send", 1)
    assert errand.outgoing is not None
    assert (errand.outgoing.key, errand.outgoing.title) == (post.key, "Loaf")
    assert errand.outgoing.html == "<p>Bread.</p>\n"
    outcome = Outcome("published", "17", "http://x/17", answer='{"id": "17"}\x00\ud800')
    assert answered(alice, post, 1, outcome).act == "over"
    row = now(alice, post)
    assert (row.status, row.outside_id, row.answer) == ("published", "17", '{"id": "17"}?')
    assert told(alice, post) == ["post.sending", "post.published"]
    assert claim(alice, post).act == "over"


def test_a_variant_that_failed_can_follow_the_one_that_is_there(alice: Tenant, channel_id: str) -> None:
    (piece_id,) = outside.approved(alice, "Two", labels=("A", "B"))

    def publish() -> tuple[Post, ...]:
        with alice.writing() as session:
            return publishing.publish(session, alice.owner, alice.home.outside, piece_id, channel_id).posts

    a, b = publish()
    for post, kind in ((a, "published"), (b, "refused")):
        claim(alice, post)
        answered(alice, post, 1, Outcome(kind))
    (again,) = publish()
    assert (again.variant_id, again.number, again.key != b.key) == (b.variant_id, 2, True)
    with pytest.raises(errors.Conflict) as refused:
        publish()
    assert refused.value.code == "already_published"
    assert a.id in refused.value.detail


def test_found_as_sending_it_is_asked_about_and_not_sent(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    assert claim(alice, post).act == "send"
    assert claim(alice, post).act == "ask"
    assert now(alice, post).status == "unknown"
    with alice.reading() as session:
        question = sending.question(session, alice.home.outside, post.id, post.round)
    assert question.outgoing is not None
    assert question.outgoing.key == post.key


def test_that_nothing_was_taken_is_believed_only_after_a_while(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    claim(alice, post)
    claim(alice, post)
    assert reconciled(alice, post, 0, "retry", ASKS).act == "ask"
    assert now(alice, post).status == "unknown"
    assert reconciled(alice, post, 1, "retry", ASKS, settle=timedelta(0)).act == "send"
    assert now(alice, post).status == "planned"


@pytest.mark.parametrize(("limits", "act"), [(BLIND, "over"), (ASKS, "ask"), (REPEATS, "send")])
def test_what_is_unknown_is_repeated_only_where_that_is_harmless(
    alice: Tenant, channel_id: str, limits: Capabilities, act: str
) -> None:
    post = planned(alice, channel_id)
    claim(alice, post)
    answered(alice, post, 1, Outcome("unknown", detail="the line dropped"))
    assert reconciled(alice, post, 0, "unknown", limits).act == act
    row = now(alice, post)
    if act == "over":
        assert (row.status, "regrow posts resolve" in row.detail) == ("unknown", True)
        assert told(alice, post)[-1] == "post.needs_a_person"
    last = reconciled(alice, post, sending.MOST_QUESTIONS, "unknown", ASKS)
    assert last.act == "over"


def test_an_answer_that_comes_after_all_settles_what_is_still_unknown(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    claim(alice, post)
    claim(alice, post)
    answered(alice, post, 1, Outcome("published", "17"))
    assert now(alice, post).status == "published"
    answered(alice, post, 1, Outcome("refused"))
    assert now(alice, post).status == "published"
    assert told(alice, post)[-1] == "post.answered_late"


def test_too_late_is_missed_and_told_and_never_fired(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    put(alice, post, due_at=clock.now() - GRACE - timedelta(minutes=1))
    assert claim(alice, post).act == "over"
    assert (now(alice, post).status, now(alice, post).attempts) == ("missed", 0)
    assert told(alice, post) == ["post.missed"]
    with alice.writing() as session:
        moved = posts.move(session, alice.owner, post.id, None).posts[0]
    assert (moved.status, moved.round) == ("planned", 2)
    assert claim(alice, post).act == "over"  # The run of the round before has nothing to send.
    assert claim(alice, moved).act == "send"


def test_a_clock_set_back_fires_nothing_early(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    put(alice, post, due_at=clock.now() + timedelta(hours=1))
    assert claim(alice, post).act == "over"
    assert (now(alice, post).status, now(alice, post).round) == ("planned", 2)


def test_pausing_cancelling_and_archiving_hold_a_post(alice: Tenant, channel_id: str) -> None:
    first, second, third = (planned(alice, channel_id, title=f"Loaf {n}") for n in range(3))
    with alice.writing() as session:
        posts.cancel(session, alice.owner, first.id)
        channels.pause(session, alice.owner, channel_id)
        assert post_store.due_in_use(session, clock.now(), 10) == []
    assert claim(alice, first).act == "over"
    assert claim(alice, second).act == "over"
    assert now(alice, second).status == "planned"
    with alice.writing() as session:
        channels.resume(session, alice.owner, channel_id)
        assert {row.id for row in post_store.due_in_use(session, clock.now(), 10)} == {second.id, third.id}
        channels.archive(session, alice.owner, channel_id)
    assert claim(alice, third).act == "over"
    assert (now(alice, third).status, "archived" in now(alice, third).detail) == ("failed", True)


def test_cancelling_while_posting_is_refused(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    claim(alice, post)
    with alice.writing() as session, pytest.raises(errors.Conflict, match="being sent right now"):
        posts.cancel(session, alice.owner, post.id)
    assert answered(alice, post, 1, Outcome("published", "1")).act == "over"
    assert now(alice, post).status == "published"


def test_a_text_that_was_reopened_does_not_go_out(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    with alice.writing() as session:
        pieces.reopen(session, alice.owner, post.piece_id)
    assert claim(alice, post).act == "over"
    assert (now(alice, post).status, "reopened" in now(alice, post).detail) == ("failed", True)


def test_it_is_tried_so_often_and_not_for_ever(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    waits = []
    for attempt in range(1, sending.MOST_ATTEMPTS + 1):
        put(alice, post, due_at=clock.now())
        assert claim(alice, post).attempt == attempt
        waits.append(answered(alice, post, attempt, Outcome("retry", detail="busy", retry_after_seconds=3)))
    assert [verdict.act for verdict in waits] == ["send"] * 4 + ["over"]
    assert waits[0].seconds == 3
    assert waits[1].seconds > waits[0].seconds
    assert (now(alice, post).status, "tried 5 times" in now(alice, post).detail) == ("failed", True)


def test_only_the_selected_variant_goes_out_and_a_piece_is_published_with_the_last_of_them(
    alice: Tenant, channel_id: str
) -> None:
    (both,) = outside.approved(alice, "Both")
    with alice.writing() as session:
        done = publishing.publish(session, alice.owner, alice.home.outside, both, channel_id)
        assert len(done.posts) == 2
    for number, post in enumerate(done.posts):
        with alice.reading() as session:
            assert pieces.editing.found(session, pieces.Piece, both, "piece").status == "approved", number
        claim(alice, post)
        answered(alice, post, 1, Outcome("published", str(number)))
    with alice.reading() as session:
        assert pieces.editing.found(session, pieces.Piece, both, "piece").status == "published"


def test_rights_and_strangers(alice: Tenant, charlie: Tenant, channel_id: str) -> None:
    (piece_id,) = outside.approved(alice, "Rights")
    with alice.writing() as session, pytest.raises(errors.Forbidden):
        publishing.publish(session, alice.actor(Role.EDITOR), alice.home.outside, piece_id, channel_id)
    with charlie.writing() as session, pytest.raises(errors.NotFound):
        publishing.publish(session, charlie.owner, charlie.home.outside, piece_id, channel_id)
    post = planned(alice, channel_id, title="Theirs")
    with charlie.writing() as session:
        assert sending.claim(session, charlie.home.outside, post.id, 1, GRACE).act == "over"
        with pytest.raises(errors.NotFound):
            posts.cancel(session, charlie.owner, post.id)


def test_a_question_answered_before_a_crash_is_not_the_end_of_the_run(alice: Tenant, channel_id: str) -> None:
    """The answer was stored, the run did not know it: asked again, it goes on to send."""
    post = planned(alice, channel_id)
    claim(alice, post)
    claim(alice, post)
    assert reconciled(alice, post, 0, "retry", ASKS, settle=timedelta(0)).act == "send"
    with alice.reading() as session:
        again = sending.question(session, alice.home.outside, post.id, post.round)
    assert (again.act, again.outgoing) == ("send", None)


def test_a_planned_post_whose_run_is_over_gets_another_round_once(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    with alice.writing() as session:
        assert sending.stalled(session, post.id, 1) == 2
        assert sending.stalled(session, post.id, 1) is None
    assert now(alice, post).status == "planned"


def test_a_lost_sender_is_noticed(alice: Tenant, channel_id: str) -> None:
    post = planned(alice, channel_id)
    claim(alice, post)
    with alice.writing() as session:
        assert sending.orphaned(session, post.id, 1) == 2
        assert sending.orphaned(session, post.id, 1) is None
    assert now(alice, post).status == "unknown"
