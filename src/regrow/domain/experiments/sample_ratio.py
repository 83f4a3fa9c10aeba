"""Whether traffic was split as intended: an e-value that may be looked at at any time.

A Dirichlet-multinomial mixture around the intended shares, averaged over concentrations (Lindon & Malek,
arXiv 2011.03567).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, logsumexp

from regrow.domain.experiments.grid import Floats

CONCENTRATIONS = (1e2, 1e3, 1e4, 1e5)
FLAGGED_AT = 100.0


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """`is_flagged`: the split is not what was intended, and nothing may be decided on it."""

    e_value: float
    is_flagged: bool


def log_bayes(counts: ArrayLike, shares: ArrayLike, concentration: float) -> Floats:
    """log of the Bayes factor against the intended shares, shape (...), of counts and shares of shape (..., k)."""
    c, pi = np.asarray(counts, dtype=np.float64), np.asarray(shares, dtype=np.float64)
    is_used = pi > 0
    a = concentration * np.where(is_used, pi, 1.0)
    parts = np.where(is_used, gammaln(a + c) - gammaln(a) - c * np.log(np.where(is_used, pi, 1.0)), 0.0)
    total = np.where(is_used, c, 0.0).sum(axis=-1)
    told: Floats = parts.sum(axis=-1) + math.lgamma(concentration) - gammaln(concentration + total)
    return told


def log_e(counts: ArrayLike, shares: ArrayLike) -> Floats:
    """log E of each row alone, shape (...): the mean over the concentrations."""
    each = np.stack([log_bayes(counts, shares, each) for each in CONCENTRATIONS], axis=-1)
    return np.asarray(logsumexp(each, axis=-1) - math.log(len(CONCENTRATIONS)), dtype=np.float64)


def judged(counts: ArrayLike, shares: ArrayLike) -> SampleRatio:
    """One experiment: units by stretch of unchanged shares, shape (stretches, k), and the shares of each."""
    c, pi = np.atleast_2d(counts), np.atleast_2d(shares)
    summed = [float(log_bayes(c, pi, each).sum()) for each in CONCENTRATIONS]
    told = float(logsumexp(summed)) - math.log(len(CONCENTRATIONS))
    e_value = math.exp(min(told, 700.0))
    return SampleRatio(e_value, e_value >= FLAGGED_AT)
