"""The log of deliveries, dead letters, and messages sent once more: against a receiver on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from regrow.adapters.channels import register
from regrow.adapters.sealing import FernetSealer
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import channels, deliveries, posts, publishing, sending
from regrow.services.publishing import Outside
from regrow.store import channels as channel_store
from regrow.store import deliveries as delivery_store
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.channels import Delivery
from regrow.store.tables.content import Piece
from regrow.store.tables.posts import Post
from regrow.testing.receiver import Receiver
from tests import channels as made
from tests import publishing as outside_tests
from tests.homes import Tenant

GRACE = timedelta(minutes=15)


@dataclass
class Desk:
    """A workspace with a webhook that leads to a receiver, and one post on its way there."""

    tenant: Tenant
    outside: Outside
    receiver: Receiver
    channel_id: str
    piece_id: str
    post_id: str

    def send(self, *faults: str) -> str:
        """One attempt, as the durable run makes it."""
        self.receiver.faults.extend(faults)
        with self.tenant.writing() as session:
            errand = sending.claim(session, self.outside, self.post_id, 1, GRACE)
        assert errand.channel is not None
        assert errand.outgoing is not None
        outcome = errand.channel.post(errand.outgoing)
        with self.tenant.writing() as session:
            return sending.answered(session, self.post_id, errand.attempt, outcome).act

    def due(self) -> None:
        """The wait between two attempts is over."""
        with self.tenant.writing() as session:
            row = session.get_one(Post, self.post_id)
            row.due_at = row.created_at

    def replay(self, delivery_id: str, *faults: str, role: Role = Role.REVIEWER) -> str:
        self.receiver.faults.extend(faults)
        with self.tenant.reading() as session:
            again = deliveries.replay(session, self.tenant.actor(role), self.outside, self.channel_id, delivery_id)
        outcome = again.channel.post(again.outgoing)
        with self.tenant.writing() as session:
            return str(deliveries.replayed(session, self.tenant.actor(role), again, outcome).outcome)

    def log(self) -> list[Delivery]:
        """Oldest first."""
        with self.tenant.reading() as session:
            return list(reversed(delivery_store.page(session, self.channel_id, 100).items))

    def told(self) -> list[tuple[int, str, int]]:
        return [(row.attempt, row.outcome, row.status) for row in self.log()]

    def post(self) -> Post:
        with self.tenant.reading() as session:
            return session.get_one(Post, self.post_id)


@pytest.fixture
def desk(alice: Tenant, tmp_path: Path) -> Iterator[Desk]:
    with Receiver(secret=made.SECRET) as receiver:
        yield built(alice, tmp_path, receiver)


def built(alice: Tenant, home: Path, receiver: Receiver, **settings: Any) -> Desk:
    outside = Outside(register.Register(made.surroundings(home)), FernetSealer("k" * 40, None))
    (piece_id,) = outside_tests.approved(alice, "Bread", labels=("A",))
    given = {"address": receiver.address, **settings}
    values = {"kind": "webhook", "name": "W", "settings": given, "secrets": {"secret": made.SECRET}}
    with alice.writing() as session:
        channel = channels.create(session, alice.owner, outside.register, outside.sealer, values)
        (post,) = publishing.publish(session, alice.owner, outside, piece_id, channel.id).posts
        return Desk(alice, outside, receiver, channel.id, piece_id, post.id)


def test_what_was_taken_is_in_the_log(desk: Desk) -> None:
    assert desk.send() == "over"
    [row] = desk.log()
    assert (row.attempt, row.outcome, row.status, row.post_id) == (1, "delivered", 200, desk.post_id)
    assert row.message_id == desk.post().key == desk.receiver.taken[0].id
    assert "elsewhere.example" in row.answer
    assert desk.receiver.taken[0].body["data"]["piece_id"] == desk.piece_id


def test_an_answer_shows_no_secret_and_no_nul(desk: Desk) -> None:
    desk.receiver.secret = made.FORMER
    desk.send()
    assert desk.told() == [(1, "dead", 401)]
    assert made.SECRET not in repr([(row.detail, row.answer) for row in desk.log()])


def test_each_attempt_is_a_row_until_the_letter_is_dead(desk: Desk) -> None:
    for attempt in range(1, sending.MOST_ATTEMPTS + 1):
        desk.send("503")
        assert desk.told()[-1] == (attempt, "dead" if attempt == sending.MOST_ATTEMPTS else "again", 503)
        desk.due()
    assert (desk.post().status, len(desk.log())) == ("failed", sending.MOST_ATTEMPTS)
    assert desk.receiver.ids == set()


def test_a_letter_is_dead_when_asking_about_it_comes_to_nothing(desk: Desk) -> None:
    limits = channels_limits(desk)
    for _ in range(sending.MOST_ATTEMPTS):
        desk.send("accept-drop")
        row = desk.post()
        if row.status == "unknown" and row.attempts < sending.MOST_ATTEMPTS:
            again(desk, limits)
            desk.due()
    assert [outcome for _, outcome, _ in desk.told()] == ["unknown"] * sending.MOST_ATTEMPTS
    again(desk, limits, kind="retry")
    assert desk.told()[-1] == (sending.MOST_ATTEMPTS, "dead", 0)
    assert desk.post().status == "failed"
    assert {message.is_again for message in desk.receiver.taken[1:]} == {True}


def channels_limits(desk: Desk) -> Any:
    with desk.tenant.reading() as session:
        row = session.get_one(deliveries.Channel, desk.channel_id)
        return channels.connected(desk.outside.register, desk.outside.sealer, row).capabilities


def again(desk: Desk, limits: Any, kind: Any = "unknown") -> None:
    outcome = sending.Outcome(kind)
    with desk.tenant.writing() as session:
        row = session.get_one(Post, desk.post_id)
        sending.reconciled(session, row.id, row.attempts, 9, outcome, limits, timedelta(0))


def test_a_dead_letter_sent_once_more_is_published(desk: Desk) -> None:
    desk.send("400")
    assert desk.post().status == "failed"
    [dead] = desk.log()
    assert desk.replay(dead.id) == "delivered"
    assert desk.told() == [(1, "dead", 400), (2, "delivered", 200)]
    row = desk.post()
    assert (row.status, row.outside_id) == ("published", f"out-{row.key[:12]}")
    assert desk.receiver.ids == {row.key}
    with desk.tenant.reading() as session:
        assert session.get_one(Piece, desk.piece_id).status == "published"
        actions = session.scalars(select(AuditRow.action)).all()
    assert {"delivery.replayed", "post.published", "piece.published"} <= set(actions)


def test_what_is_published_may_be_sent_once_more_and_is_taken_once(desk: Desk) -> None:
    desk.send()
    [row] = desk.log()
    assert [desk.replay(row.id), desk.replay(row.id)] == ["delivered", "delivered"]
    assert [message.is_again for message in desk.receiver.taken] == [False, True, True]
    assert [attempt for attempt, _, _ in desk.told()] == [1, 2, 3]
    assert desk.receiver.taken[0].body == desk.receiver.taken[2].body


@pytest.mark.parametrize(
    ("fault", "result"), [("500", "unknown"), ("503", "dead"), ("404", "dead"), ("drop", "unknown")]
)
def test_a_replay_that_fails_changes_no_post(desk: Desk, fault: str, result: str) -> None:
    desk.send("400")
    assert desk.replay(desk.log()[0].id, fault) == result
    assert desk.post().status == "failed"


def test_a_receiver_that_may_take_it_twice_gets_no_replay(alice: Tenant, tmp_path: Path) -> None:
    with Receiver(secret=made.SECRET) as receiver:
        desk = built(alice, tmp_path, receiver, is_repeatable=False)
        desk.send("400")
        with pytest.raises(errors.Conflict) as refused:
            desk.replay(desk.log()[0].id)
    assert refused.value.code == "not_repeatable"
    assert len(receiver.taken) == 0


def test_a_post_under_way_or_there_by_another_is_not_sent_once_more(desk: Desk) -> None:
    desk.send("503")
    with pytest.raises(errors.Conflict) as planned:
        desk.replay(desk.log()[0].id)
    assert planned.value.code == "post_planned"
    desk.due()
    desk.send("400")
    with desk.tenant.writing() as session:
        publishing.publish(session, desk.tenant.owner, desk.outside, desk.piece_id, desk.channel_id)
    with pytest.raises(errors.Conflict) as there:
        desk.replay(desk.log()[0].id)
    assert there.value.code == "already_published"


def test_a_post_planned_while_the_letter_was_on_its_way_keeps_the_old_one_failed(desk: Desk) -> None:
    desk.send("400")
    with desk.tenant.reading() as session:
        again = deliveries.replay(session, desk.tenant.owner, desk.outside, desk.channel_id, desk.log()[0].id)
    with desk.tenant.writing() as session:
        publishing.publish(session, desk.tenant.owner, desk.outside, desk.piece_id, desk.channel_id)
    outcome = again.channel.post(again.outgoing)
    with desk.tenant.writing() as session:
        deliveries.replayed(session, desk.tenant.owner, again, outcome)
    assert (desk.post().status, desk.told()[-1][1]) == ("failed", "delivered")


def test_a_rejected_piece_is_not_sent_once_more(desk: Desk) -> None:
    desk.send("400")
    with desk.tenant.writing() as session:
        variant = session.get_one(deliveries.Variant, session.get_one(Post, desk.post_id).variant_id)
        variant.status = "superseded"
    with pytest.raises(errors.Conflict) as refused:
        desk.replay(desk.log()[0].id)
    assert refused.value.code == "nothing_live"


def test_taking_back_is_in_the_log_and_cannot_be_replayed(desk: Desk) -> None:
    desk.send()
    with desk.tenant.reading() as session:
        asked = posts.removal(session, desk.tenant.owner, desk.outside, desk.post_id)
    assert asked is not None
    outcome = asked[0].remove(asked[1], asked[2])
    with desk.tenant.writing() as session:
        posts.removed(session, desk.tenant.owner, desk.post_id, outcome, is_by_hand=False)
    removal = desk.log()[-1]
    assert (removal.message_id, removal.outcome) == (f"{desk.post().key}-removed", "delivered")
    with pytest.raises(errors.Conflict) as refused:
        desk.replay(removal.id)
    assert refused.value.code == "not_a_post"


@pytest.mark.parametrize(("fault", "result"), [("", "delivered"), ("500", "unknown"), ("429-9", "dead")])
def test_a_channel_is_tried_without_publishing(desk: Desk, fault: str, result: str) -> None:
    desk.receiver.faults.extend([fault] if fault else [])
    with desk.tenant.reading() as session:
        channel, message_id = deliveries.trial(session, desk.tenant.owner, desk.outside, desk.channel_id)
    outcome = channel.test(message_id)
    with desk.tenant.writing() as session:
        row = deliveries.tried(session, desk.tenant.owner, desk.channel_id, message_id, outcome)
    assert (row.outcome, row.post_id, desk.post().status) == (result, None, "planned")


def test_other_kinds_take_no_messages(desk: Desk) -> None:
    with desk.tenant.writing() as session:
        site = next(row for row in channel_store.usable(session) if row.kind == "site")
        with pytest.raises(errors.Conflict) as refused:
            deliveries.trial(session, desk.tenant.owner, desk.outside, site.id)
        (planned,) = publishing.publish(session, desk.tenant.owner, desk.outside, desk.piece_id, site.id).posts
        deliveries.keep(session, planned, 1, sending.Outcome("published"), is_last=False)
        assert delivery_store.page(session, site.id, 9).items == []
    assert refused.value.code == "not_a_webhook"


def test_the_log_is_read_in_pages_and_by_outcome(desk: Desk) -> None:
    for _ in range(3):
        desk.send("503")
        desk.due()
    with desk.tenant.reading() as session:
        first = delivery_store.page(session, desk.channel_id, 2)
        assert [row.attempt for row in first.items] == [3, 2]
        rest = delivery_store.page(session, desk.channel_id, 2, first.items[-1].id)
        assert ([row.attempt for row in rest.items], rest.next_cursor) == ([1], None)
        assert delivery_store.page(session, desk.channel_id, 9, outcome="dead").items == []


def test_a_stranger_sees_and_sends_nothing(desk: Desk, charlie: Tenant) -> None:
    desk.send("400")
    [row] = desk.log()
    with charlie.reading() as session:
        assert delivery_store.page(session, desk.channel_id, 9).items == []
        with pytest.raises(errors.NotFound):
            deliveries.replay(session, charlie.owner, desk.outside, desk.channel_id, row.id)
        with pytest.raises(errors.NotFound):
            deliveries.trial(session, charlie.owner, desk.outside, desk.channel_id)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_reviewers_send(desk: Desk, role: Role) -> None:
    desk.send("400")
    with pytest.raises(errors.Forbidden):
        desk.replay(desk.log()[0].id, role=role)
    with pytest.raises(errors.Forbidden), desk.tenant.reading() as session:
        deliveries.trial(session, desk.tenant.actor(role), desk.outside, desk.channel_id)
