"""The loopback model server itself, spoken to in plain HTTP."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from regrow.adapters.llm import checks, prompts
from regrow.domain.writing import Source
from regrow.testing import briefs, openai_answers
from regrow.testing.openai_server import OpenAIServer

SCHEMA = {
    "$defs": {"Kind": {"enum": ["small", "large"]}},
    "type": "object",
    "properties": {
        "kind": {"$ref": "#/$defs/Kind"},
        "note": {"type": "string", "minLength": 50, "maxLength": 60},
        "scores": {"type": "array", "items": {"type": "number", "minimum": 0.25}, "minItems": 2},
        "is_done": {"type": "boolean"},
        "maybe": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "fixed": {"const": 7},
        "count": {"type": "integer"},
    },
}


def post(server: OpenAIServer, body: Any, path: str = "/v1/chat/completions", key: str = "k") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=20)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body)
        connection.request("POST", path, data, {"authorization": f"Bearer {key}", "content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_response_format_is_filled_as_its_schema_says() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "t", "schema": SCHEMA}}
    with OpenAIServer() as server:
        status, data = post(server, {"model": "small", "messages": [], "response_format": wanted})
        assert server.asked[0].response_format == "json_schema"
    reply = json.loads(data)
    value = json.loads(reply["choices"][0]["message"]["content"])
    assert (status, reply["object"], reply["choices"][0]["finish_reason"]) == (200, "chat.completion", "stop")
    assert [value[name] for name in ("kind", "is_done", "maybe", "fixed", "count")] == ["small", False, None, 7, 1]
    assert value["scores"] == [1, 1]
    assert 50 <= len(value["note"]) <= 60
    assert reply["usage"]["total_tokens"] > 0


def test_a_stream_ends_with_a_reason_the_usage_and_done() -> None:
    with OpenAIServer(piece=5) as server:
        _, data = post(server, {"model": "small", "stream": True, "messages": [{"role": "user", "content": "hello"}]})
    events = [line.removeprefix("data: ") for line in data.decode().split("\n\n") if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert said == "On the subject."
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["completion_tokens"] > 0


def test_models_calls_and_unknown_addresses() -> None:
    with OpenAIServer() as server:
        with urllib.request.urlopen(f"{server.base_url}/models", timeout=20) as response:
            assert "small" in [model["id"] for model in json.load(response)["data"]]
        assert post(server, {}, "/v1/embeddings")[0] == 404
        assert post(server, b"not json")[0] == 400
        assert post(server, [1, 2])[0] == 400
        post(server, {"model": "small", "messages": []})
        with urllib.request.urlopen(server.base_url.replace("/v1", "/_calls"), timeout=20) as response:
            assert json.load(response) == {"calls": 1, "by_model": {"small": 1}}


def test_keys_are_checked_and_never_kept() -> None:
    with OpenAIServer(keys=["right-key-0123456789"]) as server:
        assert post(server, {"model": "m", "messages": []}, key="wrong-key-0123456789")[0] == 401
        assert post(server, {"model": "m", "messages": []}, key="right-key-0123456789")[0] == 200
        assert "key-0123456789" not in repr(list(server.asked))
        assert len({asked.key_fingerprint for asked in server.asked}) == 2


def test_faults_are_used_up_before_those_in_the_name() -> None:
    with OpenAIServer(faults=["503"]) as server:
        statuses = [post(server, {"model": "fault-429-7", "messages": []})[0] for _ in range(2)]
    assert statuses == [503, 429]


def test_it_stops_although_a_request_hangs_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with OpenAIServer() as server:
        hanging = threading.Thread(target=_ignoring_the_end, args=(server,))
        hanging.start()
        while not server.calls:
            threading.Event().wait(0.01)
    hanging.join(20)
    assert not hanging.is_alive()
    assert threading.active_count() <= before + 1


def _ignoring_the_end(server: OpenAIServer) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        post(server, {"model": "fault-hang", "messages": []})


@pytest.mark.parametrize("labels", [("A",), ("A", "B"), ("A", "B", "C")])
def test_it_reads_the_prompt_as_it_is_written(labels: tuple[str, ...]) -> None:
    brief = briefs.bread(labels=labels, platforms=("threads", "instagram"))
    prompt = prompts.render(briefs.social_call(labels=labels, platforms=("threads", "instagram")))
    given = openai_answers.material(prompt.system, prompt.user)
    assert given.labels == labels
    assert given.platforms == (("threads", 500, 1), ("instagram", 2200, 3))
    assert [(note.note_id, note.title) for note in given.notes] == [(s.note_id, s.title) for s in brief.sources]
    assert all(len(note.sentences) >= 5 for note in given.notes)


SENTENCE = st.sampled_from([f"This is sentence {word} of a note about bread." for word in "one two three four".split()])
NOTE_TEXT = st.lists(SENTENCE, max_size=5).map(" ".join) | st.text(max_size=300)


@given(st.lists(NOTE_TEXT, min_size=1, max_size=4), st.sampled_from([("A",), ("A", "B"), ("A", "B", "C", "D")]))
@settings(max_examples=60, deadline=None)
def test_its_answers_pass_our_own_checks_even_on_thin_notes(texts: list[str], labels: tuple[str, ...]) -> None:
    sources = tuple(Source(f"note_{i}", f"Note number {i}", text) for i, text in enumerate(texts))
    for made in (briefs.blog_call, briefs.social_call, briefs.email_call):
        call = made(sources=sources, labels=labels)
        prompt = prompts.render(call)
        adapter = TypeAdapter(call.output)
        answer = openai_answers.answer(adapter.json_schema(), openai_answers.material(prompt.system, prompt.user))
        assert checks.problems(adapter.validate_python(answer), call.brief) == ()


def test_it_runs_as_a_module_for_a_bounded_time() -> None:
    command = [sys.executable, "-m", "regrow.testing.openai_server", "--seconds", "0.3", "--key", "k"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["base_url"].startswith("http://127.0.0.1:")
    assert done.stderr == ""
