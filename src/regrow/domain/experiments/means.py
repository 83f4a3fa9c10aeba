"""Randomised means (seconds read, revenue): the batch-stratified asymptotic confidence sequence.

On the absolute difference, with the variance pooled over the two arms within each batch (Waudby-Smith et al.,
arXiv 2103.06476); half-normal mixture over differences. CUPED after Deng et al. (WSDM 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from regrow.domain.experiments import grid
from regrow.domain.experiments.grid import Floats

LEAST_UNITS = 100
LEAST_VALUES = 50
"""Values other than zero in each arm before a mean is worth a word."""
TAU_IN_SD = 0.1
WINSORISED_AT = 0.99


@dataclass(frozen=True, slots=True)
class Sums:
    """Units, sums and sums of squares, each of shape (batches, k), in the order in which the batches came."""

    n: Floats
    total: Floats
    squares: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """Arm less reference, absolute, with an interval that holds at all times at once."""

    absolute: float
    low: float
    high: float
    reference_mean: float


def sums(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> Sums:
    return Sums(*(np.asarray(each, dtype=np.float64) for each in (n, total, squares)))


def path(told: Sums) -> Floats:
    """log E(i worse than j) after each batch, shape (batches, k, k); 0 until each arm of a pair has enough units.

    tau is a tenth of the standard deviation over the batches up to then, and stays.
    """
    arms = told.n.shape[-1]
    found = np.zeros((len(told.n), arms, arms))
    for i in range(arms):
        for j in range(arms):
            if i != j:
                found[:, i, j] = _pair(told, i, j)
    return found


def _pair(told: Sums, i: int, j: int) -> Floats:
    weight, difference, variance = _strata(told, i, j)
    began = _start(told, i, j)
    if began is None:
        return np.zeros(len(weight))
    tau2 = (TAU_IN_SD**2) * _spread(told, i, j, began)
    total = np.cumsum(weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.cumsum(weight * difference) / total
        se2 = np.cumsum(weight * variance) / total**2
        rho = tau2 / se2
        z = -mean / np.sqrt(se2)
        logs = math.log(2) - 0.5 * np.log1p(rho) + rho * z**2 / (2 * (1 + rho)) + log_ndtr(z * np.sqrt(rho / (1 + rho)))
    is_told = (np.arange(len(weight)) >= began) & (se2 > 0)
    return np.where(is_told, logs, 0.0)


def _strata(told: Sums, i: int, j: int) -> tuple[Floats, Floats, Floats]:
    """Weight, difference of means and pooled variance of each batch; no weight where the two have too few units."""
    n_i, n_j = told.n[:, i], told.n[:, j]
    is_told = (n_i > 0) & (n_j > 0) & (n_i + n_j > 2)
    safe_i, safe_j = np.where(is_told, n_i, 1.0), np.where(is_told, n_j, 1.0)
    mean_i, mean_j = told.total[:, i] / safe_i, told.total[:, j] / safe_j
    spread = told.squares[:, i] - safe_i * mean_i**2 + told.squares[:, j] - safe_j * mean_j**2
    freedom = np.where(is_told, n_i + n_j - 2, 1.0)
    weight = np.where(is_told, n_i * n_j / np.where(is_told, n_i + n_j, 1.0), 0.0)
    return weight, np.where(is_told, mean_i - mean_j, 0.0), np.maximum(np.where(is_told, spread / freedom, 0.0), 0.0)


def _start(told: Sums, i: int, j: int) -> int | None:
    """The batch with which both arms have enough units; None when there is none yet."""
    fewest = np.minimum(np.cumsum(told.n[:, i]), np.cumsum(told.n[:, j]))
    enough = np.flatnonzero(fewest >= LEAST_UNITS)
    return int(enough[0]) if enough.size else None


def _spread(told: Sums, i: int, j: int, until: int) -> float:
    both = [i, j]
    n = told.n[: until + 1, both].sum()
    mean = told.total[: until + 1, both].sum() / n
    return max(float(told.squares[: until + 1, both].sum() / n - mean**2), 1e-12)


def difference(told: Sums, arm: int, reference: int, alpha: float = grid.ALPHA) -> Difference:
    """The strata-weighted difference; infinite bounds while there are too few units."""
    weight, differences, variance = _strata(told, arm, reference)
    units = max(float(told.n[:, reference].sum()), 1.0)
    mean = float(told.total[:, reference].sum()) / units
    total = float(weight.sum())
    began = _start(told, arm, reference)
    if began is None or total == 0:
        return Difference(0.0, -math.inf, math.inf, mean)
    d = float((weight * differences).sum()) / total
    se2 = float((weight * variance).sum()) / total**2
    if se2 == 0:
        return Difference(d, -math.inf, math.inf, mean)
    rho = (TAU_IN_SD**2) * _spread(told, arm, reference, began) / se2
    half = math.sqrt(se2 * 2 * (1 + rho) / rho * (math.log(1 / alpha) + 0.5 * math.log1p(rho)))
    return Difference(d, d - half, d + half, mean)


def cap_of(burn_in: ArrayLike) -> float:
    """The value at which a metric is cut for good: the 99th percentile of the first values."""
    return float(np.quantile(np.asarray(burn_in, dtype=np.float64), WINSORISED_AT))


def winsorised(values: ArrayLike, cap: float) -> Floats:
    return np.minimum(np.asarray(values, dtype=np.float64), cap)


def slope_of(y: ArrayLike, x: ArrayLike) -> float:
    """CUPED's theta, pooled over arms: `x` must have been measured before the exposure."""
    covariance = np.cov(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return float(covariance[0, 1] / covariance[0, 0]) if covariance[0, 0] > 0 else 0.0


def cuped(y: ArrayLike, x: ArrayLike, slope: float, mean_x: float) -> Floats:
    """y with what was known before taken out: same mean, variance less by the squared correlation."""
    told: Floats = np.asarray(y, dtype=np.float64) - slope * (np.asarray(x, dtype=np.float64) - mean_x)
    return told
