"""How an experiment came to where it stands: each arm's rate over time, and an interval that always holds.

The interval of one rate is the beta-binomial mixture's (Robbins 1970; Howard et al., arXiv 1810.08240).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from regrow.domain.experiments import grid, means
from regrow.domain.experiments.facts import Arm, Batches, ExperimentFacts
from regrow.domain.experiments.grid import Floats

Places = NDArray[np.intp]

MOST_POINTS = 60
PRIOR = 0.5
STEPS = 60


@dataclass(frozen=True, slots=True)
class Point:
    """Up to a time, in seconds since 1970: units, rate or mean, and its interval; rates are None before the first."""

    at: float
    n: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One arm over time."""

    label: str
    variant_id: str
    points: tuple[Point, ...]


def lines(facts: ExperimentFacts, most: int = MOST_POINTS) -> tuple[Line, ...]:
    """Cumulative, in the order of the batches' own times, at `most` of them at most; the last is always there."""
    order = np.argsort(facts.batches.at, kind="stable")
    places = (
        np.unique(np.linspace(0, len(order) - 1, min(most, len(order))).round().astype(int)) if order.size else order
    )
    return tuple(_line(facts, column, arm, order, places) for column, arm in enumerate(facts.arms))


def _line(facts: ExperimentFacts, column: int, arm: Arm, order: Places, places: Places) -> Line:
    told = _cumulative(facts.batches, column, order)
    make = _mean_point if facts.kind == "mean" else _rate_point
    points = (make(float(facts.batches.at[order[place]]), *(float(each[place]) for each in told)) for place in places)
    if facts.evidence == "observational":
        # Readers of one post are not drawn apart from one another: no interval of theirs holds.
        points = (replace(point, low=None, high=None) for point in points)
    return Line(arm.label, arm.variant_id, tuple(points))


def _cumulative(batches: Batches, column: int, order: Places) -> Sequence[Floats]:
    squares = np.zeros_like(batches.exposures) if batches.squares is None else batches.squares
    return [np.cumsum(each[order, column]) for each in (batches.exposures, batches.conversions, squares)]


def _rate_point(at: float, n: float, x: float, _squares: float) -> Point:
    if n <= 0:
        return Point(at, 0, None, None, None)
    low, high = rate_interval(x, n)
    return Point(at, int(n), x / n, low, high)


def _mean_point(at: float, n: float, total: float, squares: float) -> Point:
    """With the asymptotic confidence sequence of one mean (Waudby-Smith et al., arXiv 2103.06476)."""
    if n <= 0:
        return Point(at, 0, None, None, None)
    mean = total / n
    variance = max(squares / n - mean**2, 0.0)
    if n < means.LEAST_UNITS or variance == 0:
        return Point(at, int(n), mean, None, None)
    rho = means.TAU_IN_SD**2 * n
    half = math.sqrt(variance / n * 2 * (1 + rho) / rho * (math.log(1 / grid.ALPHA) + 0.5 * math.log1p(rho)))
    return Point(at, int(n), mean, mean - half, mean + half)


def rate_interval(x: float, n: float, alpha: float = grid.ALPHA) -> tuple[float, float]:
    """Bounds of a rate of x in n that hold at all times at once with probability 1 - alpha."""
    mixture = float(betaln(PRIOR + x, PRIOR + n - x) - betaln(PRIOR, PRIOR))

    def fits(p: float) -> bool:
        log = (x * math.log(p) if x else 0.0) + ((n - x) * math.log1p(-p) if n > x else 0.0)
        return mixture - log < math.log(1 / alpha)

    rate = min(max(x / n, 1e-12), 1 - 1e-12)
    low = 0.0 if x == 0 else _edge(fits, rate, 1e-15)
    high = 1.0 if x == n else _edge(fits, rate, 1 - 1e-12)
    return low, high


def _edge(fits: Callable[[float], bool], inside: float, outside: float) -> float:
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if fits(middle) else (inside, middle)
    return (inside + outside) / 2
