"""E-mails by a model over real HTTP: written from the notes, and mended when they are not what was asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic_ai import models

from regrow.adapters.llm.candidates import parse_candidates
from regrow.adapters.llm.gateway import Gateway
from regrow.adapters.llm.offline import OfflineWriter
from regrow.domain import drafts, prose
from regrow.domain.writing import Answer, Call
from regrow.testing import briefs
from regrow.testing.openai_server import OpenAIServer

KEY = "sk-loopback-0123456789abcdef"


@pytest.fixture(scope="module", autouse=True)
def _loopback_only() -> Iterator[None]:
    with models.override_allow_model_requests(True):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(piece=200) as running:
        yield running


def written(server: OpenAIServer, names: str, call: Call) -> Answer:
    candidates = parse_candidates(names, {"openai": server.base_url})
    with Gateway(candidates, OfflineWriter(), lambda provider: KEY, request_timeout_seconds=30) as gateway:
        return gateway.write(call)


def test_an_email_answer_is_made_of_the_notes(server: OpenAIServer) -> None:
    call = briefs.email_call()
    answer = written(server, "openai:small", call)
    assert (answer.failure, answer.template, answer.template_version) == ("", "write_email", 2)
    assert answer.output is not None
    first, second = drafts.email(call.brief, answer.output).variants
    assert (first.label, second.label) == ("A", "B")
    assert prose.shingle_similarity(first.body, second.body) < 0.6
    texts = {source.note_id: source.text for source in call.brief.sources}
    for variant in (first, second):
        said = [each for each in prose.sentences(variant.body) if any(each in text for text in texts.values())]
        assert len(said) >= 4
        assert variant.source_note_ids


@pytest.mark.parametrize("fault", ["wrong-labels-once", "nul-once", "foreign-ids-once", "too-long-once"])
def test_one_bad_email_is_repaired(server: OpenAIServer, fault: str) -> None:
    answer = written(server, f"openai:fault-{fault}", briefs.email_call())
    assert answer.output is not None
    assert answer.attempts[0].outcome == "ok"


def test_an_email_that_is_never_mended_says_what_was_wrong(server: OpenAIServer) -> None:
    answer = written(server, "openai:fault-wrong-labels", briefs.email_call())
    assert (answer.output, answer.failure) == (None, "invalid_output")
    assert "labels A, B" in answer.failure_detail


def test_the_offline_writer_stands_in(server: OpenAIServer) -> None:
    call = briefs.email_call()
    answer = written(server, "openai:fault-500,offline:extractive", call)
    assert (answer.origin, answer.failure) == ("offline-extractive", "")
    assert drafts.email(call.brief, answer.output or {}).variants[0].label == "A"


@pytest.mark.parametrize("labels", [("A",), ("A", "B", "C", "D")])
def test_as_many_versions_are_written_as_are_asked_for(server: OpenAIServer, labels: tuple[str, ...]) -> None:
    call = briefs.email_call(labels=labels)
    made = drafts.email(call.brief, written(server, "openai:small", call).output or {})
    assert tuple(variant.label for variant in made.variants) == labels
    assert len({variant.subject for variant in made.variants}) == len(labels)
