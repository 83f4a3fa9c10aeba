"""Pictures of an experiment: what they show stands in words too, and nothing in them is markup of others."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.experiments import drawing, series
from regrow.domain.experiments.facts import Arm, Batches, no_batches
from tests.domain.experiments.test_deciding import facts


def test_a_rate_has_an_interval_that_always_holds() -> None:
    dice = np.random.default_rng(3)
    missed = 0
    for _ in range(200):
        x = dice.binomial(200, 0.05, 20).cumsum()
        bounds = [series.rate_interval(float(hits), 200.0 * look) for look, hits in enumerate(x, start=1)]
        missed += any(not low <= 0.05 <= high for low, high in bounds)
    assert missed / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)
    assert series.rate_interval(0, 10)[0] == 0.0
    assert series.rate_interval(10, 10)[1] == 1.0


def test_the_course_of_each_arm_is_drawn_and_told() -> None:
    lines = series.lines(facts(0.05, 0.03))
    assert [line.label for line in lines] == ["A", "B"]
    picture = ET.fromstring(drawing.svg(lines, "Click rate", "A is ahead"))
    space = "{http://www.w3.org/2000/svg}" if picture.tag.startswith("{") else ""
    assert picture.find(f"{space}title").text == "Click rate"  # type: ignore[union-attr]
    assert len(picture.findall(f"{space}polyline")) == 2
    rows = drawing.table(lines)
    assert rows[0][:2] == ("A", "19,200")
    assert re.fullmatch(r"\d\.\d\d% to \d\.\d\d%", rows[0][3])
    told = drawing.terminal(lines, 40)
    assert len(told) == 2
    assert all(rows[place][2] in line for place, line in enumerate(told))


def test_names_of_arms_that_stand_at_the_same_height_are_moved_apart() -> None:
    lines = series.lines(facts(0.05, 0.05))
    same = tuple(replace(line, points=lines[0].points) for line in lines)
    picture = ET.fromstring(drawing.svg(same, "t", "d"))
    heights = [float(each.get("y", "")) for each in picture.findall("text") if each.get("class") == "arm"]
    assert abs(heights[0] - heights[1]) == pytest.approx(drawing.LINE)


def test_a_narrow_picture_of_a_minute_tells_seconds() -> None:
    lines = series.lines(facts(0.05, 0.03))
    short = [
        replace(
            line, points=tuple(replace(point, at=1_790_000_000.0 + place) for place, point in enumerate(line.points))
        )
        for line in lines
    ]
    picture = drawing.svg(short, "t", "d", width=420)
    assert 'viewBox="0 0 420 300"' in picture
    assert re.search(r">\d\d:\d\d:\d\d<", picture)
    assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d<", drawing.svg(lines, "t", "d"))
    places = [float(each) for each in re.findall(r'x2="([\d.]+)"', picture)]
    assert max(places) == 420 - drawing.RIGHT


def test_what_others_wrote_is_no_markup() -> None:
    told = facts(0.05, 0.03)
    arms = (Arm("v", "<script>"), told.arms[1])
    picture = drawing.svg(series.lines(replace(told, arms=arms)), "</title><script>", 'a "b" & c')
    assert "<script" not in picture
    assert ET.fromstring(picture) is not None


def test_nothing_seen_is_said() -> None:
    lines = series.lines(replace(facts(0.05, 0.03), batches=no_batches(2)))
    assert "Nothing was seen yet" in drawing.svg(lines, "t", "d")
    assert drawing.table(lines) == [("A", "0", "", ""), ("B", "0", "", "")]
    assert "nothing yet" in drawing.terminal(lines)[0]


@pytest.mark.parametrize("kind", ["proportion", "mean"])
@given(st.lists(st.tuples(st.integers(0, 10**7), st.floats(0, 1)), min_size=1, max_size=90))
def test_any_counts_are_drawn(kind: str, counts: list[tuple[int, float]]) -> None:
    n = np.array([[a, b] for a, b in zip([c for c, _ in counts], [c for c, _ in reversed(counts)], strict=True)], float)
    x = np.floor(n * np.array([[p, p] for _, p in counts]))
    batches = Batches(np.arange(len(n)) * 60.0, n, x, np.full(n.shape, 0.5), x)
    lines = series.lines(replace(facts(0.1, 0.1), batches=batches, kind=kind))  # type: ignore[arg-type]
    assert max(len(line.points) for line in lines) <= series.MOST_POINTS
    assert "nan" not in drawing.svg(lines, "t", "d", is_share=kind == "proportion").lower()
    assert lines[0].points[-1].n == int(n[:, 0].sum())
