"""What a measurement gives: rounds of ours beside rounds of a peer, the ratio, its spread, and whether a goal held."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

MANY = 8
"""From so many rounds on, the spread is told by quartiles; below, by the smallest and the largest."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `peer` holds one value per round, or a single one when it is a limit.

    `goal` bounds the ratio of ours to the peer; without one the row only informs. `is_limit` marks rows whose worst
    round counts instead of the median.
    """

    what: str
    unit: str
    ours: tuple[float, ...]
    peer: tuple[float, ...]
    against: str
    goal: float | None = None
    bound: Literal["at most", "at least"] = "at most"
    is_limit: bool = False

    @property
    def our_value(self) -> float:
        return max(self.ours) if self.is_limit else statistics.median(self.ours)

    @property
    def peer_value(self) -> float:
        return statistics.median(self.peer)

    @property
    def ratio(self) -> float:
        return self.our_value / self.peer_value

    @property
    def fastest_ratio(self) -> float:
        """The best round of ours against the best of the peer: what is left when load from outside is taken away."""
        best = min if self.bound == "at most" else max
        return best(self.ours) / best(self.peer)

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round; a limit is the same in all of them."""
        peers = self.peer * len(self.ours) if len(self.peer) == 1 else self.peer
        return [ours / peer for ours, peer in zip(self.ours, peers, strict=True)]

    @property
    def spread(self) -> tuple[float, float]:
        """Quartiles of the ratios of all rounds; of few rounds the smallest and the largest."""
        if len(self.ours) < MANY:
            return min(self.ratios), max(self.ratios)
        low, _, high = statistics.quantiles(self.ratios, n=4)
        return low, high

    @property
    def is_held(self) -> bool | None:
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.bound == "at most" else self.ratio >= self.goal


@dataclass(frozen=True, slots=True)
class Result:
    """All figures of one benchmark, and what a reader must know to judge them."""

    name: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = field(default=())


def against_limit(what: str, unit: str, ours: Sequence[float], limit: float) -> Figure:
    """The worst of ours against a fixed limit."""
    return Figure(what, unit, tuple(ours), (limit,), "the limit", 1.0, is_limit=True)


def only_told(what: str, unit: str, ours: Sequence[float], peer: Sequence[float], against: str) -> Figure:
    """A figure without a goal."""
    return Figure(what, unit, tuple(ours), tuple(peer), against)


def result_from(told: dict[str, Any]) -> Result:
    """The result that another process wrote as JSON (`dataclasses.asdict`)."""
    figures = tuple(
        Figure(**{**each, "ours": tuple(each["ours"]), "peer": tuple(each["peer"])}) for each in told["figures"]
    )
    return Result(told["name"], figures, tuple(told["notes"]))
