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
_PRIOR: Floats = np.linspace(-6 * grid.TAU, 6 * grid.TAU, 241)
_BOTH: Floats = np.concatenate([-grid.NODES[::-1], grid.NODES])
_LOG_WEIGHTS: Floats = np.concatenate([grid.LOG_WEIGHTS[::-1], grid.LOG_WEIGHTS]) - math.log(2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Relative differences, -1 and up: -0.2 is a fifth less. Infinite or -1 where nothing bounds it."""

    delta: float
    low: float
    high: float
    shrunk: float


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
        part = self._share * math.exp(t)
        return self.conversions - float((self._both * part / (1 - self._share + part)).sum())

    def peak(self) -> float:
        """Where it is largest; minus or plus infinity when one of the two has no conversions."""
        if self.both == 0:
            return 0.0
        if self.conversions == 0:
            return -math.inf
        if self.conversions == self.both:
            return math.inf
        low, high = -FARTHEST, FARTHEST
        for _ in range(STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.slope(middle) > 0 else (low, middle)
        return (low + high) / 2


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
    low, high = (_crossing(likelihood, min(max(peak, -FARTHEST), FARTHEST), side, level) for side in (-1.0, 1.0))
    return Ratio(math.expm1(peak), math.expm1(low), math.expm1(high), _shrunk(likelihood))


def _crossing(likelihood: Likelihood, peak: float, side: float, level: float) -> float:
    """Where it falls below the level on one side of its peak."""
    near, far = peak, side * FARTHEST
    if float(likelihood.at(far)) >= level:
        return side * math.inf
    for _ in range(STEPS):
        middle = (near + far) / 2
        near, far = (middle, far) if float(likelihood.at(middle)) >= level else (near, middle)
    return (near + far) / 2


def _shrunk(likelihood: Likelihood) -> float:
    """The posterior mean of t under N(0, tau^2), as a relative difference."""
    logs = likelihood.at(_PRIOR) - _PRIOR**2 / (2 * grid.TAU**2)
    weights = np.exp(logs - logs.max())
    return math.expm1(float((weights * _PRIOR).sum() / weights.sum()))
