"""Every benchmark runs at a tiny scale and gives figures that can be told; how fast anything is, no test judges."""

from __future__ import annotations

import dataclasses
import importlib
import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import figures, report
from benchmarks.figures import Figure, Result

TINY = 0.01


@pytest.mark.parametrize("name", command.NAMES)
def test_a_benchmark_runs_and_gives_positive_ratios(name: str) -> None:
    result = importlib.import_module(f"benchmarks.{name}").run(TINY)
    assert result.name == name
    assert result.figures
    assert all(figure.ratio > 0 for figure in result.figures)
    assert figures.result_from(json.loads(json.dumps(dataclasses.asdict(result)))) == result


def test_every_benchmark_is_run() -> None:
    folder = Path(command.__file__).parent
    measuring = {path.stem for path in folder.glob("*.py") if "\ndef run(scale: float" in path.read_text("utf-8")}
    assert measuring == set(command.NAMES)


@pytest.mark.parametrize(
    ("ours", "peer", "goal", "bound", "is_limit", "ratio", "is_held"),
    [
        ((2.0, 4.0, 9.0), (1.0, 2.0, 3.0), 2.0, "at most", False, 2.0, True),
        ((2.0, 4.0, 9.0), (1.0, 1.0, 1.0), 2.0, "at most", False, 4.0, False),
        ((60.0, 59.0), (100.0, 100.0), 0.6, "at least", False, 0.595, False),
        ((0.1, 0.2, 0.6), (0.3,), 1.0, "at most", True, 2.0, False),
        ((0.1, 0.2, 0.6), (0.3,), None, "at most", False, 2 / 3, None),
    ],
)
def test_a_figure_is_judged_by_its_median_and_a_limit_by_its_worst(
    ours: tuple[float, ...],
    peer: tuple[float, ...],
    goal: float | None,
    bound: str,
    is_limit: bool,
    ratio: float,
    is_held: bool | None,
) -> None:
    figure = Figure("what", "s", ours, peer, "a peer", goal, bound, is_limit)  # type: ignore[arg-type]
    assert figure.ratio == pytest.approx(ratio)
    assert figure.is_held is is_held


def test_measuring_one_anew_keeps_the_others(tmp_path: Path) -> None:
    page = tmp_path / "results.md"
    for name, value in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        result = Result(name, (Figure("speed", "s", (value,), (1.0,), "a peer", 2.0),), ("A note.",))
        report.keep({name: report.section(result, "one machine", "a command")}, page)
    text = page.read_text("utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## a", "## b"]
    assert "| 3.00 | 3.00 | one round | at most 2 | **no** |" in text
    assert "| 2.00 | 2.00 | one round | at most 2 | yes |" in text
