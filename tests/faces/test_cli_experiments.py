"""Experiments from the command line: begun, told of, drawn, judged and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import inside


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.furnished(tmp_path)


def told(home: Path, *words: str, code: int = 0) -> Any:
    return inside(*words, "--json", "--home", home, cwd=home.parent, code=code).json


def said(home: Path, *words: str, code: int = 0) -> str:
    ended = inside(*words, "--home", home, cwd=home.parent, code=code)
    return ended.out if code == 0 else ended.err


def begun(home: Path, *more: str) -> dict[str, Any]:
    piece = told(home, "pieces", "list")["items"][0]
    found: dict[str, Any] = told(home, "experiments", "create", piece["id"], "--minimum-hours", "0", *more)
    return found


def test_from_beginning_to_replay(home: Path) -> None:
    assert "no experiment yet" in said(home, "experiments", "list")
    made = begun(home, "--reference", "A")
    id = made["id"]
    assert "Taken" in said(
        home, "experiments", "observe", id, "A=4000/400", "B=4000/200", "--batch", "m", "--at", "2026-01-05T00:00:00Z"
    )
    again = ("experiments", "observe", id, "A=4000/400", "B=4000/200", "--batch", "m", "--at", "2026-01-05T00:00:00Z")
    assert told(home, *again) == {"accepted": True, "duplicate": True}
    other = ("experiments", "observe", id, "A=4000/401", "B=4000/200", "--batch", "m", "--at", "2026-01-05T00:00:00Z")
    assert "other numbers before" in said(home, *other, code=4)
    found = told(home, "experiments", "evaluate", id)
    assert {each["label"]: each["decision"] for each in found["decisions"]} == {"A": "promote", "B": "terminate"}
    drawn = said(home, "experiments", "show", id)
    assert "click rate of 2 variants, concluded" in drawn
    assert "10.00% (" in drawn
    assert "▁" in drawn
    assert "█" in drawn
    assert "terminate" in drawn
    replayed = said(home, "experiments", "replay", id)
    assert "2 decisions from 1 batches: everything is as it was recorded." in replayed
    assert told(home, "experiments", "replay", id)["is_same"] is True
    assert told(home, "experiments", "list", "--status", "concluded")["items"][0]["id"] == id


def test_arms_decisions_from_elsewhere_and_an_early_end(home: Path) -> None:
    made = begun(home, "--share", "A=0.7", "--share", "B=0.3")
    id, b = made["id"], made["arms"][1]["variant_id"]
    assert [arm["share"] for arm in made["arms"]] == [0.7, 0.3]
    row = told(
        home, "experiments", "decide", id, b, "continue", "--source", "acme", "--confidence", "0.4", "--delta=-0.1"
    )
    assert (row["source"], row["is_applied"]) == ("acme", False)
    changed = told(home, "experiments", "arms", id, "--remove", b)
    assert changed["note"].startswith("B left")
    assert told(home, "experiments", "end", id)["status"] == "inconclusive"


def test_what_is_typed_wrong_is_told(home: Path) -> None:
    made = begun(home)
    at = ("--batch", "m", "--at", "2026-01-05T00:00:00Z")
    assert "write A=400/31" in said(home, "experiments", "observe", made["id"], "A=4", *at, code=2)
    assert "more than exposures" in said(home, "experiments", "observe", made["id"], "A=4/5", *at, code=2)
    assert "use one of uniform, clicks" in said(home, "experiments", "create", "x", "--traffic", "y", code=2)
    assert "there is no experiment" in said(home, "experiments", "show", "exp_x", code=3)
