"""The ratio of two rates over batches: its estimate, its confidence sequence, and what shrinking leaves of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from regrow.domain.experiments import grid
from regrow.domain.experiments.grid import Floats

FARTHEST = 12.0
"""Logs of ratios beyond this are told as no bound: e^12 is 160,000 to 1."""
STEPS = 80
NEAR = 1e-13
_STEPS_AROUND: Floats = np.linspace(-8, 8, 65)
_BOTH: Floats = np.concatenate([-grid.NODES[::-1], grid.NODES])
_LOG_WEIGHTS: Floats = np.concatenate([grid.LOG_WEIGHTS[::-1], grid.LOG_WEIGHTS]) - math.log(2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Relative differences, -1 and up: -0.2 is a fifth less. Infinite or -1 where nothing bounds it."""

    delta: float
    low: float
    high: float
    shrunk: float

    def turned(self) -> Ratio:
        """The same of the reference against the arm."""
        return Ratio(*(_inverse(each) for each in (self.delta, self.high, self.low, self.shrunk)))


class Likelihood:
    """The log likelihood of the log ratio t over batches: concave, 0 at t = 0."""

    def __init__(self, x: ArrayLike, n: ArrayLike, other_x: ArrayLike, other_n: ArrayLike, dispersion: float) -> None:
        own, others = np.asarray(n, dtype=np.float64), np.asarray(other_n, dtype=np.float64)
        is_told = (own > 0) & (others > 0)
        self._share = own[is_told] / (own + others)[is_told]
        self._own = np.asarray(x, dtype=np.float64)[is_told]
        self._both = self._own + np.asarray(other_x, dtype=np.float64)[is_told]
        self._dispersion = dispersion
        self.conversions, self.both = float(self._own.sum()), float(self._both.sum())

    def at(self, t: ArrayLike) -> Floats:
        where = np.asarray(t, dtype=np.float64)
        spread = np.log1p(self._share * np.expm1(where[..., None]))
        told: Floats = (self.conversions * where - (self._both * spread).sum(axis=-1)) / self._dispersion
        return told

    def slope(self, t: float) -> float:
        return self._slopes(t)[0]

    def peak(self) -> float:
        """Where it is largest; minus or plus infinity when one of the two has no conversions."""
        if self.both == 0:
            return 0.0
        if self.conversions == 0:
            return -math.inf
        if self.conversions == self.both:
            return math.inf
        return self._top(0.0)

    def shrunk(self, deviation: float) -> float:
        """The posterior mean of t under a normal prior around 0 with this standard deviation."""
        middle = self._top(deviation**-2)
        width = (deviation**-2 - self._slopes(middle)[1] / self._dispersion) ** -0.5
        where = middle + width * _STEPS_AROUND
        logs = self.at(where) - where**2 / (2 * deviation**2)
        weights = np.exp(logs - logs.max())
        return float((weights * where).sum() / weights.sum())

    def _top(self, precision: float) -> float:
        """Where it is largest once `precision` t^2 / 2 is taken off: by Newton's steps where they stay inside."""
        low, high, at = -FARTHEST, FARTHEST, 0.0
        for _ in range(STEPS):
            told, bent = self._slopes(at)
            slope, bend = told / self._dispersion - precision * at, bent / self._dispersion - precision
            low, high = (at, high) if slope > 0 else (low, at)
            step = at - slope / bend if bend < 0 else low
            found = step if low < step < high else (low + high) / 2
            if abs(found - at) <= NEAR:
                return found
            at = found
        return at

    def crossing(self, level: float, peak: float, side: float) -> float:
        """Where it falls below the level on one side of its peak; infinite when it does so nowhere near."""
        at = side * FARTHEST
        if float(self.at(at)) >= level:
            return side * math.inf
        for _ in range(STEPS):
            slope = self.slope(at) / self._dispersion
            # Concave: tangents from outside never step over the crossing.
            found = at - (float(self.at(at)) - level) / slope if slope else peak
            if not abs(found - at) > NEAR or (found - peak) * side <= 0:
                return found if (found - peak) * side > 0 else peak
            at = found
        return at

    def _slopes(self, t: float) -> tuple[float, float]:
        """First and second derivative, before dispersion."""
        part = self._share * math.exp(t)
        rest = 1 - self._share
        own = part / (rest + part)
        told = self._both * own
        return self.conversions - float(told.sum()), -float((told * (1 - own)).sum())


def ratio(
    x: ArrayLike,
    n: ArrayLike,
    other_x: ArrayLike,
    other_n: ArrayLike,
    dispersion: float = 1.0,
    alpha: float = grid.ALPHA,
) -> Ratio:
    """The rate of an arm against a reference's, of counts of shape (batches,).

    The interval holds at all times at once with probability 1 - alpha: it is exact for Poisson counts and close for
    proportions at low rates (Robbins's mixture; Lindon & Malek, arXiv 2011.03567).
    """
    likelihood = Likelihood(x, n, other_x, other_n, dispersion)
    peak = likelihood.peak()
    mixture = float(logsumexp(likelihood.at(_BOTH) + _LOG_WEIGHTS))
    level = mixture - math.log(1 / alpha)
    low, high = (likelihood.crossing(level, min(max(peak, -FARTHEST), FARTHEST), side) for side in (-1.0, 1.0))
    return Ratio(math.expm1(peak), math.expm1(low), math.expm1(high), math.expm1(likelihood.shrunk(grid.TAU)))


def _inverse(delta: float) -> float:
    return math.inf if delta <= -1 else 1 / (1 + delta) - 1
