"""What the posts of a variant came to: the newest totals of each added up, the rate they make, and what is usual."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regrow.domain.publishing import totals

RATE = "engagement_rate"
ENGAGED = ("likes", "comments", "shares", "saves")
LEAST_USUAL = 5
"""Other posts that must have told a metric before it is said what is usual."""
DECIMALS = 2

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A live variant: the newest totals of each of its posts, and for how long the first of them has been out."""

    label: str
    variant_id: str
    posts: tuple[Counts, ...]
    out_seconds: float = 0.0

    @property
    def metrics(self) -> dict[str, float]:
        """By metric, those that were told; the engagement rate in percent, where a reach was told."""
        return metrics(self.posts)


@dataclass(frozen=True, slots=True)
class Usual:
    """What other posts of the same kind had: the median, and of how many posts."""

    median: float
    posts: int


def newest(told: Iterable[Counts]) -> dict[str, int]:
    """The totals of one post from what each source said last, oldest first: of each metric the newest."""
    found: dict[str, int] = {}
    for counts in told:
        found |= counts
    return {name: found[name] for name in totals.METRICS if name in found}


def metrics(posts: Sequence[Counts]) -> dict[str, float]:
    """Totals over posts. What one of them was not told of is not counted as none: the others stand for it."""
    added: dict[str, float] = {
        name: sum(post[name] for post in posts if name in post)
        for name in totals.METRICS
        if any(name in post for post in posts)
    }
    rate = engagement_rate(posts)
    return added if rate is None else {**added, RATE: rate}


def engagement_rate(posts: Sequence[Counts]) -> float | None:
    """(likes + comments + shares + saves) / reach x 100 over the posts that told a reach; None without any."""
    known = [post for post in posts if post.get("reach") and any(name in post for name in ENGAGED)]
    if not known:
        return None
    engaged = sum(post.get(name, 0) for post in known for name in ENGAGED)
    return 100 * engaged / sum(post["reach"] for post in known)


def usual(others: Sequence[Counts]) -> dict[str, Usual]:
    """The median of each metric over other posts; metrics that too few have told are left out."""
    told = [metrics([post]) for post in others]
    found = {}
    for name in (*totals.METRICS, RATE):
        values = [each[name] for each in told if name in each]
        if len(values) >= LEAST_USUAL:
            found[name] = Usual(statistics.median(values), len(values))
    return found


def shown(value: float) -> str:
    """A number as people read it: whole where it is, else with two decimals."""
    rounded = round(value, DECIMALS)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.{DECIMALS}f}"
