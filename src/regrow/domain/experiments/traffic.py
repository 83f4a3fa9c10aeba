"""Which share of readers each arm gets: the same for all that are left, or, when asked for, more for clicks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

FLOOR = 0.10
"""Of it, each of k arms keeps a k-th, whatever happens."""
DRAWS = 4_000


def uniform(labels: Sequence[str], losers: Sequence[str] = (), winner: str | None = None) -> dict[str, float]:
    """Shares of all labels: the same for all that did not lose; everything for a winner."""
    if winner is not None:
        return {label: float(label == winner) for label in labels}
    left = [label for label in labels if label not in losers]
    return {label: 1 / len(left) if label in left else 0.0 for label in labels}


def clicks(counts: Mapping[str, tuple[int, int]], random_seed: int) -> dict[str, float]:
    """Thompson shares of arms with (exposures, conversions): the chance that each is the best, and a floor.

    It finds losers late, or never: for those who would rather have clicks than answers (Thompson 1933).
    """
    dice = np.random.default_rng(random_seed)
    labels = sorted(counts)
    draws = np.stack([dice.beta(1 + x, 1 + n - x, DRAWS) for n, x in (counts[label] for label in labels)])
    best = np.bincount(draws.argmax(axis=0), minlength=len(labels)) / DRAWS
    least = FLOOR / len(labels)
    return {label: least + (1 - FLOOR) * float(part) for label, part in zip(labels, best, strict=True)}
