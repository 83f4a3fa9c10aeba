"""A platform's own totals of a post: what was told, when, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

METRICS = (
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "impressions",
    "reach",
    "views",
    "reads",
    "opens",
    "replies",
)
MOST = 2**53
"""The largest total that every reader of JSON still tells exactly."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Cumulative counts by metric, none of them negative; a metric that was not told is absent, never 0."""

    counts: Mapping[str, int]


def lowered(before: Totals, now: Totals) -> tuple[str, ...]:
    """The metrics that went down: platforms take counts back, and that is kept and told."""
    return tuple(name for name in METRICS if now.counts.get(name, MOST) < before.counts.get(name, 0))
