"""Webhooks over HTTP: sent by durable runs, logged, replayed, tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from regrow.services import sending
from regrow.testing.receiver import Receiver
from tests import channels as made
from tests import publishing as outside
from tests.faces.command_line import wait_until
from tests.faces.conftest import Face, is_problem, opened


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def face(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """A home that may reach the receiver on loopback."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sending, "FIRST_WAIT_SECONDS", 0.05)
        folder = tmp_path_factory.mktemp("home")
        with opened(request.param, folder, allow_private_addresses=True, settle_seconds=0) as face:
            yield face


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(secret=made.SECRET) as receiver:
        yield receiver


def hooked(face: Face, receiver: Receiver, **more: Any) -> str:
    settings = {"address": receiver.address, "reconcile_address": receiver.reconcile_address, **more}
    body = {"kind": "webhook", "name": "W", "settings": settings, "secrets": {"secret": made.SECRET}}
    return str(face.made("/api/channels", body)["id"])


def published(face: Face, channel_id: str, status: str, title: str = "Bread") -> dict[str, Any]:
    """The post of a piece with one variant, once it has come to this status."""
    (piece_id,) = outside.approved(face.alice, title, labels=("A",))
    path = f"/api/content/pieces/{piece_id}/publish"
    answer = face.call("POST", path, "reviewer", json={"channel_id": channel_id})
    assert answer.status_code in (201, 202), answer.text
    post: dict[str, Any] = {}

    def is_there() -> bool:
        post.update(face.call("GET", f"/api/posts?channel_id={channel_id}&piece_id={piece_id}").json()["items"][0])
        return bool(post["status"] == status)

    wait_until(is_there)
    return post


def log(face: Face, channel_id: str, query: str = "") -> list[dict[str, Any]]:
    """Newest first."""
    items: list[dict[str, Any]] = face.call("GET", f"/api/channels/{channel_id}/deliveries{query}", "viewer").json()[
        "items"
    ]
    return items


def test_a_post_goes_out_once_and_is_logged(face: Face, receiver: Receiver) -> None:
    channel_id = hooked(face, receiver)
    post = published(face, channel_id, "published")
    [row] = log(face, channel_id)
    assert (row["post_id"], row["message_id"], row["outcome"]) == (post["id"], post["key"], "delivered")
    assert (row["status"], row["attempt"]) == (200, 1)
    assert post["outside_id"] == f"out-{post['key'][:12]}"
    assert receiver.ids == {post["key"]}
    assert made.SECRET not in json.dumps(face.call("GET", f"/api/channels/{channel_id}").json())


@pytest.mark.parametrize(
    ("faults", "outcomes"),
    [
        (["503", "503-0"], ["again", "again", "delivered"]),
        (["accept-drop"], ["unknown"]),
        (["accept-500"], ["unknown"]),
        (["accept-nonsense"], ["unknown"]),
        (["drop"], ["unknown", "delivered"]),
        (["500"], ["unknown", "delivered"]),
    ],
)
def test_faults_are_got_over_and_nothing_is_taken_twice(
    face: Face, receiver: Receiver, faults: list[str], outcomes: list[str]
) -> None:
    receiver.faults.extend(faults)
    channel_id = hooked(face, receiver)
    post = published(face, channel_id, "published")
    assert [row["outcome"] for row in reversed(log(face, channel_id))] == outcomes
    assert [message.id for message in receiver.taken] == [post["key"]]


def test_a_dead_letter_is_told_and_sent_once_more(face: Face, receiver: Receiver) -> None:
    receiver.faults.append("400")
    channel_id = hooked(face, receiver)
    post = published(face, channel_id, "failed")
    [dead] = log(face, channel_id, "?outcome=dead")
    path = f"/api/channels/{channel_id}/deliveries/{dead['id']}/replay"
    again = face.call("POST", path, "reviewer", headers={"Idempotency-Key": "once-more"})
    assert again.status_code == 201, again.text
    assert (again.status_code, again.json()["outcome"], again.json()["attempt"]) == (201, "delivered", 2)
    assert face.call("GET", f"/api/posts/{post['id']}").json()["status"] == "published"
    # The same request again is answered as before, and sends nothing.
    repeated = face.call("POST", path, "reviewer", headers={"Idempotency-Key": "once-more"})
    assert (repeated.json(), len(receiver.taken)) == (again.json(), 1)


def test_a_redirect_to_a_private_address_is_refused(face: Face, receiver: Receiver) -> None:
    receiver.faults.append("redirect-private")
    channel_id = hooked(face, receiver)
    post = published(face, channel_id, "failed")
    assert "sends elsewhere" in post["detail"]
    assert receiver.ids == set()


def test_a_channel_is_tried(face: Face, receiver: Receiver) -> None:
    channel_id = hooked(face, receiver)
    answer = face.call("POST", f"/api/channels/{channel_id}/test", "reviewer")
    assert (answer.status_code, answer.json()["outcome"], answer.json()["post_id"]) == (201, "delivered", None)
    assert [message.body["type"] for message in receiver.taken] == ["channel.tested"]
    is_problem(face.call("POST", f"/api/channels/{channel_id}/test", "editor"), 403)


def test_what_is_asked_for_wrongly_is_told(face: Face, receiver: Receiver) -> None:
    channel_id = hooked(face, receiver)
    log_of = f"/api/channels/{channel_id}/deliveries"
    is_problem(face.call("GET", f"{log_of}?outcome=maybe"), 400)
    is_problem(face.call("GET", log_of, "stranger"), 404)
    is_problem(face.call("POST", f"{log_of}/dlv_000000000000000/replay"), 404)
    bad = {"kind": "webhook", "name": "W", "settings": {"address": "ftp://h/"}, "secrets": {"secret": made.SECRET}}
    refused = face.call("POST", "/api/channels", json=bad)
    is_problem(refused, 400)
    assert "must begin with https://" in refused.json()["detail"]
    assert receiver.asked == 0


def test_files_and_feeds_are_published_over_http(face: Face) -> None:
    for kind, settings in [
        ("folder", {"folder": "posts"}),
        ("feed", {"folder": "feeds", "title": "Bread", "address": "https://static.example/"}),
    ]:
        channel = face.made("/api/channels", {"kind": kind, "name": kind, "settings": settings})
        assert face.call("GET", f"/api/channels/{channel['id']}/status").json()["is_ready"]
        published(face, channel["id"], "published", "Bread in files")
        is_problem(face.call("POST", f"/api/channels/{channel['id']}/test"), 409)
    written = {path.name: path for path in (face.home.settings.home / "published").rglob("*.*")}
    assert "# Bread in files" in written["bread-in-files.md"].read_text()
    assert "Bread in files" in written["feed.xml"].read_text()
    bad = {"kind": "folder", "name": "f", "settings": {"folder": "/etc"}}
    is_problem(face.call("POST", "/api/channels", json=bad), 400)
