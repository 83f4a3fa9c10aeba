"""The lift of one variant over another after each round, as points on a plane with room for their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 16, 34
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0)
MOST_TICKS = 6
LEAST, MOST = -1.0, 3.0
"""Early intervals reach further; the picture stops here and the table says how far they go."""


@dataclass(frozen=True, slots=True)
class Step:
    """One arm after a round: how many saw it and read on, of each label, and its lift over the others.

    The interval is open where too little was seen for one.
    """

    number: int
    counts: tuple[tuple[str, int, int], ...]
    lift: float
    low: float | None
    high: float | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A step on the plane: its point, and the ends of its interval."""

    number: int
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """`zero` is the height at which there is no difference."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    zero: float


def drawn(steps: Sequence[Step]) -> Drawn:
    """The whole course; without any step an empty plane."""
    low, high = _bounds(steps)
    span = high - low

    def y(value: float) -> float:
        inside = min(max(value, low), high)
        return round(HEIGHT - BOTTOM - (inside - low) / span * (HEIGHT - TOP - BOTTOM), 1)

    room = (WIDTH - LEFT - RIGHT) / max(len(steps), 1)
    marks = tuple(
        Mark(each.number, round(LEFT + room * (place + 0.5), 1), y(each.lift), y(_high(each)), y(_low(each)))
        for place, each in enumerate(steps)
    )
    step = _step(span)
    first = math.ceil(low / step - 1e-9)
    ticks = tuple(Tick(y(number * step), number * step) for number in range(first, math.floor(high / step + 1e-9) + 1))
    return Drawn(marks, ticks, y(0.0))


def _bounds(steps: Sequence[Step]) -> tuple[float, float]:
    """All points, no difference, and the intervals of the later half."""
    late = steps[len(steps) // 2 :]
    lows = [*(_low(each) for each in late), *(each.lift for each in steps), -0.1]
    highs = [*(_high(each) for each in late), *(each.lift for each in steps), 0.1]
    return max(min(lows), LEAST), min(max(highs), MOST)


def _low(step: Step) -> float:
    return LEAST if step.low is None else step.low


def _high(step: Step) -> float:
    return MOST if step.high is None else step.high


def _step(span: float) -> float:
    return next((each for each in STEPS if span / each <= MOST_TICKS), STEPS[-1])
