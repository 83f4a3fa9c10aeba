"""Hostile and mistaken requests: a clear problem each time, and nothing done."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any

import pytest

from tests.faces.conftest import Face, Server, is_problem

JSON = {"Content-Type": "application/json"}
BAD_BODIES = {
    "empty object": b"{}",
    "no json": b"{",
    "two values": b"{} {}",
    "an array": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "not utf-8": b'{"name": "\xff"}',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "twice": b'{"name": "a", "name": "b"}',
    "unknown field": b'{"name": "a", "nmae": "b"}',
    "number for text": b'{"name": 1}',
    "null for text": b'{"name": null}',
    "blank": b'{"name": "   "}',
    "too long": b'{"name": "' + b"x" * 201 + b'"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "surrogate in a field name": b'{"name": "a", "\\udc00": 1}',
    "NaN": b'{"name": NaN}',
    "huge integer": b'{"name": ' + b"9" * 5000 + b"}",
    "integer beyond 64 bits": b'{"name": 99999999999999999999}',
    "huge number": b'{"name": 1e999}',
    "deep": b'{"name": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "just too deep": b'{"name": ' + b"[" * 60 + b"]" * 60 + b"}",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_bodies_are_told(face: Face, body: bytes) -> None:
    before = face.call("GET", "/api/campaigns", params={"limit": 200}).json()
    answer = face.call("POST", "/api/campaigns", content=body, headers=JSON)
    assert is_problem(answer, 400, "bad_request")
    assert all(problem.keys() == {"at", "rule"} for problem in answer.json()["problems"])
    assert face.call("GET", "/api/campaigns", params={"limit": 200}).json() == before


def test_every_problem_is_listed_with_its_place(face: Face) -> None:
    wanted = {"variants": 9, "social_count": 0, "media": [], "topic_id": 5, "more": 1}
    answer = face.call("POST", "/api/content/generate", json=wanted)
    assert is_problem(answer, 400)
    places = {problem["at"] for problem in answer.json()["problems"]}
    assert places == {"body.variants", "body.social_count", "body.media", "body.topic_id", "body.more"}


def test_rules_of_the_domain_are_told_too(face: Face) -> None:
    answer = face.call("POST", "/api/personas", json={"name": "P", "voice": {"blog": {"words": 9, "tone": "rude"}}})
    assert is_problem(answer, 400, "bad_voice")
    assert "words" in answer.json()["detail"]
    assert "tone" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""])
def test_other_content_types_are_refused(face: Face, kind: str) -> None:
    answer = face.call("POST", "/api/campaigns", content=b'{"name": "a"}', headers={"Content-Type": kind})
    assert is_problem(answer, 400, "bad_request")
    assert answer.json()["problems"][0]["at"] == "header.content-type"


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
def test_json_by_other_names_is_taken(face: Face, kind: str) -> None:
    answer = face.call("POST", "/api/campaigns", content=b'{"name": "a"}', headers={"Content-Type": kind})
    assert answer.status_code == 201


def test_a_huge_body_is_refused(face: Face) -> None:
    answer = face.call("POST", "/api/notes", json={"title": "t", "body": "x" * (10 * 1024 * 1024)})
    assert is_problem(answer, 413, "body_too_large")


def test_a_huge_body_without_a_length_is_refused(face: Face, server: Server) -> None:
    with closing(http.client.HTTPConnection(server.place, timeout=30)) as connection:
        connection.putrequest("POST", "/api/notes")
        for name, value in {**face.bearer(), **JSON, "Transfer-Encoding": "chunked"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert _status_while_sending(connection, b"100000\r\n" + b" " * 0x100000 + b"\r\n", 40) == 413


def _status_while_sending(connection: http.client.HTTPConnection, chunk: bytes, times: int) -> int:
    """The server may answer and hang up before all is sent."""
    for _ in range(times):
        try:
            connection.send(chunk)
        except OSError:
            break
    return connection.getresponse().status


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 400])
def test_odd_lengths_are_refused(face: Face, length: str) -> None:
    answer = face.call("POST", "/api/notes", content=b"{}", headers={**JSON, "Content-Length": length})
    assert is_problem(answer, 413)


@pytest.mark.parametrize(
    "place",
    [
        "/api/personas/%00",
        "/api/personas/a%00b",
        "/api/personas/%ff",
        "/api/personas/%ed%a0%80",
        "/api/notes?query=%00",
        "/api/notes?query=%c3%28",
        "/api/audit?subject_id=%00",
        "/healthz?%00",
    ],
)
def test_unreadable_addresses_are_refused(face: Face, server: Server, place: str) -> None:
    with closing(http.client.HTTPConnection(server.place, timeout=30)) as connection:
        connection.request("GET", place, headers=face.bearer())
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "place", ["/", "/api", "/api/", "/api/nothing", "/api/personas/", "/docs", "/redoc", "/api//notes"]
)
def test_unknown_addresses_are_problems(face: Face, place: str) -> None:
    answer = face.call("GET", place)
    if place == "/":
        assert answer.json()["openapi"] == "/openapi.json"
    else:
        assert is_problem(answer, 404, "not_found")


def test_a_wrong_method_names_the_right_ones(face: Face) -> None:
    answer = face.call("PUT", "/api/personas/per_1", json={})
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=" + "9" * 5000, "cursor=%21", "cursor=" + "A" * 300]
)
def test_bad_pages_are_told(face: Face, query: str) -> None:
    assert is_problem(face.call("GET", f"/api/notes?{query}"), 400)


@pytest.mark.parametrize("name", ["status", "medium"])
def test_unknown_filters_are_told(face: Face, name: str) -> None:
    assert is_problem(face.call("GET", "/api/content/pieces", params={name: "nonsense"}), 400)


def test_a_bug_shows_nothing_of_the_inside(face: Face, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise RuntimeError("api_key=sk-verysecretverysecret in SELECT * FROM notes")

    face.app.router.add_route("/broken", lambda request: broken())
    answer = face.client.get("/broken")
    assert is_problem(answer, 500, "bug")
    assert "secret" not in answer.text + "".join(capsys.readouterr())


def test_a_database_that_is_gone_is_told(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    from regrow.store import database

    elsewhere = database.engine("sqlite:////nowhere/at/all/regrow.sqlite")
    monkeypatch.setattr(face.app.state.doors, "reads", elsewhere)
    answer = face.call("GET", "/api/personas")
    assert is_problem(answer, 503, "not_writable")
    assert int(answer.headers["retry-after"]) >= 1
    ready = face.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert face.client.get("/healthz").json() == {"status": "ok"}
    elsewhere.dispose()


def test_health_and_measures(face: Face, generation: dict[str, Any]) -> None:
    assert face.client.get("/readyz").json() == {"status": "ready", "checks": {"database": "ok", "worker": "ok"}}
    face.call("GET", "/api/personas/per_unknown")
    text = face.client.get("/metrics").text
    assert 'regrow_http_requests_total{method="GET",route="/api/personas/{id}",status="404"}' in text
    assert 'regrow_runs_total{status="success"}' in text
    assert face.alice.id not in text
    assert generation["id"] not in text


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2030-01-01T00:00:00", "soon"]
)
def test_odd_times_are_told(face: Face, at: str) -> None:
    answer = face.call("POST", "/api/keys", json={"name": "n", "role": "viewer", "expires_at": at})
    assert is_problem(answer, 400)
