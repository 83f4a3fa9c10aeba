"""Answers recorded once and read ever after, without a model, a key or a network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_ai import models

from regrow import settings, wiring
from regrow.adapters.llm.candidates import parse_candidates
from regrow.adapters.llm.gateway import Gateway
from regrow.adapters.llm.recordings import Recordings
from regrow.domain.writing import Answer, Call
from regrow.kit import errors
from regrow.testing import briefs
from regrow.testing.openai_server import OpenAIServer
from tests.providers.test_gateway import Refusing

KEY = "recorded_key_0123456789"


@pytest.fixture(scope="module", autouse=True)
def _loopback_only() -> Iterator[None]:
    with models.override_allow_model_requests(True):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def recorded(server: OpenAIServer, folder: Path, call: Call | None = None, names: str = "openai:small") -> Answer:
    candidates = parse_candidates(names, {"openai": server.base_url})
    with Gateway(candidates, Refusing(), lambda _: KEY, recorded=Recordings(folder, True)) as gateway:
        return gateway.write(call or briefs.blog_call())


def replayed(folder: Path, call: Call | None = None, names: str = "openai:small") -> Answer:
    with Gateway(parse_candidates(names), Refusing(), lambda _: None, recorded=Recordings(folder)) as gateway:
        return gateway.write(call or briefs.blog_call())


def renamed(call: Call) -> Call:
    """The same call in another home, where the notes have other ids."""
    brief = call.brief
    sources = tuple(dataclasses.replace(each, note_id=f"not_{n}_elsewhere") for n, each in enumerate(brief.sources))
    return dataclasses.replace(call, brief=dataclasses.replace(brief, sources=sources))


def test_a_recorded_answer_is_given_again_without_a_key_or_a_server(server: OpenAIServer, tmp_path: Path) -> None:
    first, calls = recorded(server, tmp_path), server.calls
    again = replayed(tmp_path)
    assert (again.output, again.failure, again.model) == (first.output, "", "openai:small")
    (attempt,) = again.attempts
    assert (attempt.outcome, attempt.cost_micros) == ("ok", 0)
    assert attempt.input_tokens == first.attempts[0].input_tokens
    assert again.settings["recorded"] is True
    assert "recorded" not in first.settings
    assert server.calls == calls


def test_neither_the_key_nor_the_prompt_is_recorded(server: OpenAIServer, tmp_path: Path) -> None:
    recorded(server, tmp_path)
    (file,) = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    assert KEY not in text
    assert "Never repeat a marker" not in text
    assert json.loads(text)["model"] == "openai:small"
    assert "note_starter" not in text


def test_a_recording_fits_another_home_whose_notes_have_other_ids(server: OpenAIServer, tmp_path: Path) -> None:
    recorded(server, tmp_path)
    answer = replayed(tmp_path, renamed(briefs.blog_call()))
    assert answer.output is not None
    cited = {id for variant in answer.output["variants"] for id in variant["source_note_ids"]}
    assert cited
    assert all(id.endswith("_elsewhere") for id in cited)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (briefs.blog_call(instructions="Lead with the oven."), "openai:small"),
        (briefs.social_call(), "openai:small"),
        (briefs.blog_call(), "openai:other"),
    ],
    ids=["prompt", "function", "model"],
)
def test_what_was_not_recorded_fails_clearly_and_asks_nobody_else(
    server: OpenAIServer, tmp_path: Path, call: Call, names: str
) -> None:
    recorded(server, tmp_path)
    answer = replayed(tmp_path, call, f"{names},openai:third")
    assert (answer.output, answer.failure, answer.is_permanent) == (None, "not_recorded", True)
    assert len(answer.attempts) == 1
    assert "REGROW_RECORD=1" in answer.failure_detail


def test_only_usable_answers_are_recorded(server: OpenAIServer, tmp_path: Path) -> None:
    answer = recorded(server, tmp_path, names="openai:fault-malformed,openai:small")
    assert answer.failure == ""
    assert [json.loads(file.read_text())["model"] for file in tmp_path.iterdir()] == ["openai:small"]


def test_a_folder_that_cannot_be_written_is_told(server: OpenAIServer, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    answer = recorded(server, tmp_path / "a file")
    assert (answer.failure, "cannot be recorded" in answer.failure_detail) == ("not_recorded", True)
    assert answer.attempts[0].input_tokens > 500


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"output": [], "input_tokens": 1, "output_tokens": 1}'])
def test_a_broken_recording_is_told(server: OpenAIServer, tmp_path: Path, text: str) -> None:
    recorded(server, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text(text, encoding="utf-8")
    answer = replayed(tmp_path)
    assert (answer.failure, "anew" in answer.failure_detail) == ("not_recorded", True)


def test_the_settings_make_a_home_replay(server: OpenAIServer, tmp_path: Path) -> None:
    recorded(server, tmp_path / "answers")
    made = settings.Settings(home=tmp_path, models="openai:small", recorded=str(tmp_path / "answers"))
    writer = wiring.make_writer(made)
    assert writer.write(briefs.blog_call()).failure == ""
    writer.close()
    with pytest.raises(errors.Invalid) as refused:
        wiring.make_writer(settings.Settings(home=tmp_path, record=True))
    assert "REGROW_RECORDED" in refused.value.detail
