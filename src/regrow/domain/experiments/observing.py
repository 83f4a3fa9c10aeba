"""Posts that were not randomised: against what the account usually gets at that hour, and never more than a hint.

The unit is the post, read at one fixed age. Ordinary least squares on the log rate of earlier posts; the comparison is
the predictive t of the difference of two new residuals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from regrow.domain.experiments.grid import Floats

LEAST_POSTS = 20
MOST_CONFIDENCE = 0.90
"""Below what terminates: a difference that nobody drew lots for decides nothing by itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One post at a fixed age: its counts, its local hour (0 to 24), whether it was a weekend, its format."""

    conversions: float
    reach: float
    hour: float
    is_weekend: bool
    format: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Confidence that the post did worse (or better, by the sign of delta) than the other, usual things allowed for."""

    confidence: float
    delta: float
    posts: int
    is_enough: bool


def compared(history: Sequence[Seen], variant: Seen, reference: Seen) -> Comparison:
    """Two posts of one account; `is_enough` is False below LEAST_POSTS earlier ones, and then nothing is claimed."""
    formats = sorted({post.format for post in history})[1:]
    rows = _rows(history, formats)
    freedom = len(history) - np.linalg.matrix_rank(rows) if len(history) else 0
    if len(history) < LEAST_POSTS or freedom < 1:
        return Comparison(0.0, 0.0, len(history), False)
    rates = np.array([_log_rate(post) for post in history])
    fitted, *_ = np.linalg.lstsq(rows, rates, rcond=None)
    variance = float(((rates - rows @ fitted) ** 2).sum()) / freedom
    apart = _rows([variant], formats)[0] - _rows([reference], formats)[0]
    residual = _log_rate(variant) - _log_rate(reference) - float(apart @ fitted)
    spread = math.sqrt(max(variance, 1e-12) * (2 + float(apart @ np.linalg.pinv(rows.T @ rows) @ apart)))
    told = float(stdtr(freedom, abs(residual) / spread))
    return Comparison(min(max(told, 0.0), MOST_CONFIDENCE), math.expm1(residual), len(history), True)


def _log_rate(post: Seen) -> float:
    return math.log((post.conversions + 0.5) / (post.reach + 1))


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
