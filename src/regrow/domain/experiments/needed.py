"""How many conversions a decision takes, should the present ratio stay."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from regrow.domain.experiments import closure, grid
from regrow.domain.experiments.grid import Floats

MOST_TIMES = 1e6
STEPS = 60
MOST = 2**53


def to_lose(state: Floats, conversions: float, arm: int, control: int | None, dispersion: float = 1.0) -> int | None:
    """Conversions in all until the arm is called a loser; None when the present ratio never gets there.

    `state` has shape (k, k, 24): log likelihoods grow in proportion to the counts.
    """

    def reaches(times: float) -> bool:
        log_e = grid.mixed(state * times / dispersion)
        return bool(closure.adjusted(closure.evidence_of_loss(log_e, control), control)[arm] >= closure.LOSES_AT)

    return _least(conversions, reaches)


def to_win(state: Floats, conversions: float, arm: int, control: int | None, dispersion: float = 1.0) -> int | None:
    """Conversions in all until the arm is called the winner; None when the present ratio never gets there."""
    arms = state.shape[0]
    wanted = math.log(closure.LOSES_AT * (1.0 if control is not None and arms == 2 else 2.0))

    def reaches(times: float) -> bool:
        log_e = grid.mixed(state * times / dispersion)
        return bool(np.delete(log_e[:, arm], arm).min() >= wanted)

    return _least(conversions, reaches)


def _least(conversions: float, reaches: Callable[[float], bool]) -> int | None:
    if conversions <= 0 or not reaches(MOST_TIMES):
        return None
    low, high = 0.0, MOST_TIMES
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    found = math.ceil(high * conversions - 1e-6)
    return found if found < MOST else None
