"""Whether a losing text may be written again: every rule that is violated, all at once and always in one order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regrow.domain.circuits.guardrails import COOLDOWN, MINIMUM_CONFIDENCE, MOST_PER_TEST

WEAKEST = "observational"
TOLERANCE = 1e-9
"""What is lost when a number is written down and read again."""
COOLDOWN_SECONDS = COOLDOWN.total_seconds()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded of a variant, its test and the decision named; times in seconds since 1970.

    The decision is the authority. What a request claims of it (`None` when nobody claims anything) is looked at too.
    """

    is_arm: bool
    is_winner: bool
    has_termination: bool
    confidence: float
    delta: float
    evidence: str
    is_ratio_off: bool
    registered: int
    last_registered_at: float | None
    now: float
    claimed_confidence: float | None = None
    claimed_delta: float | None = None


Check = Callable[[Facts], str | None]


def variant_not_found(facts: Facts) -> str | None:
    return None if facts.is_arm else "variant_not_found: this test has no such variant"


def cx09_termination_not_found(facts: Facts) -> str | None:
    if facts.has_termination:
        return None
    return "cx09_termination_not_found: no recorded decision with this id terminates this variant"


def confidence_below_threshold(facts: Facts) -> str | None:
    low = [
        f"{what} {value:g}"
        for what, value in (("recorded", _recorded(facts, facts.confidence)), ("claimed", facts.claimed_confidence))
        if value is not None and value < MINIMUM_CONFIDENCE
    ]
    return f"confidence_below_threshold: {', '.join(low)}, at least {MINIMUM_CONFIDENCE} is needed" if low else None


def delta_not_negative(facts: Facts) -> str | None:
    high = [
        f"{what} {value:+g}"
        for what, value in (("recorded", _recorded(facts, facts.delta)), ("claimed", facts.claimed_delta))
        if value is not None and value >= 0
    ]
    return f"delta_not_negative: {', '.join(high)}, a loser is below its reference" if high else None


def max_regenerations_exceeded(facts: Facts) -> str | None:
    if facts.registered < MOST_PER_TEST:
        return None
    return f"max_regenerations_exceeded: already {facts.registered} regenerations for this test"


def cooldown_period_active(facts: Facts) -> str | None:
    hours = cooldown_hours(facts)
    return f"cooldown_period_active: {hours:g} hours remaining before the cooldown expires" if hours else None


def winning_variant(facts: Facts) -> str | None:
    return "winning_variant: this variant won a test, and winners are never written again" if facts.is_winner else None


def evidence_not_randomised(facts: Facts) -> str | None:
    if not facts.has_termination or facts.evidence != WEAKEST:
        return None
    return f"evidence_not_randomised: the decision rests on {facts.evidence} evidence"


def sample_ratio_mismatch(facts: Facts) -> str | None:
    if not facts.is_ratio_off:
        return None
    return "sample_ratio_mismatch: readers of this test were not split as intended, so that it proves nothing"


def decision_mismatch(facts: Facts) -> str | None:
    if not facts.has_termination:
        return None
    found = []
    if facts.claimed_confidence is not None and facts.claimed_confidence > facts.confidence + TOLERANCE:
        found.append(f"claimed confidence {facts.claimed_confidence:g} is above the recorded {facts.confidence:g}")
    if facts.claimed_delta is not None and _sign(facts.claimed_delta) != _sign(facts.delta):
        found.append(f"claimed delta {facts.claimed_delta:+g} has another sign than the recorded {facts.delta:+g}")
    return f"decision_mismatch: {', '.join(found)}" if found else None


CHECKS: tuple[Check, ...] = (
    *(variant_not_found, cx09_termination_not_found, confidence_below_threshold, delta_not_negative),
    *(max_regenerations_exceeded, cooldown_period_active, winning_variant),
    *(evidence_not_randomised, sample_ratio_mismatch, decision_mismatch),
)


def violations(facts: Facts) -> tuple[str, ...]:
    """Each as `code: detail`; none when the variant may be written again."""
    return tuple(told for check in CHECKS if (told := check(facts)) is not None)


def refusal(found: tuple[str, ...]) -> str:
    return f"Not eligible for regeneration: {'; '.join(found)}"


def cooldown_hours(facts: Facts) -> float:
    """Hours until the test may be tried again, rounded up to a tenth; 0 when it may."""
    if facts.last_registered_at is None:
        return 0.0
    left = facts.last_registered_at + COOLDOWN_SECONDS - facts.now
    return math.ceil(left / 360) / 10 if left > 0 else 0.0


def as_json(facts: Facts) -> dict[str, Any]:
    """The answer to whether a variant is eligible."""
    found = violations(facts)
    return {
        "eligible": not found,
        "reason": refusal(found) if found else "Eligible: this variant lost, and its test has a regeneration left",
        "violations": list(found),
        "variant_exists": facts.is_arm,
        "cx09_termination_found": facts.has_termination,
        "confidence_meets_threshold": facts.has_termination and facts.confidence >= MINIMUM_CONFIDENCE,
        "delta_negative": facts.has_termination and facts.delta < 0,
        "regenerations_count": facts.registered,
        "cooldown_remaining_hours": cooldown_hours(facts),
    }


def _recorded(facts: Facts, value: float) -> float | None:
    return value if facts.has_termination else None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
