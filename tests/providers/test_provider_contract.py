"""What every provider keeps to, each spoken to in its own protocol by a server on loopback."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic_ai import models

from regrow.adapters.llm import prices
from regrow.adapters.llm.candidates import OWN_BASE_URLS, Candidate, parse_candidates
from regrow.adapters.llm.gateway import Gateway
from regrow.adapters.llm.vendors import VENDORS
from regrow.domain.writing import Answer
from regrow.testing import briefs
from regrow.testing.openai_server import OpenAIServer
from regrow.testing.vendor_servers import REPORTED_COST, SERVERS
from tests.providers.test_gateway import Refusing

KEY = "loopback_key_0123456789abcdef"
WELL_KNOWN = {"openai": "gpt-5-mini", "anthropic": "claude-sonnet-5-5", "google": "gemini-2.5-flash"}

FAULTS = [
    ("429", "rate_limited", "model_unavailable"),
    ("500", "server_error", "model_unavailable"),
    ("503", "server_error", "model_unavailable"),
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
    ("plain-text", "invalid_output", "invalid_output"),
    ("length", "cut_off", "invalid_output"),
    ("400", "request_rejected", "request_rejected"),
    ("redirect", "request_rejected", "request_rejected"),
    ("404", "model_not_found", "request_rejected"),
    ("quota", "quota_exhausted", "quota_exhausted"),
]


class Place:
    """A provider with the server that speaks its protocol."""

    def __init__(self, name: str, server: OpenAIServer) -> None:
        self.name = name
        self.server = server

    def called(self, name: str) -> str:
        return f"openai/{name}" if self.name == "openrouter" else name

    def written(self, *names: str, timeout_seconds: float = 30.0, key: str | None = KEY) -> Answer:
        listed = ",".join(f"{self.name}:{self.called(name)}" for name in names)
        candidates = parse_candidates(listed, {self.name: self.server.base_url})
        with Gateway(
            candidates,
            Refusing(),
            lambda provider: key,
            request_timeout_seconds=timeout_seconds,
            most_answer_bytes=3_000_000,
        ) as gateway:
            return gateway.write(briefs.blog_call())


@contextmanager
def serving(name: str, *keys: str) -> Iterator[Place]:
    with models.override_allow_model_requests(True), SERVERS[name](piece=200, keys=keys) as server:
        yield Place(name, server)


@pytest.fixture(scope="module", params=list(SERVERS))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with serving(request.param) as made:
        yield made


@pytest.fixture(scope="module", params=["anthropic", "google", "ollama", "openrouter"])
def protocol(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Each protocol once; OpenAI's own is gone through in test_gateway."""
    with serving(request.param) as made:
        yield made


def test_every_vendor_has_a_server() -> None:
    assert set(SERVERS) == set(VENDORS)


def test_a_draft_is_written(place: Place) -> None:
    answer = place.written("small")
    assert answer.failure == ""
    assert answer.output is not None
    assert json.loads(json.dumps(answer.output)) == answer.output
    assert [variant["label"] for variant in answer.output["variants"]] == ["A", "B"]
    assert answer.model == f"{place.name}:{place.called('small')}"
    (attempt,) = answer.attempts
    assert (attempt.provider, attempt.model, attempt.outcome) == (place.name, place.called("small"), "ok")
    assert attempt.input_tokens > 500
    assert attempt.output_tokens > 100


def test_the_prompt_the_schema_the_limit_and_the_key_reach_the_model(place: Place) -> None:
    place.written("looked-at")
    (asked,) = [asked for asked in place.server.asked if asked.model == "looked-at"]
    assert (asked.is_stream, asked.tools, asked.max_tokens) == (True, ("deliver",), 8_000)
    assert "Never repeat a marker" in asked.system
    assert "Sourdough at home" in asked.user
    assert asked.key_fingerprint
    assert asked.key_fingerprint != KEY


@pytest.mark.parametrize("fault", ["malformed-once", "ignores-schema-once", "no-ids-once"])
def test_one_bad_answer_is_repaired(protocol: Place, fault: str) -> None:
    answer = protocol.written(f"fault-{fault}")
    assert (answer.failure, len(answer.attempts)) == ("", 1)
    assert protocol.server.by_model[f"fault-{fault}"] == 2


