"""What a decision is made of, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from regrow.domain.experiments.grid import Floats
from regrow.domain.experiments.observing import Posts
from regrow.domain.experiments.sample_ratio import SampleRatio

Kind = Literal["proportion", "mean"]
Evidence = Literal["randomised", "randomised_slots", "observational"]
Verdict = Literal["continue", "promote", "terminate", "inconclusive", "invalid"]

HOUR, DAY = 3_600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Arm:
    """`is_live`: it still gets readers, and was neither promoted nor terminated."""

    variant_id: str
    label: str
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Batches:
    """Counts of shape (batches, k) in the order in which they came in; columns in the order of the arms.

    `at` is in seconds since 1970, shape (batches,), and may go back: late batches come late. `shares` are those that
    were intended in each batch. For means `conversions` holds sums and `squares` sums of squares.
    """

    at: Floats
    exposures: Floats
    conversions: Floats
    shares: Floats
    squares: Floats | None = None

    def of(self, arms: list[int]) -> Batches:
        squares = None if self.squares is None else self.squares[:, arms]
        return Batches(self.at, self.exposures[:, arms], self.conversions[:, arms], self.shares[:, arms], squares)


@dataclass(frozen=True, slots=True)
class Reached:
    """The confidence an arm has reached before, in either direction: it is never lowered."""

    loser: float = 0.0
    winner: float = 0.0


@dataclass(frozen=True, slots=True)
class ExperimentFacts:
    """`reference` is the label of a declared control. Spans and times in seconds; `now` is when the judge looks.

    `is_ended`: it stops here, before its time is over. `posts` are there when posts were asked for, of experiments that
    are observational from the start.
    """

    arms: tuple[Arm, ...]
    batches: Batches
    started_at: float
    now: float
    minimum_seconds: float = DAY
    maximum_seconds: float = 30 * DAY
    kind: Kind = "proportion"
    evidence: Evidence = "randomised"
    reference: str | None = None
    dispersion: float = 1.0
    metric: str = "click_rate"
    reached: Mapping[str, Reached] = field(default_factory=dict)
    is_ended: bool = False
    posts: Posts | None = None

    @property
    def is_over(self) -> bool:
        """Nothing comes of it any more."""
        return self.is_ended or self.now - self.started_at > self.maximum_seconds

    @property
    def control(self) -> int | None:
        """The column of the declared control."""
        return next((place for place, arm in enumerate(self.arms) if arm.label == self.reference), None)


@dataclass(frozen=True, slots=True)
class ArmDecision:
    """About one arm. Deltas are relative; `needed` counts conversions in all at the present ratio, None when never.

    `confidence` is in the direction of the sign of delta: were the arm not worse (or better), evidence this strong
    would ever appear with probability at most 1 - confidence, however often somebody looks. `reached` is kept.
    """

    variant_id: str
    label: str
    decision: Verdict
    confidence: float
    delta: float
    delta_low: float | None
    delta_high: float | None
    delta_shrunk: float
    n: int
    conversions: float
    needed: int | None
    srm: SampleRatio
    evidence: Evidence
    method: str
    held_back_by: tuple[str, ...]
    reached: Reached
    reason: str = ""


def no_batches(arms: int) -> Batches:
    """Counts before the first batch."""
    empty = np.zeros((0, arms))
    return Batches(np.zeros(0), empty, empty, empty)
