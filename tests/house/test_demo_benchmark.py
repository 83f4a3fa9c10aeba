"""The measure of the demo's decisions: what it reads from each demo, and what it makes of many."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import report
from benchmarks.quality import demo
from benchmarks.quality.demo import Ended


def told(loser: str | None, worse: str | None, is_equal: bool = True) -> dict[str, Any]:
    trial = {"loser": loser, "truly_worse": worse, "rounds": 4}
    return {"experiment": trial, "site": {"is_equal": is_equal}, "seconds": 20.5}


def test_a_demo_is_read_from_its_own_json() -> None:
    found = demo.read(3, told("A", "A"))
    assert found == Ended(3, "A", "A", 4, 20.5, True)
    assert (found.is_found, found.is_false) == (True, False)


@pytest.mark.parametrize(
    ("loser", "worse", "is_found", "is_false"),
    [("B", "A", False, True), (None, "A", False, False), ("A", None, False, True), (None, None, False, False)],
)
def test_losers_are_found_or_false(loser: str | None, worse: str | None, is_found: bool, is_false: bool) -> None:
    found = demo.read(1, told(loser, worse))
    assert (found.is_found, found.is_false) == (is_found, is_false)


def test_a_demo_without_an_experiment_is_no_result() -> None:
    with pytest.raises(ValueError, match="seed 5: there was no experiment"):
        demo.read(5, {"experiment": None, "site": None})


def test_many_are_counted_and_held_against_what_was_promised() -> None:
    ended = [demo.read(seed, told("A" if seed > 2 else None, "A", seed != 7)) for seed in range(1, 21)]
    found = demo.measured(ended, is_null=False)
    assert (found["seeds"], found["found"], found["false_losers"], found["counts_equal"]) == (20, 18, 0, 19)
    assert found["seconds"] == {"median": 20.5, "worst": 20.5}
    result = demo.result(ended, is_null=False)
    assert [figure.is_held for figure in result.figures] == [True, True, False, True]
    fewer = demo.result([*ended[:-1], demo.read(20, told("B", "A"))], is_null=False)
    assert [figure.is_held for figure in fewer.figures] == [False, True, False, True]


def test_with_null_every_loser_is_a_false_one() -> None:
    ended = [demo.read(seed, told("A" if seed < 3 else None, None)) for seed in range(1, 21)]
    assert demo.measured(ended, is_null=True)["false_losers"] == 2
    result = demo.result(ended, is_null=True)
    assert [figure.is_held for figure in result.figures] == [False, True, True]
    assert "false losers, of 20 seeds" in report.section(result, "here", "python -m benchmarks.quality.demo --null")


def test_at_least_one_demo_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        demo.main(["--seeds", "0"])
    assert "1 or more" in capsys.readouterr().err
