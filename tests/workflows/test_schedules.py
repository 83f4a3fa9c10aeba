"""The schedule at work: due posts are started once, late ones are missed, lost senders are noticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from regrow import wiring
from regrow.adapters.channels import register
from regrow.domain.workspaces import Role
from regrow.kit import clock
from regrow.services import channels, publishing, sites
from regrow.store import database, posts
from regrow.store import sites as site_store
from regrow.store.tables.posts import Post
from regrow.workflows import arriving, schedules
from tests import cluster
from tests import publishing as outside
from tests.faces.command_line import wait_until
from tests.homes import Tenant, settings_for, tenant


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    """Her home does its own work; the schedule is looked at by hand."""
    monkeypatch.setattr(register, "MODULES", (*register.MODULES, outside))
    made = settings_for(database_kind, tmp_path / "home", settle_seconds=0, secret_key=SecretStr("k" * 40))
    home = wiring.open_home(made)
    found = tenant(home, "Alice")
    home.launch()
    yield found
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def planned(alice: Tenant, receiver: outside.Receiver, count: int, due_in: timedelta) -> list[Post]:
    """Posts whose time is set past the rules, as if it had come meanwhile."""
    values = {"kind": "loopback", "name": "L", "settings": {"address": receiver.url}, "secrets": {}}
    with alice.writing() as session:
        channel = channels.create(session, alice.owner, alice.home.channels, alice.home.sealer, values)
    later = clock.iso(clock.now() + timedelta(days=1))
    made = []
    for piece_id in outside.approved(alice, *(f"Loaf {n}" for n in range(count)), labels=("A",)):
        with alice.writing() as session:
            (row,) = publishing.publish(session, alice.owner, alice.home.outside, piece_id, channel.id, later).posts
            row.due_at = clock.now() + due_in
            made.append(row)
    return made


def statuses(alice: Tenant) -> list[str]:
    with alice.reading() as session:
        return sorted(row.status for row in posts.page(session, 100).items)


def test_what_is_due_goes_out_once_however_often_one_looks(alice: Tenant) -> None:
    with outside.receiving() as receiver:
        made = planned(alice, receiver, 3, timedelta(seconds=-1))
        for _ in range(5):
            schedules.tick(alice.home.engine)
        wait_until(lambda: statuses(alice) == ["published"] * 3)
        assert schedules.tick(alice.home.engine) == 0
        assert receiver.accepted == {row.key: 1 for row in made}


def test_the_first_turn_sends_what_is_due_however_long_a_lease_is(alice: Tenant) -> None:
    """On PostgreSQL only calling others dead has to wait for a whole lease, which is a minute here."""
    with outside.receiving() as receiver:
        planned(alice, receiver, 1, timedelta(seconds=-1))
        alice.home._keeper.turn()
        wait_until(lambda: statuses(alice) == ["published"])
        assert sum(receiver.accepted.values()) == 1


def test_what_comes_later_waits_and_what_is_too_late_is_missed(alice: Tenant) -> None:
    with outside.receiving() as receiver:
        planned(alice, receiver, 1, timedelta(hours=1))
        planned(alice, receiver, 1, timedelta(hours=-1))
        schedules.tick(alice.home.engine)
        wait_until(lambda: statuses(alice) == ["missed", "planned"])
        assert schedules.tick(alice.home.engine) == 0
        assert receiver.calls == 0


def test_a_post_whose_sender_is_gone_is_asked_about(alice: Tenant) -> None:
    with outside.receiving() as receiver:
        (post,) = planned(alice, receiver, 1, timedelta(hours=1))
        with alice.writing() as session:
            row = session.get_one(Post, post.id)
            row.status, row.attempts, row.due_at = "sending", 1, clock.now()
            row.updated_at = clock.now() - timedelta(minutes=5)
        receiver.accepted[post.key] += 1
        schedules.tick(alice.home.engine)
        wait_until(lambda: statuses(alice) == ["published"])
        assert (receiver.calls, receiver.accepted[post.key]) == (0, 1)


def test_an_older_workspace_gets_its_site_and_an_archived_one_stays_so(alice: Tenant) -> None:
    with alice.writing() as session:
        site = site_store.served(session)
        assert site is not None
        sites.archive(session, alice.actor(Role.EDITOR), site.id)
    arriving.furnish(alice.home.engine)
    with alice.reading() as session:
        assert site_store.served(session) is None
    alice.raw("DELETE FROM channels")
    alice.raw("DELETE FROM sites")
    arriving.furnish(alice.home.engine)
    with database.reading(alice.home.engine, alice.id) as session:
        found = site_store.served(session)
        assert found is not None
        assert found.title == "Alice"