@pytest.mark.parametrize(("fault", "outcome", "failure"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_a_fault_has_its_code(protocol: Place, fault: str, outcome: str, failure: str) -> None:
    alone = protocol.written(f"fault-{fault}")
    assert [attempt.outcome for attempt in alone.attempts] == [outcome]
    assert (alone.output, alone.failure, alone.is_permanent) == (None, failure, failure != "model_unavailable")
    assert 0 < len(alone.failure_detail) <= 300
    assert KEY not in repr(alone)


@pytest.mark.parametrize(("fault", "outcome"), [("500", "server_error"), ("truncated-stream", "truncated")])
def test_the_next_candidate_is_asked(place: Place, fault: str, outcome: str) -> None:
    saved = place.written(f"fault-{fault}", "small")
    assert [attempt.outcome for attempt in saved.attempts] == [outcome, "ok"]


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refused_key_stops_and_names_what_to_set(place: Place, status: str) -> None:
    before = place.server.by_model["small"]
    answer = place.written(f"fault-{status}", "small")
    assert (answer.failure, answer.is_permanent) == ("key_refused", True)
    assert VENDORS[place.name].key_variable in answer.failure_detail
    assert place.server.by_model["small"] == before
    assert answer.attempts[0].cost_micros == 0


def test_a_wait_is_handed_on_and_never_slept(place: Place) -> None:
    answer = place.written("fault-429-3600")
    assert (answer.failure, answer.retry_after_seconds) == ("model_unavailable", 3600.0)
    assert place.server.by_model["fault-429-3600"] == 1


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_a_model_that_hangs_is_given_up(place: Place, fault: str) -> None:
    (attempt,) = place.written(f"fault-{fault}", timeout_seconds=1.5).attempts
    assert (attempt.outcome, attempt.cost_micros) == ("timeout", None)
    assert attempt.input_tokens > 500


@pytest.mark.parametrize("fault", ["echo-key", "401"])
def test_the_key_is_in_no_answer_and_in_no_log(place: Place, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = place.written(f"fault-{fault}")
    assert answer.failure
    assert KEY not in repr(answer)
    assert KEY not in caplog.text


def test_failed_attempts_count_too(place: Place) -> None:
    (attempt,) = place.written("fault-wrong-labels").attempts
    assert attempt.outcome == "invalid_output"
    assert attempt.input_tokens > 1_000
    assert attempt.output_tokens > 300
    (cut,) = place.written("fault-truncated-stream").attempts
    assert (cut.input_tokens > 500, cut.cost_micros) == (True, None)


def test_a_server_elsewhere_is_not_priced_as_the_vendor(place: Place) -> None:
    name = WELL_KNOWN.get(place.name, "gpt-5-mini")
    (attempt,) = place.written(name).attempts
    if place.name == "openrouter":
        assert attempt.cost_micros == round(REPORTED_COST * 1_000_000)
    else:
        assert attempt.cost_micros is None


@pytest.mark.parametrize("name", list(SERVERS))
def test_a_wrong_key_is_refused_by_a_server_that_checks(name: str) -> None:
    with serving(name, "right_key") as made:
        assert made.written("small", key="wrong_key").failure == "key_refused"
        assert made.written("small", key="right_key").failure == ""


@pytest.mark.parametrize("name", list(OWN_BASE_URLS))
def test_without_a_key_the_vendor_is_not_asked(name: str) -> None:
    own = Candidate(name, "some-model", OWN_BASE_URLS[name])
    with Gateway((own,), Refusing(), lambda provider: None) as gateway:
        answer = gateway.write(briefs.blog_call())
    assert (answer.failure, answer.attempts[0].outcome) == ("key_missing", "key_missing")
    assert VENDORS[name].key_variable in answer.failure_detail


def test_a_proxy_of_openrouter_that_leaves_out_the_host_still_works() -> None:
    with serving("openrouter") as made:
        assert made.written("fault-no-provider").failure == ""


def test_openrouter_says_what_repaired_answers_cost_together() -> None:
    with serving("openrouter") as made:
        (attempt,) = made.written("fault-wrong-labels").attempts
    assert attempt.cost_micros == round(3 * REPORTED_COST * 1_000_000)


def test_ollama_ends_without_a_reason_and_a_cut_answer_is_still_noticed() -> None:
    with serving("ollama") as made:
        assert made.written("qwen3:8b").failure == ""
        assert made.written("fault-truncated-stream").attempts[0].outcome == "truncated"


def test_prices_are_for_the_vendors_own_address() -> None:
    for name in WELL_KNOWN:
        assert prices.book().price_of(Candidate(name, WELL_KNOWN[name], "http://127.0.0.1:1")) is None
