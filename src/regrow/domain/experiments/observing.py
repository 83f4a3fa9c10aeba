"""Posts that were not randomised: against what the account usually gets at that hour, and never more than a hint.

The unit is the post, read at one fixed age. Ordinary least squares on the log rate of earlier posts; the comparison is
the predictive t of the difference of new residuals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import stdtr

from regrow.domain.experiments import grid
from regrow.domain.experiments.grid import Floats

LEAST_POSTS = 20
MOST_CONFIDENCE = 0.90
"""Below what terminates: a difference that nobody drew lots for decides nothing by itself."""
NOTHING = 1e-6

Lack = Literal["", "posts", "alike"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One post at a fixed age: its counts, its local hour (0 to 24), whether it was a weekend, its format."""

    conversions: float
    reach: float
    hour: float
    is_weekend: bool
    format: str = ""


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts read at `age_hours`: earlier ones of the account, and each arm's own, by variant id.

    `counted` are the totals that were added up, `reach` is the one that they are divided by; both are the same for
    all. `is_told`: the metric is one that posts carry.
    """

    age_hours: float = 0.0
    reach: str = ""
    counted: tuple[str, ...] = ()
    history: tuple[Seen, ...] = ()
    arms: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """Confidence that posts did worse (or better, by the sign of delta) than the others, usual things allowed for.

    `lack` is `posts` below LEAST_POSTS earlier ones and `alike` when none of them tells what such posts usually get;
    `delta` is then as counted, and nothing is claimed.
    """

    confidence: float
    delta: float
    shrunk: float
    posts: int
    lack: Lack = ""


def compared(history: Sequence[Seen], variant: Sequence[Seen], reference: Sequence[Seen]) -> Comparison:
    """The posts of two arms, one or more of each, held against earlier ones of the same account."""
    formats = sorted({post.format for post in (*history, *variant, *reference)})[1:]
    counted = _mean([_log_rate(post) for post in variant]) - _mean([_log_rate(post) for post in reference])
    rows = _rows(history, formats)
    freedom = len(history) - int(np.linalg.matrix_rank(rows)) if len(history) else 0
    if len(history) < LEAST_POSTS or freedom < 1:
        return Comparison(0.0, _delta(counted), 0.0, len(history), "posts")
    apart = np.asarray(_rows(variant, formats).mean(axis=0) - _rows(reference, formats).mean(axis=0))
    turned = np.linalg.pinv(rows)
    if float(np.abs(apart - apart @ turned @ rows).max()) > NOTHING:
        return Comparison(0.0, _delta(counted), 0.0, len(history), "alike")
    rates = np.array([_log_rate(post) for post in history])
    variance = max(float(((rates - rows @ (turned @ rates)) ** 2).sum()) / freedom, 1e-12)
    residual = counted - float(apart @ turned @ rates)
    of_apart = float(((apart @ turned) ** 2).sum())
    squared = variance * (1 / len(variant) + 1 / len(reference) + of_apart)
    told = float(stdtr(freedom, abs(residual) / math.sqrt(squared)))
    shrunk = math.expm1(residual * grid.TAU**2 / (grid.TAU**2 + squared))
    return Comparison(min(told, MOST_CONFIDENCE), _delta(residual), shrunk, len(history))


def _delta(log_ratio: float) -> float:
    return min(math.expm1(log_ratio), grid.MOST_DELTA)


def _log_rate(post: Seen) -> float:
    return math.log((post.conversions + 0.5) / (post.reach + 1))


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _rows(posts: Sequence[Seen], formats: Sequence[str]) -> Floats:
    turn = 2 * math.pi / 24
    told = [
        [
            1.0,
            math.sin(turn * post.hour),
            math.cos(turn * post.hour),
            float(post.is_weekend),
            *(float(post.format == each) for each in formats),
        ]
        for post in posts
    ]
    return np.array(told, dtype=np.float64).reshape(len(posts), 4 + len(formats))
