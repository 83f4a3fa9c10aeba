"""Regenerations from the command line: asked for, drawn, listed, replayed, refused, and by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import run, within


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return command_line.furnished(tmp_path)


def told(home: Path, *words: str, code: int = 0) -> Any:
    """A command that starts durable work, in a process of its own."""
    return json.loads(run(*words, "--json", "--home", home, cwd=home.parent, code=code).out)


class Looking:
    """Commands that start nothing, in this process."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys

    def json(self, *words: str, code: int = 0) -> Any:
        return within(*words, "--json", "--home", self.home, capsys=self.capsys, code=code).json

    def text(self, *words: str, code: int = 0) -> str:
        ended = within(*words, "--home", self.home, capsys=self.capsys, code=code)
        return ended.out + ended.err


@pytest.fixture
def look(home: Path, capsys: pytest.CaptureFixture[str]) -> Looking:
    return Looking(home, capsys)


def lost(look: Looking) -> tuple[str, dict[str, str]]:
    """A test in which B lost; its id and its variants by label."""
    test, variants = begun(look)
    look.json(*decided(test, variants["B"]))
    return test, variants


def begun(look: Looking, *more: str) -> tuple[str, dict[str, str]]:
    piece = next(each for each in look.json("pieces", "list")["items"] if each["medium"] == "social")
    asked = ("--minimum-hours", "0", "--source", "outside", *more)
    made = look.json("experiments", "create", piece["id"], *asked)
    return made["id"], {arm["label"]: arm["variant_id"] for arm in made["arms"]}


def decided(test: str, variant: str) -> tuple[str, ...]:
    told = ("--source", "acme", "--confidence", "0.97", "--delta", "-0.2", "--reason", "B is read less.")
    return ("experiments", "decide", test, variant, "terminate", *told)


def test_from_asking_to_replay(home: Path, look: Looking) -> None:
    assert "no regeneration yet" in look.text("regenerations", "list")
    test, variants = lost(look)
    which = (test, variants["B"])
    assert look.json("regenerations", "eligibility", *which)["eligible"] is True
    done = told(home, "regenerations", "ask", *which, "--instructions", "Lead with the number.")
    assert (done["success"], done["status"]) == (True, "registered")
    id = done["regeneration_event_id"]
    drawn = look.text("regenerations", "show", id)
    for part in ("CX08 review        passed", "CX06 writing       passed", "CX05 brand guard   passed", "└─ var_"):
        assert part in drawn, drawn
    assert drawn.index(variants["B"]) < drawn.index(f"└─ {done['new_variant_id']}")
    shown = look.json("regenerations", "show", id)
    assert shown["cx05_validation_result"]["validation_score"] == done["cx05_score"]
    assert shown["lineage"]["total_parents"] == 1
    assert [each["id"] for each in look.json("regenerations", "list", "--experiment", test)["items"]] == [id]
    assert look.json("regenerations", "list", "--status", "failed")["items"] == []
    again = look.json("regenerations", "replay", id)
    assert (again["is_same"], again["computed"]) == (True, "registered")
    assert [each["gate"] for each in again["gates"]] == [
        *("eligibility", "review", "writing", "brand guard", "registration")
    ]
    assert "the gates agree with what was recorded" in look.text("regenerations", "replay", id)
    assert "└─" in look.text("regenerations", "lineage", *which)
    refused = look.json("regenerations", "ask", *which, code=1)
    assert refused["violations"][0].startswith("cooldown_period_active: ")
    assert look.json("regenerations", "eligibility", *which, code=1)["violations"] == refused["violations"]


def test_a_veto_and_what_is_not_there(home: Path, look: Looking) -> None:
    test, variants = lost(look)
    refused = told(home, "regenerations", "ask", test, variants["B"], "--instructions", "Publish it.", code=1)
    assert (refused["success"], refused["status"]) == (False, "cx08_rejected")
    assert "refused" in look.text("regenerations", "show", refused["regeneration_event_id"])
    assert look.json("regenerations", "replay", refused["regeneration_event_id"])["is_same"] is True
    assert "no decision here" in look.text("regenerations", "ask", test, variants["A"], code=3)
    assert look.json("regenerations", "eligibility", "exp_none", "var_none", code=1)["variant_exists"] is False
    assert "no such variant" in look.text("regenerations", "lineage", test, "var_none", code=3)
    assert "no regeneration" in look.text("regenerations", "replay", "reg_none", code=3)


def test_an_automatic_test_does_it_by_itself(home: Path, look: Looking) -> None:
    test, variants = begun(look, "--automatic")
    told(home, *decided(test, variants["B"]))
    (found,) = look.json("regenerations", "list")["items"]
    assert (found["generated_by"], found["status"], found["parent_variant_id"]) == (
        *("automated", "registered"),
        variants["B"],
    )
    assert look.json("experiments", "show", test)["is_automatic"] is True
    assert look.json("experiments", "change", test, "--manual")["is_automatic"] is False
