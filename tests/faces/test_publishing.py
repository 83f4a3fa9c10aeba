"""Publishing over HTTP: channels, plans, posts, what clocks do to times, and totals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from regrow.adapters.channels import register
from regrow.kit import clock
from regrow.services import sending
from tests import publishing as outside
from tests.faces.command_line import wait_until
from tests.faces.conftest import Face, is_problem


@pytest.fixture(scope="module", autouse=True)
def _loopback() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(register, "MODULES", (*register.MODULES, outside))
        patched.setattr(sending, "FIRST_WAIT_SECONDS", 0.05)
        yield


def site_channel(face: Face) -> str:
    items = face.call("GET", "/api/channels").json()["items"]
    return str(next(each["id"] for each in items if each["kind"] == "site"))


def connected(face: Face, receiver: outside.Receiver, **more: Any) -> str:
    settings = {"address": receiver.url, **more}
    body = {"kind": "loopback", "name": "L", "settings": settings, "secrets": {"token": "s3cret-token"}}
    return str(face.made("/api/channels", body)["id"])


def publish(face: Face, piece_id: str, channel_id: str, **more: Any) -> Any:
    body = {"channel_id": channel_id, **more}
    return face.call("POST", f"/api/content/pieces/{piece_id}/publish", "reviewer", json=body)


def soon(**more: float) -> str:
    return clock.iso(clock.now() + timedelta(**more))


def test_an_approved_piece_goes_out_on_the_site_one_post_per_live_variant(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "A loaf at last")
    posts = publish(face, piece_id, site_channel(face)).json()
    assert [(post["label"], post["status"], post["slug"]) for post in posts] == [
        ("A", "published", "a-loaf-at-last"),
        ("B", "published", "a-loaf-at-last"),
    ]
    assert posts[0]["address"] == "http://127.0.0.1:8000/s/alice/a-loaf-at-last"
    piece = face.call("GET", f"/api/content/pieces/{piece_id}").json()
    assert piece["status"] == "published"
    assert face.call("GET", f"/api/content/generations/{piece['generation_id']}").json()["status"] == "published"
    context = face.call("GET", f"/api/contexts/{posts[0]['context_id']}").json()
    assert (context["phase"], context["result"]["post_id"]) == ("done", posts[0]["id"])
    (other,) = outside.approved(face.alice, "A loaf, at last!")
    assert publish(face, other, site_channel(face)).json()[0]["slug"] == "a-loaf-at-last-2"


def test_what_is_not_approved_or_not_taken_is_refused(face: Face) -> None:
    draft = face.generation()["pieces"][0]
    assert is_problem(publish(face, draft["id"], site_channel(face)), 409, "not_approved")
    (social,) = outside.approved(face.alice, "Short", medium="social")
    assert is_problem(publish(face, social, site_channel(face)), 400, "medium_not_taken")
    (piece_id,) = outside.approved(face.alice, "T" * 201)
    with outside.receiving() as receiver:
        assert is_problem(publish(face, piece_id, connected(face, receiver)), 400, "not_publishable")
        assert receiver.calls == 0
    assert face.call("GET", "/api/posts", params={"piece_id": piece_id}).json()["items"] == []


def test_publishing_twice_at_once_makes_one_set(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Twice at once")
    gate = threading.Barrier(8)

    def ask(_number: int) -> int:
        gate.wait()
        return int(publish(face, piece_id, channel_id).status_code)

    with outside.receiving() as receiver:
        channel_id = connected(face, receiver)
        with ThreadPoolExecutor(8) as pool:
            codes = sorted(pool.map(ask, range(8)))
        assert codes == [201] + [409] * 7
        posts = face.call("GET", "/api/posts", params={"piece_id": piece_id}).json()["items"]
        assert len(posts) == 2
        assert receiver.accepted == {post["key"]: 1 for post in posts}
        again = publish(face, piece_id, channel_id)
        assert is_problem(again, 409, "already_published")
        assert posts[0]["id"] in again.json()["detail"]


def test_the_same_request_twice_publishes_once_and_answers_alike(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Repeated")
    body, headers = {"channel_id": site_channel(face)}, {"Idempotency-Key": piece_id}
    path = f"/api/content/pieces/{piece_id}/publish"
    first, second = (face.call("POST", path, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.json()[0]["status"] == "published"


def test_secrets_are_sealed_and_never_shown(face: Face) -> None:
    with outside.receiving() as receiver:
        id = connected(face, receiver)
    shown = face.call("GET", f"/api/channels/{id}")
    assert shown.json()["has_secrets"] is True
    assert "s3cret-token" not in shown.text
    bad = {"kind": "loopback", "name": "L", "settings": {"colour": "red"}}
    assert is_problem(face.call("POST", "/api/channels", json=bad), 400, "bad_channel_settings")
    changed = face.call("PATCH", f"/api/channels/{id}", json={"secrets": {"token": ""}})
    assert changed.json()["has_secrets"] is False
    assert changed.json()["settings"]["address"] == receiver.url
    assert face.call("GET", f"/api/channels/{id}/status").json() == {"is_ready": True, "detail": ""}
    kinds = face.call("GET", "/api/channels/kinds").json()["items"]
    assert {"site", "loopback"} <= {kind["name"] for kind in kinds}


def test_a_plan_is_moved_cancelled_and_made_anew(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Planned", labels=("A",))
    (post,) = publish(face, piece_id, site_channel(face), at=soon(days=2)).json()
    assert post["status"] == "planned"
    path = f"/api/posts/{post['id']}"
    stale = face.call("POST", f"{path}/move", "reviewer", json={"at": soon(days=3)}, headers={"If-Match": '"v9"'})
    assert is_problem(stale, 412)
    moved = face.call("POST", f"{path}/move", "reviewer", json={"at": soon(days=3)}).json()
    assert moved["due_at"] > post["due_at"]
    assert face.call("POST", f"{path}/cancel", "reviewer").json()["status"] == "cancelled"
    assert face.call("POST", f"{path}/cancel", "reviewer").status_code == 200
    assert is_problem(face.call("POST", f"{path}/move", "reviewer", json={}), 409, "post_cancelled")
    (again,) = publish(face, piece_id, site_channel(face), at=soon(days=2)).json()
    assert again["key"] != post["key"]
    now = face.call("POST", f"/api/posts/{again['id']}/move", "reviewer", json={}).json()
    assert now["status"] == "published"
    assert is_problem(face.call("POST", f"/api/posts/{again['id']}/cancel", "reviewer"), 409)


def test_times_are_those_of_the_channels_zone_and_the_clocks_changes_are_told(face: Face) -> None:
    with outside.receiving() as receiver:
        channel_id = connected(face, receiver)
    zone = {"time_zone": "Europe/Berlin", "slots": ["mon 09:00", "fri 09:00"]}
    assert face.call("PATCH", f"/api/channels/{channel_id}", json=zone).status_code == 200
    first, second, third, fourth = outside.approved(face.alice, "One", "Two", "Three", "Four", labels=("A",))
    (jumped,) = publish(face, first, channel_id, at="2027-03-28T02:30").json()
    assert (jumped["due_at"], "jump over" in jumped["note"]) == ("2027-03-28T01:30:00.000Z", True)
    (twice,) = publish(face, second, channel_id, at="2027-10-31T02:30").json()
    assert (twice["due_at"], "twice" in twice["note"]) == ("2027-10-31T00:30:00.000Z", True)
    queued = [publish(face, id, channel_id, at="next").json()[0]["due_at"] for id in (third, fourth)]
    assert queued[0] < queued[1]
    (fifth,) = outside.approved(face.alice, "Five")
    for bad in ("yesterday", "2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        assert is_problem(publish(face, fifth, channel_id, at=bad), 400)
    assert is_problem(publish(face, fifth, site_channel(face), at="next"), 409, "no_slots")


def test_a_line_that_drops_after_the_post_was_taken_is_asked_about_and_never_sent_twice(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Dropped")
    with outside.receiving("drop") as receiver:
        posts = publish(face, piece_id, connected(face, receiver)).json()
        for post in posts:
            wait_until(lambda post=post: face.call("GET", f"/api/posts/{post['id']}").json()["status"] == "published")
        assert receiver.accepted == {post["key"]: 1 for post in posts}
        assert receiver.calls == len(posts)


def test_what_nobody_can_tell_waits_for_a_person(face: Face) -> None:
    pieces = outside.approved(face.alice, "Found", "Not found", "Again", labels=("A",))
    with outside.receiving("drop") as receiver:
        channel_id = connected(face, receiver, can_reconcile=False)
        posts = [publish(face, id, channel_id).json()[0] for id in pieces]
        assert [post["status"] for post in posts] == ["unknown"] * 3
        said = (
            {"answer": "found", "address": "https://x.example/1"},
            {"answer": "not_found"},
            {"answer": "post_again"},
        )
        paths = [f"/api/posts/{post['id']}/resolve" for post in posts]
        for path in paths:
            assert is_problem(face.call("POST", path, "editor", json=said[0]), 403)
        bad = {"answer": "found", "address": "javascript:x"}
        assert is_problem(face.call("POST", paths[0], "reviewer", json=bad), 400, "bad_address")
        found, lost, again = (face.call("POST", p, "reviewer", json=s).json() for p, s in zip(paths, said, strict=True))
        assert (found["status"], found["address"]) == ("published", "https://x.example/1")
        assert lost["status"] == "failed"
        wait_until(lambda: receiver.accepted[again["key"]] == 2)
        assert is_problem(face.call("POST", paths[0], "reviewer", json=said[0]), 409, "post_published")
        assert publish(face, pieces[1], channel_id).status_code == 201


def test_what_was_certainly_not_taken_is_sent_again_and_what_was_refused_is_not(face: Face) -> None:
    patient, refused = outside.approved(face.alice, "Patient", "Refused", labels=("A",))
    with outside.receiving("later", "") as receiver:
        (post,) = publish(face, patient, connected(face, receiver)).json()
        wait_until(lambda: face.call("GET", f"/api/posts/{post['id']}").json()["status"] == "published")
        assert receiver.accepted == {post["key"]: 1}
    with outside.receiving("refuse") as receiver:
        (post,) = publish(face, refused, connected(face, receiver)).json()
        assert (post["status"], post["detail"]) == ("failed", "it answered 422")
        assert receiver.calls == 1


def test_a_paused_channel_keeps_plans_and_what_it_missed_is_told(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Paused", labels=("A",))
    with outside.receiving() as receiver:
        channel_id = connected(face, receiver)
        assert face.call("POST", f"/api/channels/{channel_id}/pause", "reviewer").json()["paused_at"]
        (post,) = publish(face, piece_id, channel_id).json()
        assert post["status"] == "planned"
        assert receiver.calls == 0
        assert face.call("POST", f"/api/channels/{channel_id}/resume", "reviewer").json()["paused_at"] is None
        wait_until(lambda: receiver.accepted[post["key"]] == 1)


def test_what_was_published_elsewhere_is_recorded_with_its_totals(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Elsewhere", labels=("A",))
    body = {"piece_id": piece_id, "platform": "mastodon", "outside_id": "17", "published_at": soon(days=-1)}
    post = face.made("/api/posts", body, "editor")
    assert (post["status"], post["channel_id"], post["metrics"]) == ("published", None, None)
    assert is_problem(face.call("POST", "/api/posts", json=body), 409, "already_recorded")
    assert is_problem(face.call("POST", "/api/posts", json={**body, "published_at": soon(days=1)}), 400, "bad_time")
    path = f"/api/posts/{post['id']}/metrics"
    first = face.made(path, {"counts": {"likes": 5, "views": 90}, "source": "mastodon", "at": soon(hours=-2)}, "editor")
    assert first["lowered"] == []
    second = {"counts": {"likes": 3, "views": 120}, "source": "mastodon", "at": soon(hours=-1)}
    told = face.made(path, second)
    assert told["lowered"] == ["likes"]
    assert face.made(path, second)["id"] == told["id"]
    for bad in ({"likes": -1}, {"hearts": 1}, {}):
        assert is_problem(face.call("POST", path, json={"counts": bad}), 400, "bad_totals")
    assert is_problem(face.call("POST", path, json={"counts": {"likes": 1}, "at": soon(days=1)}), 400, "bad_time")
    timeline = face.call("GET", f"/api/posts/{post['id']}/timeline").json()["items"]
    assert [row["counts"]["likes"] for row in timeline] == [5, 3]
    assert face.call("GET", f"/api/posts/{post['id']}").json()["metrics"]["counts"] == second["counts"]


def test_a_post_is_taken_down_and_stays_down(face: Face) -> None:
    (piece_id,) = outside.approved(face.alice, "Taken down", labels=("A",))
    (post,) = publish(face, piece_id, site_channel(face)).json()
    path = f"/api/posts/{post['id']}/remove"
    assert is_problem(face.call("POST", path, "editor"), 403)
    removed = face.call("POST", path, "reviewer").json()
    assert (removed["status"], removed["removed_at"] is not None) == ("removed", True)
    assert face.call("POST", path, "reviewer").json()["version"] == removed["version"]
    (again,) = publish(face, piece_id, site_channel(face)).json()
    assert (again["slug"], again["key"] != post["key"]) == (post["slug"], True)
    with outside.receiving() as receiver:
        (kept,) = publish(face, piece_id, connected(face, receiver)).json()
    path = f"/api/posts/{kept['id']}/remove"
    assert is_problem(face.call("POST", path, "reviewer"), 409, "take_down_by_hand")
    assert face.call("POST", path, "reviewer", json={"by_hand": True}).json()["status"] == "removed"
