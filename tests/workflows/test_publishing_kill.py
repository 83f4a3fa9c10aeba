"""kill -9 at any moment of publishing: nothing goes out twice, nothing is lost, and what is unknown gets known.

REGROW_TEST_KILLS sets how many random kills there are; ten by default, two hundred for a long run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrow import wiring
from regrow.adapters.channels import register
from regrow.services import channels, publishing
from regrow.store import posts
from regrow.store.tables.posts import Post
from tests import cluster
from tests import publishing as outside
from tests.homes import Tenant, settings_for, tenant
from tests.workflows import processes

KILLS = int(os.environ.get("REGROW_TEST_KILLS", "10"))
MOMENTS = ("begun", "claimed", "answered", "done", "recorded")
WAIT_SECONDS = 300


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    """Her home is open here for planning only; the publishing is done by processes of their own."""
    monkeypatch.setattr(register, "MODULES", (*register.MODULES, outside))
    # Two hundred starts take longer on a slow machine than a planned time may be late.
    more = {"settle_seconds": 1, "grace_seconds": 86_400, "secret_key": "k" * 40}
    made = settings_for(database_kind, tmp_path / "home", **more)
    home = wiring.open_home(made)
    yield tenant(home, "Alice")
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def connected(alice: Tenant, receiver: outside.Receiver, **more: Any) -> str:
    values = {"kind": "loopback", "name": "L", "settings": {"address": receiver.url, **more}, "secrets": {"token": "t"}}
    with alice.writing() as session:
        return channels.create(session, alice.owner, alice.home.channels, alice.home.sealer, values).id


def planned(alice: Tenant, channel_id: str, title: str) -> list[Post]:
    (piece_id,) = outside.approved(alice, title)
    with alice.writing() as session:
        found = publishing.publish(session, alice.owner, alice.home.outside, piece_id, channel_id)
        return list(found.posts)


def started(alice: Tenant, kill: list[Any] | None = None, **more: Any) -> subprocess.Popen[str]:
    made = processes.as_json(alice.home.settings) | more
    spec = {"settings": made, "workspace_id": alice.id, "kill": kill}
    return processes.start(spec, "tests.workflows.publisher")


def ended(child: subprocess.Popen[str]) -> int:
    _out, err = child.communicate(timeout=WAIT_SECONDS)
    assert child.returncode in (0, -signal.SIGKILL), err[-3000:]
    return child.returncode


def every(alice: Tenant) -> list[Post]:
    with alice.reading() as session:
        return list(posts.page(session, 2_000).items)


def test_kill_at_each_moment_of_sending(alice: Tenant) -> None:
    with outside.receiving() as receiver:
        channel_id = connected(alice, receiver)
        for moment in MOMENTS:
            planned(alice, channel_id, f"Loaf {moment}")
            assert ended(started(alice, ["send", moment, 1])) == -signal.SIGKILL, moment
        assert ended(started(alice)) == 0
        rows = every(alice)
        assert len(rows) == 2 * len(MOMENTS)
        assert Counter(row.status for row in rows) == {"published": len(rows)}
        assert receiver.accepted == {row.key: 1 for row in rows}


def test_kill_at_each_moment_of_asking(alice: Tenant) -> None:
    """Nothing was accepted and the line was cut: the question is answered, and the answer must not get lost either."""
    with outside.receiving() as receiver:
        channel_id = connected(alice, receiver)
        for moment in ("begun", "done", "recorded"):
            planned(alice, channel_id, f"Loaf {moment}")
            assert ended(started(alice, ["send", "claimed", 1])) == -signal.SIGKILL
            # With nothing on its way, the first answer settles it.
            assert ended(started(alice, ["ask", moment, 1], settle_seconds=0)) == -signal.SIGKILL, moment
        assert ended(started(alice)) == 0
        rows = every(alice)
        assert Counter(row.status for row in rows) == {"published": 6}
        assert receiver.accepted == {row.key: 1 for row in rows}


def test_random_kills_double_and_lose_nothing(alice: Tenant) -> None:
    """The receiver also drops lines, lags, asks for patience and talks nonsense meanwhile."""
    dice = random.Random(11)
    with outside.receiving("", "", "drop", "later", "slow", "nonsense", "lost") as receiver:
        channel_id = connected(alice, receiver)
        for number in range(KILLS):
            planned(alice, channel_id, f"Loaf {number}")
            child = started(alice)
            assert child.stdout is not None
            child.stdout.readline()
            try:
                child.communicate(timeout=dice.random() * 0.6)
            except subprocess.TimeoutExpired:
                child.kill()
            ended(child)
        assert ended(started(alice)) == 0
        rows = every(alice)
        assert len(rows) == 2 * KILLS
        # Five bad answers in a row end a post: told, and certain not to be out.
        out = [row for row in rows if not (row.status == "failed" and row.detail.startswith("tried 5 times"))]
        assert len(rows) - len(out) <= len(rows) // 50
        assert [row.detail for row in out if row.status != "published"] == []
        assert receiver.accepted == {row.key: 1 for row in out}
        assert all(row.attempts >= 1 and row.published_at is not None for row in out)
