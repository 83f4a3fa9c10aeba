"""Idempotency keys, ETags and pages."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Engine, event

from regrow.services import campaigns, requests
from regrow.store.tables.requests import AnsweredRequest
from tests.faces.conftest import Face, is_problem


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def test_the_same_request_twice_is_done_once(face: Face) -> None:
    first = face.call("POST", "/api/campaigns", json={"name": "May"}, headers=key("may"))
    again = face.call("POST", "/api/campaigns", json={"name": "May"}, headers=key("may"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    names = ("etag", "location", "content-type")
    assert [first.headers[name] for name in names] == [again.headers[name] for name in names]
    assert face.call("GET", first.headers["location"]).headers["etag"] == '"v1"'


def test_another_request_with_the_key_is_refused(face: Face) -> None:
    made = face.call("POST", "/api/campaigns", json={"name": "June"}, headers=key("june")).json()
    for method, path in [
        ("POST", "/api/campaigns"),
        ("POST", "/api/personas"),
        ("PATCH", f"/api/campaigns/{made['id']}"),
    ]:
        answer = face.call(method, path, json={"name": "July"}, headers=key("june"))
        assert is_problem(answer, 422, "idempotency_key_reused")
    assert face.call("GET", f"/api/campaigns/{made['id']}").json()["name"] == "June"


def test_keys_of_different_callers_do_not_meet(face: Face) -> None:
    made = [
        face.call("POST", "/api/campaigns", role, json={"name": f"of {role}"}, headers=key("shared")).json()["name"]
        for role in ("owner", "editor", "stranger")
    ]
    assert made == ["of owner", "of editor", "of stranger"]


def test_changes_and_deletions_repeat_too(face: Face) -> None:
    made = face.made("/api/campaigns", {"name": "Winter"})
    place = f"/api/campaigns/{made['id']}"
    for _ in range(2):
        changed = face.call("PATCH", place, json={"name": "Spring"}, headers={**key("spring"), "If-Match": '"v1"'})
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
    gone = [face.call("DELETE", place, headers=key("gone")).content for _ in range(2)]
    assert gone[0] == gone[1]


def test_refusals_are_kept_unless_they_may_turn_into_a_yes(face: Face) -> None:
    made = face.made("/api/personas", {"name": "Soon default"})
    place = f"/api/personas/{made['id']}"
    face.call("PATCH", place, json={"is_default": True})
    for _ in range(2):
        assert is_problem(face.call("DELETE", place, headers=key("refused")), 409, "needs_a_default")
    assert face.call("POST", "/api/campaigns", "viewer", json={"name": "x"}, headers=key("no")).status_code == 403
    face.made("/api/personas", {"name": "The other", "is_default": True})
    assert is_problem(face.call("DELETE", place, headers=key("refused")), 409)
    assert face.call("DELETE", place, headers=key("anew")).status_code == 200


def test_a_new_key_is_shown_once_and_its_secret_not_kept(face: Face) -> None:
    first, again = (
        face.call("POST", "/api/keys", json={"name": "k", "role": "viewer"}, headers=key("key")).json()
        for _ in range(2)
    )
    assert first["api_key"].startswith(f"rk.{face.alice.id}.")
    assert again == {**first, "api_key": None}


@pytest.mark.parametrize("bad", ["", " ", "a b", "x" * 201, "tab\there"])
def test_bad_keys_are_told(face: Face, bad: str) -> None:
    assert is_problem(
        face.call("POST", "/api/campaigns", json={"name": "n"}, headers=key(bad)), 400, "bad_idempotency_key"
    )


@pytest.mark.parametrize("turn", range(4))
def test_a_race_with_one_key_is_won_once(face: Face, turn: int) -> None:
    answers: list[bytes] = []

    def ask() -> None:
        answers.append(face.call("POST", "/api/campaigns", json={"name": "race"}, headers=key(f"race-{turn}")).content)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_a_repeated_generation_is_the_same_one(face: Face) -> None:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1}
    place = "/api/content/generate"
    waiting = face.call("POST", f"{place}?wait=false", json=asked, headers=key("later"))
    assert waiting.status_code == 202
    assert waiting.json()["status_url"] == f"/api/task-progress/{waiting.json()['task_id']}/"
    assert face.call("POST", f"{place}?wait=false", json=asked, headers=key("later")).json() == waiting.json()
    made = [face.call("POST", place, json=asked, headers=key("now")) for _ in range(2)]
    assert made[0].status_code == 201
    assert made[0].content == made[1].content
    assert made[0].json()["task_id"] != waiting.json()["task_id"]
    assert is_problem(face.call("POST", place, json={**asked, "variants": 1}, headers=key("now")), 422)


def test_a_crash_between_asking_and_answering_starts_nothing_twice(face: Face) -> None:
    """The run is written with the key in one transaction: whoever repeats the request joins it."""
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1}
    patience, face.app.state.wait_seconds = face.app.state.wait_seconds, 0
    first = face.call("POST", "/api/content/generate", json=asked, headers=key("crash"))
    face.app.state.wait_seconds = patience
    again = face.call("POST", "/api/content/generate", json=asked, headers=key("crash"))
    assert (first.status_code, again.status_code) == (202, 201)
    assert again.json()["task_id"] == first.json()["task_id"]


def test_answers_are_kept_for_a_day(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    first = face.made("/api/campaigns", {"name": "Old"})
    monkeypatch.setattr(requests, "KEPT_FOR", -requests.KEPT_FOR)
    second, third = (
        face.call("POST", "/api/campaigns", json={"name": "Old"}, headers=key("old")).json() for _ in range(2)
    )
    assert len({first["id"], second["id"], third["id"]}) == 3
    monkeypatch.setattr(face.app.state.doors, "_purged", {})
    face.call("POST", "/api/campaigns", json={"name": "Last"}, headers=key("last"))
    with face.alice.reading() as session:
        assert session.query(AnsweredRequest).count() == 0


def test_stale_changes_are_refused(face: Face) -> None:
    made = face.call("POST", "/api/campaigns", json={"name": "v1"})
    assert made.headers["etag"] == '"v1"'
    place = made.headers["location"]
    changed = face.call("PATCH", place, json={"name": "v2"}, headers={"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
    stale = face.call("PATCH", place, json={"name": "lost"}, headers={"If-Match": '"v1"'})
    assert is_problem(stale, 412, "stale")
    assert face.call("PATCH", place, json={"name": "v3"}, headers={"If-Match": "*"}).status_code == 200
    assert face.call("PATCH", place, json={"name": "v4"}).json()["version"] == 4


@pytest.mark.parametrize("tag", ["v1", '"1"', '"v1', "nonsense", '"v99999999999"', '"v1", "v2"', ""])
def test_odd_etags_are_told(face: Face, tag: str) -> None:
    made = face.made("/api/campaigns", {"name": "n"})
    answer = face.call("PATCH", f"/api/campaigns/{made['id']}", json={"name": "m"}, headers={"If-Match": tag})
    assert is_problem(answer, 400, "bad_if_match")


@pytest.mark.parametrize("what", ["personas", "notes", "topics", "members", "workspaces"])
def test_everything_that_can_be_edited_has_a_version(face: Face, what: str) -> None:
    body = {"notes": {"title": "n", "body": "b"}, "members": {"name": "n", "role": "viewer"}}.get(what, {"name": "n"})
    ids = {"workspaces": face.alice.id, "topics": face.topic() if what == "topics" else ""}
    id = ids.get(what) or face.made(f"/api/{what}", body)["id"]
    place = f"/api/{what}/{id}"
    before = face.call("GET", place)
    change = {"title": "changed"} if what in ("notes", "topics") else {"name": "changed"}
    changed = face.call("PATCH", place, json=change, headers={"If-Match": before.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != before.headers["etag"]
    assert is_problem(face.call("PATCH", place, json=change, headers={"If-Match": before.headers["etag"]}), 412)


def test_pages_hold_everything_once(face: Face) -> None:
    with face.charlie.writing() as session:
        made = [campaigns.create(session, face.charlie.owner, f"c{n}").id for n in range(7)]
    found: list[str] = []
    cursor = None
    while True:
        params: dict[str, Any] = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = face.call("GET", "/api/campaigns", "stranger", params=params).json()
        assert len(page["items"]) <= 3
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert set(made) <= set(found)
    assert len(found) == len(set(found))


def test_a_page_costs_the_same_however_many_there_are(face: Face) -> None:
    for _ in range(3):
        face.made("/api/content/generate", {"topic_id": face.topic(), "media": ["social"]})
    for path in ("/api/content/pieces", "/api/content/generations", "/api/notes", "/api/topics", "/api/contexts"):
        few, many = (_statements(face, f"{path}?limit={limit}") for limit in (1, 200))
        assert 2 <= few == many <= 6, path


def _statements(face: Face, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if threading.current_thread().name.startswith("AnyIO"):  # the application's threads, not the engine's
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert face.call("GET", path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len([text for text in seen if text.lstrip().upper().startswith("SELECT") and "set_config" not in text])
