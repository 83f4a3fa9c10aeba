"""The nodes at which evidence is kept, and their weights: fixed before anything is looked at.

Half-normal weights in the log of the rate ratio, on a logarithmic grid (Lindon & Malek, arXiv 2011.03567; the mixture
is Robbins's).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAU = 0.25
"""Standard deviation of log rate ratios that is reckoned with."""
ALPHA = 0.05
MOST_DELTA = 1e6
"""Relative differences are told up to here: against a reference without conversions there is no number."""
NODES: Floats = np.geomspace(0.01, 1.5, 24)
WEIGHTS: Floats = NODES * np.exp(-(NODES**2) / (2 * TAU**2))
WEIGHTS /= WEIGHTS.sum()
LOG_WEIGHTS: Floats = np.log(WEIGHTS)
FALLS: Floats = np.expm1(-NODES)
"""e^-t - 1 at each node t."""
RISES: Floats = np.expm1(NODES)

_SCALAR = tuple(zip(NODES.tolist(), FALLS.tolist(), LOG_WEIGHTS.tolist(), strict=True))


def mixed(logs: Floats) -> Floats:
    """Log of the weighted mean over the nodes; `logs` holds the log likelihood ratios, the nodes last."""
    # Written out, because scipy's logsumexp takes five times as long on arrays this small.
    top = logs.max(axis=-1, keepdims=True)
    told: Floats = np.log(np.exp(logs - top) @ WEIGHTS) + top[..., 0]
    return told


def log_e(conversions: float, others: float, share: float) -> float:
    """log E(worse) of one pair in one batch, in plain Python, which is quicker than arrays for a single one.

    `conversions` are the variant's, `others` the reference's, `share` the variant's part of both exposures, in (0, 1).
    """
    both = conversions + others
    logs = [weight - conversions * node - both * math.log1p(share * fall) for node, fall, weight in _SCALAR]
    top: float = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs))
