"""30,000 experiments judged at once, against gbstats, and ourselves, one at a time on the same counts."""

from __future__ import annotations

import time

import numpy as np

from benchmarks import peers, turns
from benchmarks.figures import Figure, Result, only_told
from regrow.domain.experiments import closure, grid, many, proportions

EXPERIMENTS, ROUNDS, ALONE = 30_000, 5, 300
GOAL = 100.0
"""At least so many times faster than gbstats."""
SMALL = 0.5
"""Below this scale the peer is only asked when its environment stands already."""


def run(scale: float = 1.0) -> Result:
    """Two arms and a control, click rates about 2 %; the peer judges as many as fit and is told per experiment."""
    count = turns.scaled(EXPERIMENTS, scale, 100)
    dice = np.random.default_rng(1)
    n = dice.integers(500, 5_000, (count, 2))
    x = dice.binomial(n, dice.beta(8, 392, (count, 2)))
    ids, flat_n, flat_x = np.repeat(np.arange(count), 2), n.reshape(-1), x.reshape(-1)
    alone = turns.scaled(ALONE, scale, 10)
    ours, one = turns.taken(
        [lambda: many.judged(ids, flat_n, flat_x, has_control=True), lambda: _one_by_one(n[:alone], x[:alone])],
        turns.scaled(ROUNDS, scale, 2),
    )
    each = tuple(seconds * count / alone for seconds in one)
    figures = [Figure(f"{count:,} experiments, all at once", "s", each, ours, "ours, in arrays, one at a time")]
    figures += _against_gbstats(n, x, ours, scale)
    figures.append(_scalar(n[:alone], x[:alone], one))
    notes = ("Ratios are of the peer's time to ours: more is better.",)
    return Result("decisions", tuple(figures), notes)


def _one_by_one(n: object, x: object) -> None:
    for exposures, conversions in zip(np.asarray(n), np.asarray(x), strict=True):
        path = proportions.path(exposures[None], conversions[None])
        closure.losing(path, 0)


def _against_gbstats(n: object, x: object, ours: tuple[float, ...], scale: float) -> list[Figure]:
    python = peers.environment("gbstats", may_build=scale >= SMALL)
    if python is None:
        return []
    pairs = np.column_stack([np.asarray(n)[:, 0], np.asarray(x)[:, 0], np.asarray(n)[:, 1], np.asarray(x)[:, 1]])
    told = peers.asked(python, "gbstats_peer.py", pairs.tolist())
    return [
        Figure(
            f"gbstats, {name}, one at a time", "s", (told[name]["seconds"],) * len(ours), ours, "ours", GOAL, "at least"
        )
        for name in ("sequential", "bayes")
    ]


def _scalar(n: object, x: object, arrays: tuple[float, ...]) -> Figure:
    counts = np.asarray(n).tolist(), np.asarray(x).tolist()
    began = time.perf_counter()
    for (a, b), (hits, others) in zip(*counts, strict=True):
        grid.log_e(others, hits, b / (a + b))
    took = time.perf_counter() - began
    return only_told("one pair at a time, in arrays", "s", arrays, (took,), "the same in plain Python")
