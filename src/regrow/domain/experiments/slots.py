"""Pairs of slots in which a coin decided which text went first: exact under the coin, however posts vary."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from regrow.domain.experiments.grid import Floats

STRENGTHS: Floats = np.geomspace(0.1, 8, 16)
LEAST_PAIRS = 5
"""Each pair at most doubles the evidence: fewer cannot reach 0.95."""


def log_e(differences: Sequence[float]) -> float:
    """log E that the variant is worse after all pairs, of each pair's difference of log rates, variant less reference.

    The mean over strengths of the product of exp(-l d) / cosh(l d): its mean is 1 when only the coin decides signs.
    """
    told = path(np.asarray(differences, dtype=np.float64))
    return float(told[-1]) if told.size else 0.0


def path(differences: Floats) -> Floats:
    """The same after each pair, shape (pairs,)."""
    scaled = STRENGTHS[:, None] * differences
    log_cosh = np.logaddexp(scaled, -scaled) - math.log(2)
    summed = np.cumsum(-scaled - log_cosh, axis=1)
    return np.asarray(logsumexp(summed, axis=0) - math.log(STRENGTHS.size), dtype=np.float64)
