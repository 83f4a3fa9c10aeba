"""Webhooks on the command line: what became of messages, sent once more, tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrow.testing.receiver import Receiver
from tests import channels as made
from tests.faces import command_line
from tests.faces.command_line import inside


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(secret=made.SECRET) as receiver:
        yield receiver


def told(home: Path, *words: str, code: int = 0, stdin: str | None = None) -> Any:
    settings = {"REGROW_ALLOW_PRIVATE_ADDRESSES": "true"}
    return inside(*words, "--json", "--home", home, cwd=home.parent, code=code, stdin=stdin, env=settings).json


def test_deliveries_are_listed_replayed_and_tried(tmp_path: Path, receiver: Receiver) -> None:
    home = command_line.furnished(tmp_path)
    secret = ("--secret", "secret")
    channel = told(
        home, "channels", "create", "webhook", "W", "--set", f"address={receiver.address}", *secret, stdin=made.SECRET
    )
    assert told(home, "channels", "test", channel["id"])["outcome"] == "delivered"
    receiver.faults.append("500")
    assert told(home, "channels", "test", channel["id"], code=1)["outcome"] == "unknown"
    pieces = told(home, "pieces", "list")["items"]
    piece_id = next(each["id"] for each in pieces if each["medium"] == "blog")
    told(home, "approve", piece_id, "--override", "--reason", "a test of what comes after")
    told(home, "publish", piece_id, "--channel", channel["id"])
    items = told(home, "channels", "deliveries", channel["id"], "--outcome", "delivered")["items"]
    sent = [row for row in items if row["post_id"]]
    assert sent
    again = told(home, "channels", "replay", channel["id"], sent[0]["id"])
    assert (again["outcome"], again["attempt"], again["message_id"]) == ("delivered", 2, sent[0]["message_id"])
    told_wrong = inside(
        "channels", "deliveries", channel["id"], "--outcome", "x", "--home", home, cwd=home.parent, code=2
    )
    assert "--outcome: one of" in told_wrong.err
