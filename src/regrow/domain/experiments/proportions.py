"""Randomised proportions: the batch-stratified conditional e-process, for any number of arms and experiments.

In each batch, given how many of both arms converted, the part of the one is binomial; its likelihood ratio against the
null has a mean of at most 1 whatever the rates are in that batch, so that drift and changing shares do no harm. The
product over batches is an e-process for "arm i is not worse than arm j", and Ville's inequality bounds how often it
ever gets large (Lindon & Malek, arXiv 2011.03567; Turner & Gruenwald, arXiv 2302.11401).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from regrow.domain.experiments import grid
from regrow.domain.experiments.grid import Floats

CHUNK = 4_000_000
"""Numbers held at once while many batches or experiments are worked through."""


def logs(exposures: ArrayLike, conversions: ArrayLike) -> Floats:
    """Log likelihood ratios of "i worse than j" in each batch, of shape (..., k, k, 24) from counts of shape (..., k).

    A pair of which an arm has no exposure in the batch gets zeros: it says nothing.
    """
    n, x = np.asarray(exposures, dtype=np.float64), np.asarray(conversions, dtype=np.float64)
    told = pair_logs(n[..., :, None], n[..., None, :], x[..., :, None], x[..., None, :])
    own = np.arange(n.shape[-1])
    told[..., own, own, :] = 0.0
    return told


def pair_logs(n: Floats, other_n: Floats, x: Floats, other_x: Floats) -> Floats:
    """The same of pairs that are given one by one: shape (..., 24) of four arrays that go together."""
    n, other_n, x, other_x = np.broadcast_arrays(n, other_n, x, other_x)
    is_told = (n > 0) & (other_n > 0)
    share = np.divide(n, n + other_n, out=np.zeros(n.shape), where=is_told)
    spread = share[..., None] * grid.FALLS
    np.log1p(spread, out=spread)
    spread *= -np.where(is_told, x + other_x, 0.0)[..., None]
    spread -= np.where(is_told, x, 0.0)[..., None] * grid.NODES
    return spread


def log_e(state: Floats, dispersion: float = 1.0) -> Floats:
    """log E(i worse than j), shape (..., k, k), of a state: what `logs` gives, summed over batches.

    `dispersion` (at least 1) is by how much counts vary more than they should; E(i better than j) is the transpose.
    """
    return grid.mixed(state / dispersion)


def states(exposures: ArrayLike, conversions: ArrayLike) -> Floats:
    """The state after all batches, shape (k, k, 24), of counts of shape (batches, k)."""
    n, x = np.asarray(exposures, dtype=np.float64), np.asarray(conversions, dtype=np.float64)
    arms = n.shape[-1]
    state = np.zeros((arms, arms, grid.NODES.size))
    for part in _parts(len(n), arms):
        state += logs(n[part], x[part]).sum(axis=0)
    return state


def path(exposures: ArrayLike, conversions: ArrayLike, dispersion: float = 1.0) -> Floats:
    """log E(i worse than j) after each batch, shape (batches, k, k), of counts of shape (batches, k)."""
    return course(exposures, conversions, dispersion)[0]


def course(exposures: ArrayLike, conversions: ArrayLike, dispersion: float = 1.0) -> tuple[Floats, Floats]:
    """`path`, and the state at its end."""
    n, x = np.asarray(exposures, dtype=np.float64), np.asarray(conversions, dtype=np.float64)
    arms = n.shape[-1]
    state = np.zeros((arms, arms, grid.NODES.size))
    told = np.zeros((len(n), arms, arms))
    for part in _parts(len(n), arms):
        summed = state + np.cumsum(logs(n[part], x[part]), axis=0)
        told[part] = log_e(summed, dispersion)
        state = summed[-1]
    return told, state


def _parts(batches: int, arms: int) -> list[slice]:
    step = max(CHUNK // (arms * arms * grid.NODES.size), 1)
    return [slice(start, start + step) for start in range(0, batches, step)]
