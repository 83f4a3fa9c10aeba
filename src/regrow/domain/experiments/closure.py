"""Several arms: who loses and who wins, without paying for it in false alarms.

Means of e-values are e-values; testing every intersection keeps the chance of any false loser at the level (closure of
arithmetic means: Vovk & Wang, arXiv 1912.06116).
"""

from __future__ import annotations

import numpy as np

from regrow.domain.experiments.grid import Floats

LOSES_AT = 20.0
"""1 / 0.05."""
HUGE = 700.0
"""Logs are cut here before they are raised: e^700 is as good as any proof."""


def evidence_of_loss(log_e: Floats, control: int | None = None) -> Floats:
    """E that each arm is worse, shape (..., k), from log E(i worse than j), shape (..., k, k).

    Against the control when one is declared, which then has none itself; else the mean over all other arms.
    """
    e = np.exp(np.minimum(log_e, HUGE))
    arms = e.shape[-1]
    if control is not None:
        against = e[..., :, control].copy()
        against[..., control] = 0.0
        return against
    own = np.arange(arms)
    e[..., own, own] = 0.0
    mean: Floats = e.sum(axis=-1) / max(arms - 1, 1)
    return mean


def adjusted(e: Floats, control: int | None = None) -> Floats:
    """Each arm's evidence after closure, shape (..., k): the least mean of it with the m smallest of the others."""
    arms = e.shape[-1]
    counted = [arm for arm in range(arms) if arm != control]
    found = np.zeros_like(e)
    for arm in counted:
        others = (
            np.sort(np.stack([e[..., other] for other in counted if other != arm], axis=-1), axis=-1)
            if (len(counted) > 1)
            else np.zeros((*e.shape[:-1], 0))
        )
        summed = np.concatenate([np.zeros((*e.shape[:-1], 1)), np.cumsum(others, axis=-1)], axis=-1)
        means = (e[..., arm, None] + summed) / np.arange(1, summed.shape[-1] + 1)
        found[..., arm] = means.min(axis=-1)
    return found


def losing(log_e_path: Floats, control: int | None = None) -> Floats:
    """Confidence that each arm is worse, reached at any time so far, shape (batches, k)."""
    now = adjusted(evidence_of_loss(log_e_path, control), control)
    return confidence(np.maximum.accumulate(now, axis=0))


def winning(log_e_path: Floats, control: int | None = None) -> Floats:
    """Confidence that each arm is better than every other, reached at any time so far, shape (batches, k).

    The factor is 1 with two arms and a declared control, else 2, which covers two that lead alike.
    """
    reached = np.maximum.accumulate(np.exp(np.minimum(log_e_path, HUGE)), axis=0)
    arms = reached.shape[-1]
    if arms < 2:
        return np.zeros(reached.shape[:-1])
    own = np.arange(arms)
    reached[..., own, own] = np.inf
    factor = 1.0 if control is not None and arms == 2 else 2.0
    return confidence(reached.min(axis=-2) / factor)


def confidence(e: Floats) -> Floats:
    """1 - 1 / E, and 0 where E is below 1."""
    told: Floats = 1.0 - 1.0 / np.maximum(e, 1.0)
    return told
