"""A model asked to replace a text, over real HTTP: it writes another one, is told when it does not, or fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_ai import models

from regrow.adapters.llm.candidates import parse_candidates
from regrow.adapters.llm.gateway import Gateway
from regrow.adapters.llm.offline import OfflineWriter
from regrow.domain import likeness
from regrow.domain.drafts import MOST_SIMILAR
from regrow.domain.functions import BY_NAME
from regrow.domain.writing import Answer, Call, Source
from regrow.testing import briefs
from regrow.testing.openai_server import OpenAIServer
from tests.faces.conftest import SUBJECT
from tests.providers.test_offline_renewal import texts

CALLS = {"write_blog": briefs.blog_call, "write_email": briefs.email_call, "write_social": briefs.social_call}


@pytest.fixture(scope="module", autouse=True)
def _loopback_only() -> Iterator[None]:
    with models.override_allow_model_requests(True):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(piece=2_000) as running:
        yield running


@pytest.fixture(scope="module")
def first(server: OpenAIServer) -> dict[str, dict[str, Any]]:
    """What the model writes when nothing is to be replaced."""
    answers = {function: written(server, "openai:small", call()) for function, call in CALLS.items()}
    return {function: answer.output or {} for function, answer in answers.items()}


def written(server: OpenAIServer, names: str, call: Call) -> Answer:
    candidates = parse_candidates(names, {"openai": server.base_url})
    with Gateway(candidates, OfflineWriter(), lambda provider: "sk-loopback") as gateway:
        return gateway.write(call)


def replacing(call: Call, draft: dict[str, Any]) -> Call:
    return dataclasses.replace(call, brief=dataclasses.replace(call.brief, replaced=texts(draft)))


def is_new(call: Call, draft: dict[str, Any]) -> bool:
    return all(likeness.to_replaced(each.text, call.brief, each.platform) < MOST_SIMILAR for each in texts(draft))


@pytest.mark.parametrize("labels", [("A",), ("A", "B"), ("A", "B", "C")])
@pytest.mark.parametrize("function", CALLS)
def test_a_model_shown_what_it_replaces_writes_another_text_at_once(
    server: OpenAIServer, function: str, labels: tuple[str, ...]
) -> None:
    short = tuple(Source(f"note_{n}", f"Bread {n}", text) for n, text in enumerate(SUBJECT))
    for sources in (briefs.bread().sources, short):
        call = CALLS[function](labels=labels, sources=sources)
        for _ in range(4):
            before = server.by_model["small"]
            answer = written(server, "openai:small", call)
            assert answer.output is not None, answer.failure_detail
            assert server.by_model["small"] == before + 1
            assert is_new(call, answer.output)
            BY_NAME[function].parse(call.brief, answer.output)
            call = replacing(call, answer.output)


def test_an_email_written_again_has_another_subject_lead_and_call(
    server: OpenAIServer, first: dict[str, dict[str, Any]]
) -> None:
    call = replacing(briefs.email_call(), first["write_email"])
    answer = written(server, "openai:small", call)
    assert answer.output is not None, answer.failure_detail
    for before, after in zip(first["write_email"]["variants"], answer.output["variants"], strict=True):
        assert before["label"] == after["label"]
        for name in ("subject", "preheader", "cta"):
            assert before[name] != after[name]
        assert before["body"].split("\n\n")[0] != after["body"].split("\n\n")[0]


@pytest.mark.parametrize("function", CALLS)
def test_a_repeated_text_is_repaired_when_the_second_answer_differs(
    server: OpenAIServer, first: dict[str, dict[str, Any]], function: str
) -> None:
    call = replacing(CALLS[function](), first[function])
    before = server.by_model["fault-same-once"]
    answer = written(server, "openai:fault-same-once", call)
    assert server.by_model["fault-same-once"] == before + 2
    assert answer.output is not None
    assert [attempt.outcome for attempt in answer.attempts] == ["ok"]
    assert is_new(call, answer.output)


@pytest.mark.parametrize("function", CALLS)
def test_a_model_that_only_repeats_itself_fails_and_says_why(
    server: OpenAIServer, first: dict[str, dict[str, Any]], function: str
) -> None:
    call = replacing(CALLS[function](), first[function])
    before = server.by_model["fault-same"]
    answer = written(server, "openai:fault-same", call)
    assert server.by_model["fault-same"] == before + 3
    assert (answer.output, answer.failure, answer.is_permanent) == (None, "invalid_output", True)
    assert "too alike to a text it replaces" in answer.failure_detail


def test_after_a_model_that_repeats_itself_the_next_candidate_is_asked(
    server: OpenAIServer, first: dict[str, dict[str, Any]]
) -> None:
    call = replacing(briefs.social_call(platforms=("x",)), first["write_social"])
    answer = written(server, "openai:fault-same,offline:extractive", call)
    assert [attempt.outcome for attempt in answer.attempts] == ["invalid_output", "ok"]
    assert answer.origin == "offline-extractive"
    assert answer.output is not None
    assert is_new(call, answer.output)


def test_the_same_fault_without_anything_replaced_is_no_fault(server: OpenAIServer) -> None:
    answer = written(server, "openai:fault-same", briefs.blog_call())
    assert answer.failure == ""
    assert (answer.template, answer.template_version) == ("write_blog", 3)
