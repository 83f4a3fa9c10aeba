"""Counts that are told of a stretch of time: checked as a whole, and the same ones told again known by their digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from regrow.domain.experiments.facts import Kind
from regrow.domain.experiments.planning import TOLERANCE
from regrow.kit import clock, errors

MOST = 1_000_000_000
"""Readers in one batch."""
MOST_SUM = 1e15
MOST_SQUARES = 1e24
AHEAD = timedelta(seconds=60)
"""Clocks of those who tell counts may be so far ahead of ours."""
EARLIEST = timedelta(days=3_660)
OURS = "site:"
"""What ids of the site's own batches begin with."""


@dataclass(frozen=True, slots=True)
class Count:
    """Of one arm; `total` is conversions, or the sum of a mean's values, whose `squares` then stand beside it.

    `share` is what was intended, when whoever tells it knows better than the experiment.
    """

    variant_id: str
    exposures: int
    total: float
    squares: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One batch as it is told."""

    batch_id: str
    at: datetime
    counts: tuple[Count, ...]
    evidence: str | None = None


def refuse(told: Observation, kind: Kind, variant_ids: Sequence[str], now: datetime) -> None:
    """Invalid with every problem; `variant_ids` are all arms there ever were."""
    problems = [*_about_batch(told, now), *_about_arms(told, variant_ids)]
    for place, count in enumerate(told.counts):
        about = _about_mean(count) if kind == "mean" else _about_proportion(count)
        problems += [f"arms.{place}.{problem}" for problem in about]
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_observation", problems=problems)


def digest(at: datetime, evidence: str, arms: Sequence[Sequence[float | None]]) -> str:
    """What a batch says, in short: two that say the same have the same."""
    said = [
        clock.iso(at),
        evidence,
        sorted([[None if each is None else float(each) for each in arm] for arm in arms], key=str),
    ]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def intended(told: Observation, in_force: Mapping[str, float]) -> dict[str, float]:
    """The share of each arm named, of all that are named: as told, else as in force then, else the same for all."""
    if any(count.share is not None for count in told.counts):
        return {count.variant_id: count.share or 0.0 for count in told.counts}
    parts = {count.variant_id: in_force.get(count.variant_id, 0.0) for count in told.counts}
    total = math.fsum(parts.values())
    if total <= 0:
        return dict.fromkeys(parts, 1 / len(parts))
    return {id: part / total for id, part in parts.items()}


def _about_batch(told: Observation, now: datetime) -> list[str]:
    problems = []
    if not told.batch_id.strip() or len(told.batch_id) > 200:
        problems.append("batch_id: 1 to 200 characters")
    if told.batch_id.startswith(OURS):
        problems.append(f"batch_id: {OURS} is what our own site's batches begin with, use another name")
    if told.at > now + AHEAD:
        problems.append("at: this time has not come yet")
    elif told.at < now - EARLIEST:
        problems.append("at: longer than ten years ago")
    return problems


def _about_arms(told: Observation, variant_ids: Sequence[str]) -> list[str]:
    named = [count.variant_id for count in told.counts]
    problems = [] if named else ["arms: name at least one"]
    if len(set(named)) < len(named):
        problems.append("arms: each arm once")
    problems += [
        f"arms.{place}.variant_id: {id[:60]!r} is no arm of this experiment"
        for place, id in enumerate(named)
        if id not in variant_ids
    ]
    shares = [count.share for count in told.counts if count.share is not None]
    if not shares:
        return problems
    if len(shares) < len(named):
        problems.append("arms: a share for each arm, or for none")
    elif not all(math.isfinite(share) and 0 <= share <= 1 for share in shares):
        problems.append("arms: each share is a number from 0 to 1")
    elif abs(math.fsum(shares) - 1) > TOLERANCE:
        problems.append(f"arms: the shares add up to {math.fsum(shares):.6g}, they must add up to 1")
    return problems


def _about_proportion(count: Count) -> list[str]:
    problems = _about_exposures(count, "exposures")
    if count.squares is not None:
        problems.append("sum_squares: this experiment counts conversions, send exposures and conversions")
    if not 0 <= count.total <= MOST or count.total != int(count.total):
        problems.append(f"conversions: a whole number from 0 to {MOST:,}")
    elif count.total > count.exposures:
        problems.append("conversions: more than exposures")
    return problems


def _about_mean(count: Count) -> list[str]:
    problems = _about_exposures(count, "n")
    if count.squares is None:
        return [*problems, "sum_squares: this experiment is about a mean, send n, sum and sum_squares"]
    if not (math.isfinite(count.total) and 0 <= count.total <= MOST_SUM):
        return [*problems, f"sum: a number from 0 to {MOST_SUM:.0e}; values below 0 have no relative difference"]
    if not (math.isfinite(count.squares) and 0 <= count.squares <= MOST_SQUARES):
        return [*problems, f"sum_squares: a number from 0 to {MOST_SQUARES:.0e}"]
    least = count.total**2 / max(count.exposures, 1)
    if count.squares < least * (1 - TOLERANCE) or (count.exposures == 0 and count.squares + count.total > 0):
        problems.append("sum_squares: less than sum * sum / n, which no values can have")
    return problems


def _about_exposures(count: Count, name: str) -> list[str]:
    is_whole = 0 <= count.exposures <= MOST and count.exposures == int(count.exposures)
    return [] if is_whole else [f"{name}: a whole number from 0 to {MOST:,}"]
