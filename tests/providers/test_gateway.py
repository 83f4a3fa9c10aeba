"""The gateway over real HTTP: every way a model can misbehave, one after another."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pydantic_ai import models

from regrow.adapters.llm.candidates import Candidate, parse_candidates
from regrow.adapters.llm.gateway import Gateway
from regrow.domain import prose
from regrow.domain.writing import PLATFORM_LENGTHS, Answer, Attempt, Call
from regrow.testing import briefs
from regrow.testing.openai_server import OpenAIServer

KEY = "sk-loopback-0123456789abcdef"

FAULTS = [
    ("429-120", "rate_limited", "model_unavailable"),
    ("429", "rate_limited", "model_unavailable"),
    ("500", "server_error", "model_unavailable"),
    ("503", "server_error", "model_unavailable"),
    ("408", "server_error", "model_unavailable"),
    ("html", "not_an_answer", "model_unavailable"),
    ("gzip", "not_an_answer", "model_unavailable"),
    ("odd-events", "not_an_answer", "model_unavailable"),
    ("drop", "connection_failed", "model_unavailable"),
    ("drop-stream", "truncated", "model_unavailable"),
    ("truncated-stream", "truncated", "model_unavailable"),
    ("sse-error", "truncated", "model_unavailable"),
    ("endless", "too_large", "invalid_output"),
    ("malformed", "invalid_output", "invalid_output"),
    ("ignores-schema", "invalid_output", "invalid_output"),
    ("not-an-object", "invalid_output", "invalid_output"),
    ("plain-text", "invalid_output", "invalid_output"),
    ("empty", "invalid_output", "invalid_output"),
    ("length", "cut_off", "invalid_output"),
    ("alike", "invalid_output", "invalid_output"),
    ("foreign-ids", "invalid_output", "invalid_output"),
    ("no-ids", "invalid_output", "invalid_output"),
    ("wrong-labels", "invalid_output", "invalid_output"),
    ("nul", "invalid_output", "invalid_output"),
    ("too-long", "invalid_output", "invalid_output"),
    ("400", "request_rejected", "request_rejected"),
    ("redirect", "request_rejected", "request_rejected"),
    ("404", "model_not_found", "request_rejected"),
    ("quota", "quota_exhausted", "quota_exhausted"),
]


class Refusing:
    """A writer that finds too little in any brief."""

    def write(self, call: Call) -> Answer:
        attempt = Attempt("offline", "extractive", "not_enough_source")
        return Answer(
            output=None,
            origin="offline-extractive",
            model="extractive",
            attempts=(attempt,),
            template=call.function,
            template_version=0,
            failure="not_enough_source",
            is_permanent=True,
        )


class Willing:
    """A writer that always has an answer."""

    def write(self, call: Call) -> Answer:
        attempt = Attempt("offline", "extractive", "ok")
        return Answer({"variants": []}, "offline-extractive", "extractive", (attempt,), call.function, 1)


@pytest.fixture(scope="module", autouse=True)
def _loopback_only() -> Iterator[None]:
    with models.override_allow_model_requests(True):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(piece=200) as running:
        assert urlsplit(running.base_url).hostname == "127.0.0.1"
        yield running


def written(server: OpenAIServer, names: str, call: Call | None = None, timeout_seconds: float = 30.0) -> Answer:
    candidates = parse_candidates(names, {"openai": server.base_url})
    with Gateway(
        candidates,
        Refusing(),
        lambda provider: KEY,
        request_timeout_seconds=timeout_seconds,
        most_answer_bytes=3_000_000,
    ) as gateway:
        return gateway.write(call or briefs.blog_call())


def test_a_blog_answer_is_plain_json_with_its_provenance(server: OpenAIServer) -> None:
    answer = written(server, "openai:small")
    assert answer.output is not None
    assert json.loads(json.dumps(answer.output)) == answer.output
    variants = answer.output["variants"]
    assert [variant["label"] for variant in variants] == ["A", "B"]
    assert prose.shingle_similarity(variants[0]["body"], variants[1]["body"]) < 0.6
    cited = {note_id for variant in variants for note_id in variant["source_note_ids"]}
    assert cited <= {"note_starter", "note_flour", "note_oven"}
    assert (answer.origin, answer.model, answer.template, answer.template_version) == (
        "model",
        "openai:small",
        "write_blog",
        3,
    )
    assert answer.settings["max_output_tokens"] == 8_000
    assert (answer.failure, answer.retry_after_seconds, answer.is_permanent) == ("", None, False)
    (attempt,) = answer.attempts
    assert attempt.outcome == "ok"
    assert attempt.input_tokens > 500
    assert attempt.output_tokens > 100
    assert attempt.cost_micros is None


def test_a_social_answer_fits_every_platform(server: OpenAIServer) -> None:
    platforms = tuple(PLATFORM_LENGTHS)
    answer = written(server, "openai:small", briefs.social_call(platforms=platforms))
    assert answer.output is not None
    assert [post["platform"] for post in answer.output["posts"]] == list(platforms)
    for post in answer.output["posts"]:
        for variant in post["variants"]:
            length = len(variant["text"]) + sum(len(tag) + 2 for tag in variant["hashtags"])
            assert length <= PLATFORM_LENGTHS[post["platform"]]


@pytest.mark.parametrize(("fault", "outcome", "failure"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_a_fault_alone_is_a_failure_with_its_code(server: OpenAIServer, fault: str, outcome: str, failure: str) -> None:
    answer = written(server, f"openai:fault-{fault}")
    assert answer.output is None
    assert [attempt.outcome for attempt in answer.attempts] == [outcome]
    assert answer.failure == failure
    assert answer.is_permanent == (failure != "model_unavailable")
    assert (answer.retry_after_seconds is None) == answer.is_permanent
    assert 0 < len(answer.failure_detail) <= 300
    assert KEY not in repr(answer)


@pytest.mark.parametrize(("fault", "outcome"), [row[:2] for row in FAULTS], ids=[fault for fault, _, _ in FAULTS])
def test_a_fault_moves_on_to_the_next_candidate(server: OpenAIServer, fault: str, outcome: str) -> None:
    answer = written(server, f"openai:fault-{fault},openai:small")
    assert answer.output is not None
    assert [attempt.outcome for attempt in answer.attempts] == [outcome, "ok"]
    assert answer.model == "openai:small"


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_a_model_that_hangs_is_given_up_and_the_next_one_asked(server: OpenAIServer, fault: str) -> None:
    answer = written(server, f"openai:fault-{fault},openai:small", timeout_seconds=3.0)
    assert answer.output is not None
    assert [attempt.outcome for attempt in answer.attempts] == ["timeout", "ok"]
    assert answer.attempts[0].input_tokens > 500
    assert answer.attempts[0].cost_micros is None


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refused_key_ends_the_call_and_names_the_variable(server: OpenAIServer, status: str) -> None:
    before = server.by_model["small"]
    answer = written(server, f"openai:fault-{status},openai:small")
    assert (answer.output, answer.failure, answer.is_permanent) == (None, "key_refused", True)
    assert [attempt.outcome for attempt in answer.attempts] == ["key_refused"]
    assert "OPENAI_API_KEY" in answer.failure_detail
    assert "openai" in answer.failure_detail
    assert server.by_model["small"] == before
    assert answer.attempts[0].cost_micros == 0


def test_a_refused_key_after_another_failure_still_decides(server: OpenAIServer) -> None:
    answer = written(server, "openai:fault-500,openai:fault-401,openai:small")
    assert answer.failure == "key_refused"
    assert [attempt.outcome for attempt in answer.attempts] == ["server_error", "key_refused"]


def test_a_wait_is_handed_on_and_never_slept(server: OpenAIServer) -> None:
    assert written(server, "openai:fault-429-120").retry_after_seconds == 120.0
    assert written(server, "openai:fault-429-120,openai:fault-429-90").retry_after_seconds == 90.0
    assert written(server, "openai:fault-429-120,openai:fault-500").retry_after_seconds == 10.0
    assert written(server, "openai:fault-429-99999999").retry_after_seconds == 3_600.0
    assert written(server, "openai:fault-429-0").retry_after_seconds == 10.0


def test_each_refused_request_is_sent_once(server: OpenAIServer) -> None:
    before = server.by_model["fault-500-7"]
    written(server, "openai:fault-500-7")
    assert server.by_model["fault-500-7"] == before + 1


@pytest.mark.parametrize("fault", ["malformed-once", "ignores-schema-once", "alike-once", "no-ids-once"])
def test_one_bad_answer_is_repaired(server: OpenAIServer, fault: str) -> None:
    answer = written(server, f"openai:fault-{fault}")
    assert answer.output is not None
    (attempt,) = answer.attempts
    assert (attempt.outcome, server.by_model[f"fault-{fault}"]) == ("ok", 2)
    assert attempt.output_tokens > 100


def test_a_model_that_never_mends_its_answer_is_asked_three_times(server: OpenAIServer) -> None:
    before = server.by_model["fault-wrong-labels"]
    answer = written(server, "openai:fault-wrong-labels")
    assert server.by_model["fault-wrong-labels"] == before + 3
    assert "labels A, B" in answer.failure_detail
    assert answer.attempts[0].input_tokens > 1_000


def test_an_interrupted_stream_books_an_estimate_at_unknown_cost(server: OpenAIServer) -> None:
    (attempt,) = written(server, "openai:fault-truncated-stream").attempts
    assert attempt.outcome == "truncated"
    assert attempt.input_tokens > 500
    assert 0 < attempt.output_tokens < 200
    assert attempt.cost_micros is None


def test_a_refused_request_costs_nothing_and_a_missing_usage_is_estimated(server: OpenAIServer) -> None:
    assert written(server, "openai:fault-500").attempts[0].cost_micros == 0
    (attempt,) = written(server, "openai:fault-no-usage").attempts
    assert (attempt.outcome, attempt.cost_micros) == ("ok", None)
    assert attempt.input_tokens > 500
    assert attempt.output_tokens > 100
    assert "estimated" in attempt.detail


def test_a_server_that_is_not_there(server: OpenAIServer) -> None:
    gone = Candidate("openai", "small", "http://127.0.0.1:1/v1")
    with Gateway((gone,), Refusing(), lambda provider: KEY) as gateway:
        answer = gateway.write(briefs.blog_call())
    assert (answer.failure, answer.is_permanent) == ("model_unavailable", False)
    (attempt,) = answer.attempts
    assert (attempt.outcome, attempt.input_tokens) == ("connection_failed", 0)
    assert "127.0.0.1:1" in attempt.detail


def test_the_offline_writer_as_a_candidate(server: OpenAIServer) -> None:
    candidates = parse_candidates("openai:fault-500,offline:extractive", {"openai": server.base_url})
    with Gateway(candidates, Willing(), lambda provider: KEY) as gateway:
        answer = gateway.write(briefs.blog_call())
    assert (answer.origin, answer.failure) == ("offline-extractive", "")
    assert [attempt.outcome for attempt in answer.attempts] == ["server_error", "ok"]


def test_an_offline_refusal_moves_on_and_is_told_when_it_is_the_lasting_one(server: OpenAIServer) -> None:
    answer = written(server, "offline:extractive,openai:small")
    assert answer.output is not None
    assert written(server, "offline:extractive,openai:fault-malformed").failure == "not_enough_source"
    assert written(server, "offline:extractive,openai:fault-500").failure == "model_unavailable"
    assert written(server, "offline:extractive").failure == "not_enough_source"


def test_instructions_that_are_too_long_are_refused_as_a_value(server: OpenAIServer) -> None:
    before = server.calls
    answer = written(server, "openai:small", briefs.blog_call(instructions="x" * 2_001))
    assert (answer.output, answer.failure, answer.is_permanent) == (None, "instructions_too_long", True)
    assert "2,000" in answer.failure_detail
    assert server.calls == before


def test_the_limits_and_the_wishes_reach_the_model(server: OpenAIServer) -> None:
    call = dataclasses.replace(briefs.blog_call(instructions="Lead with the oven."), max_output_tokens=1_234)
    written(server, "openai:limits-and-wishes", call)
    (asked,) = [asked for asked in server.asked if asked.model == "limits-and-wishes"]
    assert asked.max_tokens == 1_234
    assert asked.is_stream
    assert asked.tools == ("deliver",)
    assert "Lead with the oven." in asked.user
    assert "Never repeat a marker" in asked.system
