"""By how much counts vary more than independent readers would make them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from regrow.domain.experiments.ratios import Likelihood

LEAST_BATCHES = 10
_TO_SD = 1.4826
"""Makes a median absolute deviation the standard deviation of a normal."""


def estimated(x: ArrayLike, n: ArrayLike, other_x: ArrayLike, other_n: ArrayLike) -> float:
    """The factor, at least 1, from the residuals of one pair's batches, or of an A/A test; 1 with too few batches."""
    own, others = np.asarray(n, dtype=np.float64), np.asarray(other_n, dtype=np.float64)
    both = np.asarray(x, dtype=np.float64) + np.asarray(other_x, dtype=np.float64)
    is_told = (own > 0) & (others > 0) & (both > 0)
    peak = Likelihood(x, n, other_x, other_n, 1.0).peak()
    if int(is_told.sum()) < LEAST_BATCHES or not math.isfinite(peak):
        return 1.0
    part = expit(logit(own[is_told] / (own + others)[is_told]) + peak)
    expected = both[is_told] * part
    z = (np.asarray(x, dtype=np.float64)[is_told] - expected) / np.sqrt(expected * (1 - part))
    spread = _TO_SD * float(np.median(np.abs(z - np.median(z))))
    return max(1.0, spread**2)
