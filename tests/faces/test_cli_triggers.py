"""Triggers from the command line: set, listed, checked with the texts written at once, and told afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.furnished(tmp_path)


def told(home: Path, *words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", "--home", home, cwd=home.parent, code=code).out)


def said(home: Path, *words: str, code: int = 0) -> str:
    ended = run(*words, "--home", home, cwd=home.parent, code=code)
    return ended.out if code == 0 else ended.err


def out(home: Path) -> str:
    """A social piece that was published elsewhere, with the totals of both variants."""
    piece = next(each for each in told(home, "pieces", "list")["items"] if each["medium"] == "social")
    told(home, "approve", piece["id"], "--override", "--reason", "for a test")
    for label, likes in (("A", "likes=3"), ("B", "likes=8")):
        post = told(home, "posts", "record", piece["id"], "--platform", "x", "--label", label)
        told(home, "posts", "totals", post["id"], likes)
    return str(piece["id"])


def test_from_setting_to_new_texts(home: Path) -> None:
    piece = out(home)
    assert "no trigger: see" in said(home, "triggers", "list")
    made = told(home, "triggers", "set", piece, "likes < 5", "--prompt", "lead with the step that saves time")
    assert (made["condition"], made["status"], made["trigger_value"]) == ("likes < 5", "set", 5)
    assert told(home, "triggers", "list")["items"] == [made]
    found = told(home, "triggers", "check")
    (fired,) = found["triggered"]
    assert (found["checked"], fired["triggered_variants"], fired["status"]) == (1, ["A"], "success")
    assert "A stands at likes 3" in fired["result"]["analysis"]["root_cause"]
    shown = told(home, "pieces", "show", piece)
    assert (shown["status"], shown["trigger"], shown["version"]) == ("draft", None, 2)
    kinds = [each["kind"] for each in told(home, "triggers", "log", "--piece", piece)["items"]]
    assert kinds == ["set", "fired", "written"]
    assert "0 checked" in said(home, "triggers", "check")


def test_what_is_not_met_and_what_is_skipped_is_told(home: Path) -> None:
    piece = out(home)
    told(home, "triggers", "set", piece, "saves>=1")
    drawn = said(home, "triggers", "check")
    assert "1 checked" in drawn
    assert "metric_not_told: saves" in drawn
    told(home, "triggers", "set", piece, "likes > 100")
    assert told(home, "triggers", "check") == {"checked": 1, "triggered": [], "skipped": []}
    assert told(home, "triggers", "clear", piece) == {"piece_id": piece, "trigger": None}
    assert told(home, "triggers", "list")["items"] == []


def test_a_check_that_does_not_wait_leaves_its_run_to_whoever_works_next(home: Path) -> None:
    piece = out(home)
    told(home, "triggers", "set", piece, "likes < 5")
    (fired,) = told(home, "triggers", "check", "--no-wait")["triggered"]
    assert set(fired) == {"piece_id", "triggered_variants", "metrics", "task_id"}
    assert told(home, "triggers", "list")["items"][0]["status"] == "firing"


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("set", "{piece}", "likes"), 2, "such as 'likes < 5'"),
        (("set", "{piece}", "likes < many"), 2, "trigger_value: a number from 0"),
        (("set", "{piece}", "likes < nan"), 2, "trigger_value: a number from 0"),
        (("set", "{piece}", "likes < -1"), 2, "trigger_value: a number from 0"),
        (("set", "{piece}", "applause < 5"), 2, "trigger_condition: unknown metric"),
        (("set", "pie_nobody", "likes < 5"), 3, "there is no piece"),
        (("clear", "pie_nobody"), 3, "there is no piece"),
        (("check", "--campaign", "cam_nobody"), 3, "there is no campaign"),
    ],
)
def test_what_is_off_is_said_with_its_rule(home: Path, words: tuple[str, ...], code: int, what: str) -> None:
    piece = told(home, "pieces", "list", "--limit", "1")["items"][0]["id"]
    ended = run("triggers", *(word.format(piece=piece) for word in words), "--home", home, cwd=home.parent, code=None)
    assert ended.code == code, ended
    assert what in ended.err
