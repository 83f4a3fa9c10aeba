"""Callers that wait for a slow model, progress, and streams."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import httpx2
import pytest

from regrow.domain.writing import Answer, Call
from regrow.services import keys
from tests.faces.conftest import Face, Server, is_problem, wait_for


class Slow:
    """A writer that takes until it is let go, and then writes what the real one writes."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.go = threading.Event()
        self.failure = ""

    def write(self, call: Call) -> Answer:
        self.go.wait(60)
        if self.failure:
            return Answer(None, "model", "m", (), "t", 1, {}, self.failure, "the model said no", 120.0, True)
        answer: Answer = self.inner.write(call)
        return answer


@contextmanager
def slow(face: Face) -> Iterator[Slow]:
    """The working engine with a slow writer in place of its own."""
    from regrow.workflows import runtime

    setup = runtime.live()
    writer = Slow(setup.writer)
    object.__setattr__(setup, "writer", writer)
    try:
        yield writer
    finally:
        writer.go.set()
        object.__setattr__(setup, "writer", writer.inner)


SMALL = {"media": ["social"], "social_count": 1, "variants": 1}


def test_fifty_callers_wait_and_others_are_answered(face: Face, server: Server) -> None:
    wanted = {"topic_id": face.topic(), **SMALL}
    place = f"{server.url}/api/content/generate"
    with slow(face) as writer, ThreadPoolExecutor(50) as callers:
        asked = [
            callers.submit(httpx2.post, place, json=wanted, headers=face.bearer("editor"), timeout=90)
            for _ in range(50)
        ]
        while len(_unfinished(face)) < 50:
            assert httpx2.get(f"{server.url}/healthz", timeout=20).status_code == 200
            answer = httpx2.get(f"{server.url}/api/personas", headers=face.bearer("viewer"), timeout=20)
            assert answer.status_code == 200
        assert not any(each.done() for each in asked)
        made = httpx2.post(f"{server.url}/api/campaigns", json={"name": "x"}, headers=face.bearer(), timeout=20)
        assert made.status_code == 201
        writer.go.set()
        answers = [each.result() for each in asked]
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["id"] for each in answers}) == 50


def _unfinished(face: Face) -> list[Any]:
    from datetime import timedelta

    from regrow.kit import clock
    from regrow.store import runs

    with face.alice.reading() as session:
        return runs.unfinished(session, clock.now() + timedelta(days=1))


def test_a_caller_told_to_wait_too_long_gets_the_address_of_the_rest(face: Face) -> None:
    patience, face.app.state.wait_seconds = face.app.state.wait_seconds, 0.2
    with slow(face):
        answer = face.call("POST", "/api/content/generate", json={"topic_id": face.topic(), **SMALL})
        face.app.state.wait_seconds = patience
        assert answer.status_code == 202
        status = face.call("GET", answer.json()["status_url"], "viewer").json()
        assert status["status"] in ("pending", "running")
    assert wait_for(face.alice, answer.json()["task_id"]).status == "success"
    done = face.call("GET", answer.json()["status_url"], "viewer").json()
    assert (done["phase"], done["percent"], done["status"], done["error"]) == ("DONE", 100, "success", None)
    assert done["function"] == "generate"
    assert face.call("GET", f"/api/content/generations/{done['result']['generation_id']}").status_code == 200


def test_a_stopping_server_answers_those_who_wait(face: Face, server: Server) -> None:
    place = f"{server.url}/api/content/generate"
    wanted = {"topic_id": face.topic(), **SMALL}
    with slow(face), ThreadPoolExecutor(1) as caller:
        asked = caller.submit(httpx2.post, place, json=wanted, headers=face.bearer("editor"), timeout=60)
        while not _unfinished(face):
            assert not asked.done()
        server.app.state.stopping.set()
        assert asked.result().status_code == 202


def test_a_failed_model_is_a_bad_gateway_and_may_be_asked_again(face: Face) -> None:
    wanted = {"topic_id": face.topic(), **SMALL}
    once = {"Idempotency-Key": "failing"}
    with slow(face) as writer:
        writer.failure = "rate_limited"
        writer.go.set()
        answer = face.call("POST", "/api/content/generate", json=wanted, headers=once)
    assert is_problem(answer, 502, "rate_limited")
    assert answer.headers["retry-after"] == "120"
    assert face.call("POST", "/api/content/generate", json=wanted, headers=once).status_code == 201


