"""A/A experiments: how often alike variants are told apart by somebody who looks after every batch.

Ours must stay at 5 % and its error in each direction, at 1, 2 and 5 %, with drift, cycles and changing shares; the
usual rules, on running totals, are the witnesses of why it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks import turns
from benchmarks.figures import Figure, Result, only_told
from regrow.domain.experiments import grid, proportions

Floats = NDArray[np.float64]

EXPERIMENTS, LOOKS, READERS = 10_000, 200, 200
LEVEL = 0.05
PART = 100
"""Experiments at once: what they hold fits into memory."""


@dataclass(frozen=True)
class World:
    """Rates and the variant's share of readers at each look."""

    name: str
    rate: Floats
    share: Floats


def worlds(looks: int) -> list[World]:
    even, cycle = np.full(looks, 0.5), 1 + 0.5 * np.sin(np.arange(looks) / 24 * 2 * np.pi)
    steady = [World(f"{rate:.0%}", np.full(looks, rate), even) for rate in (0.01, 0.02, 0.05)]
    ramp = np.linspace(0.1, 0.5, looks)
    return [
        *steady,
        World("2 %, daily cycle", 0.02 * cycle, even),
        World("falling from 5 to 1 %, share from 10 to 50 %", np.linspace(0.05, 0.01, looks), ramp),
    ]


def run(scale: float = 1.0) -> Result:
    """Shares of experiments in which a loser, or a winner, was ever called; the peer is the level it was asked for."""
    count, looks = turns.scaled(EXPERIMENTS, scale, PART), turns.scaled(LOOKS, scale, 20)
    bound = LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / count)
    figures: list[Figure] = []
    for world in worlds(looks):
        turns.say(f"A/A at {world.name}")
        shares = _called(world, count, np.random.default_rng(41))
        for direction in ("losers", "winners"):
            told = (max(shares[direction], 1 / count),)
            figures.append(Figure(f"false {direction}, {world.name}", "", told, (bound,), "5 % and its error", 1.0))
        witnesses = (shares["pooled"], shares["naive"])
        for name, share in zip(("the same on running totals", "z > 1.645 on running totals"), witnesses, strict=True):
            figures.append(
                only_told(f"false losers, {world.name}: {name}", "", (max(share, 1 / count),), (bound,), "it")
            )
    return Result("alike", tuple(figures), (f"{count:,} experiments, {looks} looks, {READERS} readers between looks.",))


def _called(world: World, count: int, dice: np.random.Generator) -> dict[str, float]:
    """For each rule the share of experiments in which it ever called a loser (ours: a winner too)."""
    found: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in ("losers", "winners", "pooled", "naive")}
    looks = len(world.rate)
    for _ in range(max(count // PART, 1)):
        n = np.stack([np.round(READERS * (1 - world.share)), np.round(READERS * world.share)], axis=-1)
        x = dice.binomial(n.astype(int), world.rate[:, None], (PART, looks, 2)).astype(float)
        for name, rule in RULES.items():
            found[name].append(rule(np.broadcast_to(n, x.shape), x))
    return {name: float(np.concatenate(parts).mean()) for name, parts in found.items()}


def _ours(n: Floats, x: Floats, mine: int) -> NDArray[np.bool_]:
    log_e = grid.mixed(np.cumsum(_logs(n, x, mine), axis=1))
    return np.asarray((log_e >= np.log(20)).any(axis=1))


def _logs(n: Floats, x: Floats, mine: int) -> Floats:
    """Of one directed pair of each batch, shape (experiments, looks, 24)."""
    order = [mine, 1 - mine]
    return proportions.pair_logs(n[..., order[0]], n[..., order[1]], x[..., order[0]], x[..., order[1]])


def _pooled(n: Floats, x: Floats) -> NDArray[np.bool_]:
    return np.asarray((grid.mixed(_logs(n.cumsum(axis=1), x.cumsum(axis=1), 1)) >= np.log(20)).any(axis=1))


def _naive(n: Floats, x: Floats) -> NDArray[np.bool_]:
    total, hits = n.cumsum(axis=1), x.cumsum(axis=1)
    rate = hits.sum(axis=-1) / total.sum(axis=-1)
    spread = np.sqrt(np.maximum(rate * (1 - rate), 1e-12) * (1 / total).sum(axis=-1))
    gap = hits[..., 1] / total[..., 1] - hits[..., 0] / total[..., 0]
    is_worse = np.asarray(ndtr(-gap / spread) > 1 - LEVEL)
    return np.asarray((is_worse & (hits.sum(axis=-1) > 0)).any(axis=1))


RULES: dict[str, Callable[[Floats, Floats], NDArray[np.bool_]]] = {
    "losers": lambda n, x: _ours(n, x, 1),
    "winners": lambda n, x: _ours(n, x, 0),
    "pooled": _pooled,
    "naive": _naive,
}
