"""Naming models, what they cost, and what several failures together mean."""

from __future__ import annotations

import pytest

from regrow.adapters.llm import prices
from regrow.adapters.llm.attempts import Tried, bounded_wait, failure_of
from regrow.adapters.llm.candidates import KEY_VARIABLES, OFFLINE, OWN_BASE_URLS, Candidate, parse_candidates
from regrow.domain.writing import Attempt
from regrow.kit.errors import Invalid

OWN = OWN_BASE_URLS["openai"]


def test_names_are_read_in_order() -> None:
    found = parse_candidates(" openai:gpt-5-mini , openai:qwen3:8b,offline:extractive ")
    assert found == (Candidate("openai", "gpt-5-mini", OWN), Candidate("openai", "qwen3:8b", OWN), OFFLINE)
    assert [candidate.is_own_service for candidate in found] == [True, True, False]


def test_nothing_named_means_the_offline_writer() -> None:
    assert parse_candidates("") == parse_candidates("  ") == (OFFLINE,)


def test_a_compatible_server_takes_the_provider_over() -> None:
    (found,) = parse_candidates("openai:llama", {"openai": "http://127.0.0.1:8080/v1/"})
    assert (found.base_url, found.host, found.is_own_service) == ("http://127.0.0.1:8080/v1", "127.0.0.1:8080", False)
    assert parse_candidates("openai:llama", {"openai": OWN + "/"})[0].is_own_service


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gpt-5-mini", "provider:model"),
        ("openai:", "provider:model"),
        (":gpt", "provider:model"),
        ("openai:a,,openai:b", "provider:model"),
        ("vertex:claude", "known are openai, anthropic, google, openrouter, ollama, vllm, compatible, offline"),
        ("openrouter:gpt-5", "named vendor/model"),
        ("openrouter:/gpt-5", "named vendor/model"),
        ("offline:poetry", "offline:extractive"),
        ("openai:two words", "no spaces"),
        ("openai:" + "x" * 201, "at most 200"),
        ("openai:a,openai:a", "named twice"),
        (",".join(f"openai:m{i}" for i in range(11)), "at most 10"),
    ],
)
def test_what_is_not_a_model_is_refused_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_candidates(text)
    assert told in refused.value.detail
    assert refused.value.code == "models_setting"


def test_every_provider_has_its_address_and_its_key() -> None:
    names = "anthropic:claude-sonnet-5-5,google:gemini-3.8-flash,openrouter:openai/gpt-5,ollama:qwen3:8b"
    found = parse_candidates(names)
    assert [candidate.host for candidate in found] == [
        "api.anthropic.com",
        "generativelanguage.googleapis.com",
        "openrouter.ai",
        "127.0.0.1:11434",
    ]
    assert [candidate.is_own_service for candidate in found] == [True, True, True, False]
    assert [KEY_VARIABLES[candidate.provider] for candidate in found] == [
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OPENROUTER_API_KEY",
        "OLLAMA_API_KEY",
    ]


@pytest.mark.parametrize("name", ["vllm", "compatible"])
def test_a_server_of_ones_own_needs_its_address(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_candidates(f"{name}:llama")
    assert (refused.value.code, f"{name.upper()}_BASE_URL" in refused.value.detail) == ("base_url", True)
    (found,) = parse_candidates(f"{name}:llama", {name: "http://127.0.0.1:9/v1"})
    assert (found.host, found.is_own_service) == ("127.0.0.1:9", False)


@pytest.mark.parametrize("address", ["http://gpu:11434", "http://gpu:11434/", "http://gpu:11434/v1"])
def test_the_address_of_ollama_is_taken_with_and_without_its_path(address: str) -> None:
    assert parse_candidates("ollama:qwen3", {"ollama": address})[0].base_url == "http://gpu:11434/v1"


@pytest.mark.parametrize(
    "address",
    [
        "localhost:8080",
        "ftp://host/v1",
        "http://",
        "http://h:99999/v1",
        "http://a b/v1",
        "http://h/v1?key=1",
        "http://[::1",
    ],
)
def test_what_is_not_an_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_candidates("openai:m", {"openai": address})
    assert refused.value.code == "base_url"


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(Invalid) as refused:
        parse_candidates("openai:m", {"openai": "https://me:hunter22@host/v1"})
    assert "hunter22" not in refused.value.detail
    with pytest.raises(Invalid) as refused:
        parse_candidates("sk-abcdef0123456789")
    assert "abcdef0123456789" not in refused.value.detail


def test_a_listed_model_costs_its_list_price() -> None:
    mini = Candidate("openai", "gpt-5-mini", OWN)
    assert prices.book().cost_micros(mini, 1_000_000, 0, 0) == 250_000
    assert prices.book().cost_micros(mini, 0, 0, 1_000_000) == 2_000_000
    assert prices.book().cost_micros(mini, 1_000_000, 1_000_000, 0) == 25_000
    assert prices.book().cost_micros(mini, 1, 0, 0) == 1
    assert prices.book().cost_micros(mini, 0, 0, 0) == 0
    assert prices.book().cost_micros(Candidate("openai", "gpt-5-mini-2025-08-07", OWN), 400, 0, 0) == 100


def test_an_unknown_price_is_not_a_price() -> None:
    for candidate in (
        Candidate("openai", "qwen3:8b", OWN),
        Candidate("openai", "gpt-5-mini", "http://127.0.0.1:8080/v1"),
        Candidate("openai", "gpt-5-mini-turbo", OWN),
        OFFLINE,
    ):
        assert prices.book().cost_micros(candidate, 1_000, 0, 1_000) is None
    assert prices.book().cost_micros(Candidate("openai", "gpt-5.4", OWN), 272_001, 0, 1) is None


def test_the_price_list_says_its_date_and_source() -> None:
    listed = prices.price_list("openai")
    assert listed["as_of"].isoformat() >= "2026-10-12"
    assert "list price" in listed["source"]
    for name in listed["models"]:
        price = prices.book().price_of(Candidate("openai", name, OWN))
        assert price is not None
        assert 0 < price.cached_input < price.input < price.output


def tried(outcome: str, wait: float | None = None) -> Tried:
    return Tried(Attempt("openai", "m", outcome, detail=f"it was {outcome}"), None, wait)


@pytest.mark.parametrize(
    ("outcomes", "code", "is_permanent"),
    [
        (["timeout"], "model_unavailable", False),
        (["invalid_output", "rate_limited"], "model_unavailable", False),
        (["invalid_output", "quota_exhausted"], "invalid_output", True),
        (["quota_exhausted", "request_rejected"], "quota_exhausted", True),
        (["model_not_found"], "request_rejected", True),
        (["timeout", "key_missing"], "key_missing", True),
    ],
)
def test_several_failures_come_to_one(outcomes: list[str], code: str, is_permanent: bool) -> None:
    failure = failure_of([tried(outcome) for outcome in outcomes])
    assert (failure.code, failure.is_permanent) == (code, is_permanent)
    assert len(failure.detail) <= 300
    assert f"it was {outcomes[-1]}" in failure.detail


def test_the_shortest_believable_wait_counts() -> None:
    assert failure_of([tried("rate_limited", 120.0), tried("rate_limited", 40.0)]).retry_after_seconds == 40.0
    assert failure_of([tried("rate_limited", 120.0), tried("invalid_output")]).retry_after_seconds == 120.0
    assert [bounded_wait(value) for value in (None, -1.0, 0.0, float("nan"), float("inf"))] == [None] * 5
    assert bounded_wait(1e9) == 3_600.0