def _events(face: Face, server: Server, place: str, **headers: str) -> list[dict[str, str]]:
    with closing(http.client.HTTPConnection(server.place, timeout=60)) as connection:
        connection.request("GET", place, headers={**face.bearer("viewer"), **headers})
        answer = connection.getresponse()
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/event-stream")
        blocks = answer.read().decode().replace("\r\n", "\n").split("\n\n")
    fields = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line) for block in blocks]
    return [each for each in fields if "data" in each]


def test_progress_is_streamed_to_its_end_and_resumed(face: Face, server: Server) -> None:
    wanted = {"topic_id": face.topic(), **SMALL}
    task = face.call("POST", "/api/content/generate?wait=false", json=wanted).json()
    place = f"{task['status_url']}events"
    told = _events(face, server, place)
    assert [int(each["id"]) for each in told] == list(range(1, len(told) + 1))
    assert {each["event"] for each in told} == {"progress"}
    data = [json.loads(each["data"]) for each in told]
    assert [each["percent"] for each in data] == sorted(each["percent"] for each in data)
    assert data[-1] == face.call("GET", task["status_url"]).json()
    assert _events(face, server, place, **{"Last-Event-ID": told[1]["id"]}) == told[2:]
    assert _events(face, server, place, **{"Last-Event-ID": "999999"}) == []


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "\u0661"])
def test_odd_last_event_ids_are_told(face: Face, generation: dict[str, Any], last: str) -> None:
    place = f"/api/task-progress/{generation['task_id']}/events"
    answer = face.call("GET", place, headers={b"Last-Event-ID": last.encode()})
    assert is_problem(answer, 400, "bad_last_event_id")


def test_streams_are_bounded(face: Face, generation: dict[str, Any]) -> None:
    face.app.state.streams.open = face.app.state.streams.most
    answer = face.call("GET", f"/api/task-progress/{generation['task_id']}/events")
    face.app.state.streams.open = 0
    assert is_problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "5"


def test_a_stream_ends_with_its_key_and_with_the_server(face: Face, server: Server) -> None:
    with face.alice.writing() as session:
        made = keys.create(session, face.alice.owner, "leaving", face.alice.owner.role)
    bearer = {"Authorization": f"Bearer {made.secret}"}
    with slow(face):
        task = face.call("POST", "/api/content/generate?wait=false", json={"topic_id": face.topic(), **SMALL}).json()
        for end in ("key", "server"):
            with closing(http.client.HTTPConnection(server.place, timeout=60)) as connection:
                connection.request(
                    "GET", f"{task['status_url']}events", headers=bearer if end == "key" else face.bearer()
                )
                answer = connection.getresponse()
                assert answer.readline().startswith(b"id: 1")
                if end == "key":
                    face.call("DELETE", f"/api/keys/{made.row.id}")
                else:
                    server.app.state.stopping.set()
                assert b"DONE" not in answer.read()
    assert wait_for(face.alice, task["task_id"]).status == "success"
    assert face.app.state.streams.open == 0


def test_a_task_of_nobody_is_not_here(face: Face) -> None:
    for place in ("/api/task-progress/run_none/", "/api/task-progress/run_none", "/api/task-progress/run_none/events"):
        assert is_problem(face.call("GET", place), 404)


def test_nobody_looks_for_a_caller_who_left(face: Face, server: Server) -> None:
    """The wait ends while the model still writes, and the run goes on."""
    body = json.dumps({"topic_id": face.topic(), **SMALL})
    with slow(face):
        with closing(http.client.HTTPConnection(server.place, timeout=60)) as connection:
            headers = {**face.bearer("editor"), "Content-Type": "application/json"}
            connection.request("POST", "/api/content/generate", body, headers)
            while not (left := _unfinished(face)):
                assert _unheard(server) == 0
        while _unheard(server) == 0:
            assert _unfinished(face)
    assert wait_for(face.alice, left[0].id).status == "success"


def _unheard(server: Server) -> int:
    lines = httpx2.get(f"{server.url}/metrics", timeout=20).text.splitlines()
    return sum(line.startswith('regrow_runs_total{status="unfinished"}') for line in lines)
