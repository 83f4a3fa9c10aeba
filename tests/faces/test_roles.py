"""Everybody on every route, generated from the application's own route table."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from regrow.domain.workspaces import RANK, Role
from regrow.kit import clock
from regrow.services import keys
from regrow.store import keys as key_store
from tests.faces.conftest import Face, is_problem
from tests.faces.routes import ROUTES, WITH_ID, Route, address

ALL = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


def test_the_table_is_read_whole() -> None:
    assert len(ROUTES) > 55
    assert {route.path.split("/")[1] for route in ROUTES} == {"api"}


@ALL
def test_nobody_enters_without_a_working_key(face: Face, route: Route) -> None:
    place = re.sub(r"\{\w+\}", "x", route.path)
    told = set()
    for header in (
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic cm9vdDpyb290",
        f"Bearer rk.{face.alice.id}.{'x' * 43}",
        f"Bearer rk.ws_00000000000000.{'x' * 43}",
        f"Bearer {face.keys['owner']}x",
    ):
        headers = {} if header is None else {"Authorization": header}
        answer = face.client.request(route.method, place, headers=headers, content=b"{not even json")
        assert is_problem(answer, 401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        told.add(answer.text)
    assert len(told) == 1


@ALL
def test_a_role_too_low_is_refused_before_the_body_is_looked_at(face: Face, route: Route) -> None:
    lower = [role for role in Role if RANK[role] < RANK[route.role]]
    for role in lower:
        answer = face.call(route.method, re.sub(r"\{\w+\}", "x", route.path), role.value, content=b"{")
        assert is_problem(answer, 403, "role_too_low")
    assert len(lower) == RANK[route.role]


@ALL
def test_a_role_high_enough_is_let_in(face: Face, route: Route) -> None:
    """Unknown ids, so that nothing is used up: whatever is said, it is not about who asks."""
    for role in Role:
        if RANK[role] >= RANK[route.role] and route.path != "/api/content/generate":
            place = re.sub(r"\{\w+\}", "xyz_unknown", route.path)
            answer = face.call(route.method, place, role.value, json=route.body, params=route.query)
            is_ineligible = answer.status_code == 403 and "variant_not_found" in answer.text
            allowed = {404} if "{" in route.path else {200, 201, 404, 409}
            assert answer.status_code in allowed or is_ineligible, answer.text


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route.method} {route.path}")
def test_a_stranger_finds_nothing(face: Face, things: dict[str, str], route: Route) -> None:
    place = address(route, things)
    theirs = face.call(route.method, place, "stranger", json=route.body)
    unknown = face.call(route.method, re.sub(r"\{\w+\}", "xyz_unknown", route.path), "stranger", json=route.body)
    assert is_problem(theirs, 404)
    assert is_problem(unknown, 404)
    found = re.search(r"\{\w+\}", route.path)
    assert found is not None
    id = things[route.path.partition("{")[0]]
    assert theirs.text.replace(id, "xyz_unknown") == unknown.text


@pytest.mark.parametrize("route", [r for r in ROUTES if "{" not in r.path and r.method == "GET"], ids=str)
def test_lists_of_a_stranger_hold_nothing_of_ours(face: Face, things: dict[str, str], route: Route) -> None:
    text = face.call("GET", route.path, "stranger", params=route.query or {"limit": 200}).text
    assert [id for id in (*things.values(), face.alice.id) if id in text] == []


@ALL
def test_another_workspace_in_the_query_is_not_here(face: Face, route: Route) -> None:
    place = re.sub(r"\{\w+\}", "x", route.path)
    answer = face.call(route.method, place, params={"workspaceId": face.charlie.id}, json=route.body)
    assert is_problem(answer, 404, "not_found")


def test_the_own_workspace_in_the_query_is_fine(face: Face) -> None:
    assert face.call("GET", "/api/credits", params={"workspaceId": face.alice.id}).status_code == 200


def test_the_stranger_left_everything_as_it_was(face: Face, things: dict[str, str]) -> None:
    for prefix, id in things.items():
        if not prefix.endswith(("variants/", "task-progress/")):
            found = face.call("GET", prefix + id).json()
            assert found.get("archived_at") is None
            assert found.get("revoked_at") is None


def test_a_revoked_key_is_refused_from_the_next_request_on(face: Face) -> None:
    made = face.made("/api/keys", {"name": "short", "role": "owner"})
    face.keys["short"] = made["api_key"]
    assert face.call("GET", "/api/credits", "short").status_code == 200
    assert face.call("DELETE", f"/api/keys/{made['id']}", "short").json()["revoked_at"] is not None
    assert is_problem(face.call("GET", "/api/credits", "short"), 401)
    assert is_problem(face.call("POST", "/api/campaigns", "short", json={"name": "x"}), 401)


def test_an_expired_key_is_refused(face: Face) -> None:
    later = clock.iso(clock.now() + timedelta(hours=1))
    made = face.made("/api/keys", {"name": "brief", "role": "viewer", "expires_at": later})
    assert made["expires_at"] == later
    with face.alice.writing() as session:
        row = key_store.usable(session, keys.secrets.digest(made["api_key"]), clock.now())
        assert row is not None
        row.expires_at = clock.now() - timedelta(seconds=1)
    face.keys["brief"] = made["api_key"]
    assert is_problem(face.call("GET", "/api/credits", "brief"), 401)
    past = face.call("POST", "/api/keys", json={"name": "n", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"})
    assert is_problem(past, 400, "bad_expiry")


def test_keys_of_an_archived_workspace_stop_working(face: Face) -> None:
    made = face.home.found("Closing down")
    headers = {"Authorization": f"Bearer {made.api_key}"}
    place = f"/api/workspaces/{made.workspace_id}"
    assert face.client.delete(place, headers=headers).status_code == 200
    assert is_problem(face.client.get(place, headers=headers), 401)


def test_last_used_is_noted(face: Face) -> None:
    made = face.made("/api/keys", {"name": "used", "role": "viewer"})
    assert made["last_used_at"] is None
    face.keys["used"] = made["api_key"]
    face.call("GET", "/api/credits", "used")
    face.app.state.doors.uses.drain()
    assert face.call("GET", f"/api/keys/{made['id']}").json()["last_used_at"] is not None


def test_secrets_are_shown_once(face: Face) -> None:
    made = face.made("/api/keys", {"name": "secret", "role": "viewer"})
    secret = made["api_key"].rpartition(".")[2]
    shown = face.call("GET", "/api/keys", params={"limit": 200}).text + face.call("GET", f"/api/keys/{made['id']}").text
    assert secret not in shown
    assert secret not in face.call("GET", "/api/audit", params={"limit": 200}).text
