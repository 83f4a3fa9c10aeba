"""Which totals of posts are compared: all read at one age, counted alike and divided by the same reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from regrow.domain.experiments.observing import LEAST_POSTS, Posts, Seen

COUNTED: Mapping[str, tuple[str, ...]] = {
    "like_rate": ("likes",),
    "comment_rate": ("comments",),
    "share_rate": ("shares",),
    "save_rate": ("saves",),
    "click_rate": ("clicks",),
    "engagement_rate": ("likes", "comments", "shares", "saves", "clicks"),
}
"""The totals that each metric adds up; what is not here is not compared of posts."""
REACHES = ("reach", "impressions", "views")
AGES = (24.0, 72.0, 168.0)
"""Hours after a post came out, tried in this order."""
NEAR = 0.25
"""A reading counts when it is off by no more than this part of the age."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a post had in all at an age, in hours."""

    age_hours: float
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Put:
    """A post that came out: its variant when it is an arm's, when and what it was, and all that was read of it."""

    variant_id: str
    hour: float
    is_weekend: bool
    format: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    age_hours: float
    reach: str


def span(age_hours: float) -> tuple[float, float]:
    """From which to which age a reading counts as one at this age."""
    return age_hours * (1 - NEAR), age_hours * (1 + NEAR)


def told(
    metric: str, arms: Sequence[Put], history: Sequence[Put], wanted: Collection[str], fixed: Measure | None = None
) -> Posts:
    """The first age and reach at which every wanted arm and enough earlier posts were read; the best one otherwise.

    `fixed` is what was compared before: it stays, or posts would be looked at until an age shows something.
    """
    if metric not in COUNTED:
        return Posts(is_told=False)
    measures = [fixed] if fixed is not None else [Measure(age, reach) for reach in REACHES for age in AGES]
    found = [_at(COUNTED[metric], each, arms, history) for each in measures]
    return next((each for each in found if is_whole(each, wanted)), max(found, key=lambda each: _worth(each, wanted)))


def is_whole(posts: Posts, wanted: Collection[str]) -> bool:
    """Whether nothing is missing for a comparison."""
    return _worth(posts, wanted) == (len(wanted), LEAST_POSTS)


def _worth(posts: Posts, wanted: Collection[str]) -> tuple[int, int]:
    return sum(id in posts.arms for id in wanted), min(len(posts.history), LEAST_POSTS)


def _at(names: Sequence[str], measure: Measure, arms: Sequence[Put], history: Sequence[Put]) -> Posts:
    read = [(put, reading) for put in arms if (reading := _nearest(put, names, measure)) is not None]
    # A total that was not told is unknown and not 0: only what is told of every arm's post is added up.
    counted = tuple(name for name in names if read and all(name in reading.counts for _put, reading in read))
    if not counted:
        return Posts(measure.age_hours, measure.reach, tuple(names))
    found: dict[str, list[Seen]] = {}
    for put, reading in read:
        found.setdefault(put.variant_id, []).append(_seen(put, reading, counted, measure))
    earlier = [(put, _nearest(put, counted, measure, is_every=True)) for put in history]
    return Posts(
        measure.age_hours,
        measure.reach,
        counted,
        tuple(_seen(put, reading, counted, measure) for put, reading in earlier if reading is not None),
        {id: tuple(some) for id, some in found.items()},
    )


def _nearest(put: Put, names: Sequence[str], measure: Measure, is_every: bool = False) -> Reading | None:
    """The reading next to the age that tells a reach and one of the names, or every one; of two, the later told."""
    low, high = span(measure.age_hours)
    is_there = all if is_every else any
    fitting = [
        each
        for each in put.readings
        if low <= each.age_hours <= high
        and each.counts.get(measure.reach, 0) > 0
        and is_there(name in each.counts for name in names)
    ]
    return min(reversed(fitting), key=lambda each: abs(each.age_hours - measure.age_hours), default=None)


def _seen(put: Put, reading: Reading, counted: Sequence[str], measure: Measure) -> Seen:
    conversions = sum(reading.counts[name] for name in counted)
    return Seen(float(conversions), float(reading.counts[measure.reach]), put.hour, put.is_weekend, put.format)
