"""Workspaces, keys, members and lists: what owners and editors manage over HTTP."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from regrow.kit import clock
from tests.faces.conftest import Face, is_problem


def test_an_owner_founds_another_workspace(face: Face) -> None:
    wanted = {"name": "Second shop"}
    answer = face.call("POST", "/api/workspaces", json=wanted)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made.keys() == {"id", "slug", "name", "created_at", "api_key"}
    assert made["name"] == wanted["name"]
    assert answer.headers["location"] == f"/api/workspaces/{made['id']}"
    theirs = {"Authorization": f"Bearer {made['api_key']}"}
    own = face.client.get("/api/workspaces", headers=theirs).json()["items"]
    assert [(row["id"], row["slug"]) for row in own] == [(made["id"], made["slug"])]
    assert face.client.get("/api/keys", headers=theirs).json()["items"][0]["role"] == "owner"
    assert is_problem(face.call("GET", f"/api/workspaces/{made['id']}"), 404)
    assert [row["id"] for row in face.call("GET", "/api/workspaces").json()["items"]] == [face.alice.id]
    told = face.call("GET", "/api/audit", params={"subject_id": made["id"]}).json()["items"]
    assert [row["action"] for row in told] == ["workspace.founded"]
    assert is_problem(face.call("POST", "/api/workspaces", json=wanted), 409, "workspace_exists")
    assert is_problem(face.call("POST", "/api/workspaces", "reviewer", json=wanted), 403, "role_too_low")
    assert is_problem(face.call("POST", "/api/workspaces", json={"name": " "}), 400, "bad_request")


def test_founding_repeated_shows_no_key_again(face: Face) -> None:
    wanted = {"name": "Third shop"}
    headers = {"Idempotency-Key": "third"}
    first, again = (face.call("POST", "/api/workspaces", json=wanted, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "api_key": None}
    assert again.headers["location"] == first.headers["location"]
    other = face.call("POST", "/api/workspaces", json={"name": "x"}, headers=headers)
    assert is_problem(other, 422, "idempotency_key_reused")


def test_a_founding_that_failed_leaves_its_key_free(face: Face) -> None:
    name = "Fourth shop"
    face.made("/api/workspaces", {"name": name})
    headers = {"Idempotency-Key": "fourth"}
    for _ in range(2):
        taken = face.call("POST", "/api/workspaces", json={"name": name}, headers=headers)
        assert is_problem(taken, 409, "workspace_exists")
    assert face.call("POST", "/api/workspaces", json={"name": f"{name} b"}, headers=headers).status_code == 201


def test_a_race_to_found_is_won_once(face: Face) -> None:
    wanted = {"name": "Fifth shop"}
    found: list[Any] = []

    def ask() -> None:
        found.append(face.call("POST", "/api/workspaces", json=wanted, headers={"Idempotency-Key": "fifth"}))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in found} <= {201, 409}
    assert len([answer for answer in found if answer.json().get("api_key")]) == 1
    assert {answer.json()["code"] for answer in found if answer.status_code == 409} <= {"request_running"}


def test_a_key_is_renamed_and_its_end_moved(face: Face) -> None:
    made = face.made("/api/keys", {"name": "old", "role": "viewer"})
    place = f"/api/keys/{made['id']}"
    later = clock.iso(clock.now() + timedelta(days=2))
    changed = face.call("PATCH", place, json={"name": "new", "expires_at": later})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["expires_at"]) == ("new", later)
    assert "api_key" not in changed.json()
    assert face.call("PATCH", place, json={"expires_at": None}).json()["expires_at"] is None
    told = face.call("GET", "/api/audit", params={"subject_id": made["id"]}).json()["items"]
    assert [row["detail"] for row in told[:2]] == [{"fields": ["expires_at"]}, {"fields": ["expires_at", "name"]}]
    face.call("PATCH", place, json={})
    assert len(face.call("GET", "/api/audit", params={"subject_id": made["id"]}).json()["items"]) == len(told)


def test_changes_no_key_takes_are_told(face: Face) -> None:
    made = face.made("/api/keys", {"name": "old", "role": "viewer"})
    place = f"/api/keys/{made['id']}"
    past = face.call("PATCH", place, json={"name": "new", "expires_at": "2020-01-01T00:00:00Z"})
    assert is_problem(past, 400, "bad_expiry")
    for body in ({"name": None}, {"name": " "}, {"role": "owner"}, {"expires_at": "soon"}):
        assert is_problem(face.call("PATCH", place, json=body), 400, "bad_request")
    assert is_problem(face.call("PATCH", place, "reviewer", json={"name": "new"}), 403, "role_too_low")
    assert face.call("GET", place).json()["name"] == "old"
    face.call("DELETE", place)
    assert is_problem(face.call("PATCH", place, json={"name": "new"}), 409, "key_revoked")


def test_an_email_belongs_to_one_member(face: Face) -> None:
    first = face.made("/api/members", {"name": "a", "role": "viewer", "email": "Ann@example.org"})
    twice = {"name": "b", "role": "viewer", "email": "ann@EXAMPLE.org"}
    assert is_problem(face.call("POST", "/api/members", json=twice), 409, "email_taken")
    second = face.made("/api/members", {**twice, "email": "b@example.org"})
    place = f"/api/members/{second['id']}"
    assert is_problem(face.call("PATCH", place, json={"email": "ANN@example.org"}), 409, "email_taken")
    assert face.call("GET", place).json() == second
    own = face.call("PATCH", f"/api/members/{first['id']}", json={"email": "ann@example.org"})
    assert own.json()["email"] == "ann@example.org"
    face.made("/api/members", {"name": "none", "role": "viewer"})
    face.made("/api/members", {"name": "none either", "role": "viewer"})
    face.call("DELETE", f"/api/members/{first['id']}")
    assert face.call("PATCH", place, json={"email": "ann@example.org"}).status_code == 200


def test_an_email_given_at_once_is_taken_once(face: Face) -> None:
    found: list[int] = []

    def ask() -> None:
        body = {"name": "r", "role": "viewer", "email": "race@example.org"}
        found.append(face.call("POST", "/api/members", json=body).status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201, *[409] * 5]


@pytest.mark.parametrize("what", ["personas", "campaigns", "members", "notes", "topics"])
def test_lists_show_what_is_archived_when_asked(face: Face, what: str) -> None:
    body = {"notes": {"title": "gone", "body": "b"}, "members": {"name": "n", "role": "viewer"}}.get(
        what, {"name": "n"}
    )
    gone = face.topic() if what == "topics" else face.made(f"/api/{what}", body)["id"]
    here = face.topic() if what == "topics" else face.made(f"/api/{what}", body)["id"]
    assert face.call("DELETE", f"/api/{what}/{gone}").status_code == 200

    def listed(**params: Any) -> list[str]:
        found: list[str] = []
        page: dict[str, Any] = {"next_cursor": None}
        while not found or page["next_cursor"]:
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = face.call("GET", f"/api/{what}", params={"limit": 5, **params, **cursor}).json()
            found += [item["id"] for item in page["items"]]
        return found

    live, both = listed(), listed(archived=True)
    assert here in live
    assert gone not in live
    assert {here, gone, *live} <= set(both)
    assert both == sorted(set(both))
    assert listed(archived=False) == live


@pytest.mark.parametrize("query", ["archive=true", "limti=5", "limit=5&x=1", "=", "Limit=5"])
def test_unknown_parameters_are_told(face: Face, query: str) -> None:
    answer = face.call("GET", f"/api/campaigns?{query}")
    assert is_problem(answer, 400, "bad_request")
    assert answer.json()["problems"][0]["at"].startswith("query.")
    assert is_problem(face.call("POST", f"/api/campaigns?{query}", json={"name": "n"}), 400, "bad_request")
    assert is_problem(face.call("GET", f"/api/campaigns?{query}", "none"), 401)


@pytest.mark.parametrize("what", ["personas", "campaigns", "members", "notes", "topics", "workspaces"])
def test_a_change_of_nothing_changes_nothing(face: Face, what: str) -> None:
    body = {"notes": {"title": "n", "body": "b"}, "members": {"name": "n", "role": "viewer"}}.get(what, {"name": "n"})
    ids = {"workspaces": face.alice.id, "topics": face.topic() if what == "topics" else ""}
    place = f"/api/{what}/{ids.get(what) or face.made(f'/api/{what}', body)['id']}"
    before = face.call("GET", place)
    after = face.call("PATCH", place, json={}, headers={"If-Match": before.headers["etag"]})
    assert (after.status_code, after.json()) == (200, before.json())
    assert after.headers["etag"] == before.headers["etag"]
    assert is_problem(face.call("PATCH", place, json={}, headers={"If-Match": '"v9999"'}), 412, "stale")
    if what != "workspaces":
        face.call("DELETE", place)
        assert is_problem(face.call("PATCH", place, json={}), 409)


def test_becoming_the_default_is_a_change(face: Face) -> None:
    made = face.made("/api/personas", {"name": "Soon the default"})
    changed = face.call("PATCH", f"/api/personas/{made['id']}", json={"is_default": True}).json()
    assert (changed["is_default"], changed["version"]) == (True, 2)


def test_every_problem_of_a_request_is_listed(face: Face) -> None:
    wanted = {"media": ["tv"], "variants": 99, "social_count": -2}
    answer = face.call("POST", "/api/content/generate", json=wanted)
    assert is_problem(answer, 400, "bad_request")
    places = {problem["at"] for problem in answer.json()["problems"]}
    assert places == {"body.media.0", "body.variants", "body.social_count"}
    assert "blog" in str(answer.json()["problems"])


@pytest.mark.parametrize(
    ("path", "body", "code", "places"),
    [
        (
            "/api/personas",
            {"name": "P", "voice": {"blog": {"words": 9, "tone": "rude"}, "tv": {}}},
            "bad_voice",
            ["voice.blog.words", "voice.blog.tone", "voice.tv"],
        ),
        (
            "/api/personas",
            {"name": "P", "guidelines": {"love": [], "use": [""]}},
            "bad_guidelines",
            ["guidelines.love", "guidelines.use"],
        ),
        (
            "/api/workspaces/{own}",
            {"settings": {"topic_min_notes": 0, "speed": 1}},
            "bad_settings",
            ["topic_min_notes", "speed"],
        ),
    ],
)
def test_problems_the_domain_finds_are_listed_too(
    face: Face, path: str, body: dict[str, Any], code: str, places: list[str]
) -> None:
    method = "PATCH" if "{own}" in path else "POST"
    answer = face.call(method, path.format(own=face.alice.id), json=body)
    assert is_problem(answer, 400, code)
    assert [problem["at"] for problem in answer.json()["problems"]] == places
    assert all(problem["rule"] for problem in answer.json()["problems"])
