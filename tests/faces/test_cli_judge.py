"""`regrow guard --judge` and `calibrate`, and commands that write a version, with a judge on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrow.testing.openai_server import OpenAIServer
from tests.faces import command_line
from tests.faces.command_line import within

KEY = "sk-test-judge"
GOOD = "Weigh the flour, let the dough rest for an hour, and bake it hot."
POOR = "This revolutionary, seamless dough rests by itself. Bake it hot."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        yield running


@pytest.fixture
def home(tmp_path: Path, server: OpenAIServer, capsys: Any) -> Path:
    """A home with notes and a judge."""
    made = command_line.furnished(tmp_path)
    within("workspaces", "change", "--setting", "models.judge=openai:strict", "--home", made, capsys=capsys)
    return made


def written(folder: Path, text: str, name: str = "draft.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_judged_only_when_asked_for(home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any) -> None:
    path = written(tmp_path, GOOD)
    for words in ((), ("--no-judge",)):
        plain = within("guard", path, *words, "--home", home, "--json", capsys=capsys).json
        assert (plain["method"], plain["judge"]) == ("rules", "none")
        assert "voice_score" not in plain
    assert server.calls == 0
    found = within("guard", path, "--judge", "--home", home, "--json", capsys=capsys).json
    assert (found["method"], found["voice_score"], found["passed"]) == ("rules+judge", 1.0, True)
    assert server.calls == 3
    told = within("guard", path, "--medium", "social", "--judge", "--home", home, capsys=capsys)
    assert "passed: 1.00 by rules and judge, voice 1.00, no findings" in told.out


def test_what_the_judge_finds_fails_a_file(home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any) -> None:
    path = written(tmp_path, POOR)
    told = within("guard", path, "--judge", "--home", home, capsys=capsys, code=1)
    assert "judge_honest" in told.out
    assert "“revolutionary”" in told.out
    server.faults.extend(["judge-yes", "judge-no", "judge-yes"])
    told = within("guard", path, "--judge", "--home", home, capsys=capsys, code=1)
    assert "is for a person to decide" in told.out
    assert "spread from yes to no" in told.out


def test_a_judge_that_fails_leaves_it_to_the_rules(
    home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any
) -> None:
    server.faults.append("401")
    path = written(tmp_path, GOOD)
    told = within("guard", path, "--medium", "social", "--judge", "--home", home, capsys=capsys)
    assert "by rules, no findings" in told.out
    assert "The judge gave no verdict" in told.err
    within("workspaces", "change", "--setting", "models.judge=", "--home", home, capsys=capsys)
    refused = within("guard", tmp_path / "draft.md", "--judge", "--home", home, "--json", capsys=capsys, code=4)
    assert refused.json["error"]["code"] == "no_judge"


def test_generate_and_restore_wait_for_the_judge(home: Path, server: OpenAIServer, capsys: Any) -> None:
    made = within("generate", "--medium", "social", "--social-count", "1", "--home", home, "--json", capsys=capsys)
    assert "Judging" in made.err
    (shown,) = made.json["pieces"]
    assert shown["guard"]["judge"] == "done"
    restored = within("restore", shown["id"], "1", "--home", home, "--json", capsys=capsys).json
    assert (restored["version"], restored["guard"]["judge"]) == (2, "done")
    assert server.calls == 12


def labelled(folder: Path, count: int) -> Path:
    lines = [json.dumps({"text": f"{GOOD} {n}", "label": "good"}) for n in range(count)]
    lines += [json.dumps({"text": f"{POOR} {n}", "label": "bad"}) for n in range(count)]
    return written(folder, "\n".join(lines), "labels.jsonl")


def test_calibrate_tells_agreement_threshold_and_doubt(
    home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any
) -> None:
    path = labelled(tmp_path, 3)
    done = within("guard", "calibrate", path, "--yes", "--home", home, "--json", capsys=capsys)
    assert "6 texts, 18 calls of openai:strict, 6 credits, at an unknown price" in done.err
    found = done.json
    assert (found["judged"], found["failed"], found["judges"]) == (6, 0, ["openai:strict"])
    assert (found["at"]["accuracy"], found["at"]["kappa"]) == (1.0, 1.0)
    assert found["at"]["confusion"] == {"good_passed": 3, "good_failed": 0, "bad_passed": 0, "bad_failed": 3}
    assert found["is_enough"] is False
    assert server.calls == 18
    told = within("guard", "calibrate", path, "--yes", "--home", home, capsys=capsys).out
    assert "100% right" in told
    assert "Too few labels" in told or "There are too few labels" in told
    assert "Cohen (1960)" in told


def test_calibrate_asks_before_it_pays(home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any) -> None:
    path = labelled(tmp_path, 1)
    refused = within("guard", "calibrate", path, "--home", home, "--json", capsys=capsys, code=2)
    assert refused.json["error"]["code"] == "not_agreed"
    assert server.calls == 0


def test_calibrate_goes_on_without_texts_whose_judge_failed(
    home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any
) -> None:
    path = labelled(tmp_path, 2)
    server.faults.append("401")
    found = within("guard", "calibrate", path, "--yes", "--home", home, "--json", capsys=capsys).json
    assert (found["judged"], found["failed"]) == (3, 1)
    assert "key" in found["failures"][0]
    within("workspaces", "change", "--setting", "models.judge=openai:fault-401", "--home", home, capsys=capsys)
    refused = within("guard", "calibrate", path, "--yes", "--home", home, "--json", capsys=capsys, code=7)
    assert refused.json["error"]["code"] == "judge_failed"


def test_a_file_with_bad_labels_costs_nothing(home: Path, tmp_path: Path, server: OpenAIServer, capsys: Any) -> None:
    path = written(tmp_path, "text,label\nA loaf.,perhaps\n", "labels.csv")
    refused = within("guard", "calibrate", path, "--yes", "--home", home, "--json", capsys=capsys, code=2)
    assert refused.json["error"]["code"] == "bad_labels"
    assert server.calls == 0


def test_models_lists_the_judge_only_where_there_is_one(home: Path, capsys: Any) -> None:
    def judges() -> list[str]:
        found = within("models", "list", "--home", home, "--json", capsys=capsys).json
        return [each["candidate"] for each in found["items"] if each["function"] == "judge"]

    assert judges() == ["openai:strict"]
    within("workspaces", "change", "--setting", "models.judge=", "--home", home, capsys=capsys)
    assert judges() == []
