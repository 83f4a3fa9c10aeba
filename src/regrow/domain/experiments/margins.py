"""Guardrail metrics: whether an arm is worse by more than what was said to be bearable.

The conditional e-process with its null moved to the margin (exact for Poisson counts by the monotone likelihood ratio,
close for proportions at low rates).
"""

from __future__ import annotations

import math

from regrow.domain.experiments import grid
from regrow.domain.experiments.ratios import Likelihood


def log_e(likelihood: Likelihood, margin: float, is_more_worse: bool = False) -> float:
    """log E that the rate is worse than the reference's by more than `margin`, a share in (0, 1).

    `is_more_worse` for metrics such as complaints, where a higher rate is the worse one.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin: a share between 0 and 1, not {margin}")
    sign, null = (1.0, math.log1p(margin)) if is_more_worse else (-1.0, math.log1p(-margin))
    return float(grid.mixed(likelihood.at(null + sign * grid.NODES) - likelihood.at(null)))
