"""Many experiments at once, from the totals of each: what tens of thousands of them cost is a fraction of a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regrow.domain.experiments import closure, grid, proportions
from regrow.domain.experiments.grid import Floats

CHUNK = 2_000_000
"""Numbers held at once: they should stay in the cache."""


@dataclass(frozen=True, slots=True)
class Judged:
    """For each arm given, in its order: the confidence that it is worse than the others, and that it is the best."""

    losing: Floats
    winning: Floats


def judged(experiment: ArrayLike, exposures: ArrayLike, conversions: ArrayLike, has_control: bool = False) -> Judged:
    """Arms of many experiments, three arrays of shape (arms,), the arms of one experiment next to each other.

    With `has_control` the first arm of each is the one that the others are held against.
    """
    ids, n, x = np.asarray(experiment), np.asarray(exposures, np.float64), np.asarray(conversions, np.float64)
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]]) if ids.size else np.zeros(0, dtype=np.intp)
    sizes = np.diff(np.r_[starts, ids.size])
    losing, winning = np.zeros(ids.size), np.zeros(ids.size)
    for arms in np.unique(sizes):
        rows = starts[sizes == arms][:, None] + np.arange(arms)
        step = max(CHUNK // (int(arms) ** 2 * grid.NODES.size), 1)
        for first in range(0, len(rows), step):
            part = rows[first : first + step]
            losing[part], winning[part] = _of_a_size(n[part], x[part], 0 if has_control else None)
    return Judged(losing, winning)


def _of_a_size(n: Floats, x: Floats, control: int | None) -> tuple[Floats, Floats]:
    """Confidences of shape (experiments, k)."""
    arms = n.shape[1]
    if arms < 2:
        return np.zeros(n.shape), np.zeros(n.shape)
    mine, other = _pairs(arms)
    e = np.ones((len(n), arms, arms))
    e[:, mine, other] = _evidence(n[:, mine], n[:, other], x[:, mine], x[:, other])
    lost = closure.adjusted(closure.evidence_of_loss(np.log(e), control), control)
    own = np.arange(arms)
    e[:, own, own] = np.inf
    factor = 1.0 if control is not None and arms == 2 else 2.0
    return closure.confidence(lost), closure.confidence(e.min(axis=1) / factor)


def _pairs(arms: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    mine, other = np.nonzero(~np.eye(arms, dtype=bool))
    return mine, other


def _evidence(n: Floats, other_n: Floats, x: Floats, other_x: Floats) -> Floats:
    """E(worse) of directed pairs, shape (experiments, pairs); 1 where an arm has no exposure."""
    logs = proportions.pair_logs(n, other_n, x, other_x)
    np.minimum(logs, closure.HUGE, out=logs)
    np.exp(logs, out=logs)
    told: Floats = logs @ grid.WEIGHTS
    return told
