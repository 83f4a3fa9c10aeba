"""How far a judge agrees with a person's labels, which threshold fits, and how sure one can be of either."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regrow.domain.brand import guard

ENOUGH = 30
"""Labels of each kind from which on the figures say something; below, chance may have made them."""
RESAMPLES = 1_000
Z = 1.959963984540054
"""Of a normal distribution, for 95 percent."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A text as a person labelled it, with the judge's score 0..1."""

    score: float
    is_good: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """How person and judge agree when scores from `threshold` on pass: the person's word, then the judge's."""

    threshold: float
    good_passed: int
    good_failed: int
    bad_passed: int
    bad_failed: int

    @property
    def count(self) -> int:
        return self.good_passed + self.good_failed + self.bad_passed + self.bad_failed

    @property
    def right(self) -> int:
        return self.good_passed + self.bad_failed

    @property
    def accuracy(self) -> float:
        return self.right / self.count

    @property
    def kappa(self) -> float:
        """Agreement beyond chance, 1 at most: Cohen (1960), A coefficient of agreement for nominal scales. 0 where
        chance alone explains everything, as when one side says always the same.
        """
        passed, good = self.good_passed + self.bad_passed, self.good_passed + self.good_failed
        by_chance = (passed * good + (self.count - passed) * (self.count - good)) / self.count**2
        return (self.accuracy - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """The threshold that separates good from bad best, and where it lies in 95 of 100 such sets of labels."""

    threshold: float
    low: float
    high: float


def at(rated: Sequence[Rated], threshold: float) -> Agreement:
    """The four counts at one threshold."""
    counts = {(good, passed): 0 for good in (True, False) for passed in (True, False)}
    for each in rated:
        counts[each.is_good, each.score >= threshold - 1e-9] += 1
    return Agreement(threshold, counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 percent interval of a share: Wilson (1927), Probable inference, the law of succession, and statistical
    inference. It stays within 0..1 and tells of few labels, too.
    """
    share, square = right / count, Z * Z
    centre = (share + square / (2 * count)) / (1 + square / count)
    half = Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def fit(rated: Sequence[Rated], seed: int = 1) -> Fit:
    """The threshold with the highest J, the share of good texts that pass less that of bad ones which do: Youden
    (1950), Index for rating diagnostic tests. Among equals the one nearest to PASS_AT. Texts of both kinds must
    be there.

    The interval is that of percentiles over resamples within each kind: Efron (1979), Bootstrap methods: another look
    at the jackknife.
    """
    good = np.array([each.score for each in rated if each.is_good])
    bad = np.array([each.score for each in rated if not each.is_good])
    thresholds = _thresholds(np.concatenate([good, bad]))
    dice = np.random.default_rng(seed)
    found = [_best(dice.choice(good, len(good)), dice.choice(bad, len(bad)), thresholds) for _ in range(RESAMPLES)]
    low, high = np.percentile(found, [2.5, 97.5], method="closest_observation")
    return Fit(_best(good, bad, thresholds), float(low), float(high))


def _thresholds(scores: np.ndarray) -> np.ndarray:
    """PASS_AT, and one between every two scores that follow each other, the nearest to PASS_AT first."""
    known = np.unique(scores)
    every = np.unique(np.concatenate([[guard.PASS_AT], (known[1:] + known[:-1]) / 2]))
    return every[np.argsort(np.abs(every - guard.PASS_AT), kind="stable")]


def _best(good: np.ndarray, bad: np.ndarray, thresholds: np.ndarray) -> float:
    passed_good = (good[None, :] >= thresholds[:, None] - 1e-9).mean(axis=1)
    passed_bad = (bad[None, :] >= thresholds[:, None] - 1e-9).mean(axis=1)
    return float(thresholds[int(np.argmax(np.round(passed_good - passed_bad, 9)))])


def report(rated: Sequence[Rated], seed: int = 1) -> dict[str, Any]:
    """All of it as plain values, for texts of both kinds."""
    found = fit(rated, seed)
    good = sum(each.is_good for each in rated)
    fewest = min(good, len(rated) - good)
    return {
        "good": good,
        "bad": len(rated) - good,
        "at": _told(at(rated, guard.PASS_AT)),
        "best": {**_told(at(rated, found.threshold)), "low": found.low, "high": found.high},
        "is_enough": fewest >= ENOUGH,
        "advice": _advice(found, fewest),
    }


def _told(agreement: Agreement) -> dict[str, Any]:
    low, high = wilson(agreement.right, agreement.count)
    return {
        "threshold": round(agreement.threshold, 3),
        "accuracy": agreement.accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "kappa": agreement.kappa,
        "confusion": {
            "good_passed": agreement.good_passed,
            "good_failed": agreement.good_failed,
            "bad_passed": agreement.bad_passed,
            "bad_failed": agreement.bad_failed,
        },
    }


def _advice(found: Fit, fewest: int) -> str:
    if fewest < ENOUGH:
        return (
            f"there are too few labels to go by: {fewest} of the rarer kind, and {ENOUGH} of each say something; "
            "label more before you trust the judge or blame it"
        )
    if found.low - 1e-9 <= guard.PASS_AT <= found.high + 1e-9:
        return f"{guard.PASS_AT:.2f} fits: it lies within the range of thresholds that these labels speak for"
    way = "strict" if found.threshold < guard.PASS_AT else "lenient"
    return (
        f"the judge is too {way} for these labels: they speak for {found.threshold:.2f}, and {guard.PASS_AT:.2f} lies "
        "outside the range; name another judge, or mend the persona's guidelines and calibrate again"
    )
