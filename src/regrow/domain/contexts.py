"""Contexts: the words for what was tried and how it went."""

from __future__ import annotations

from enum import StrEnum


class Complexity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    UNCERTAIN = "uncertain"
    HYPOTHESIS = "hypothesis"
    CONFIDENT = "confident"
    VALIDATED = "validated"


class Validation(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    CONDITIONALLY_APPROVED = "conditionally_approved"
    REJECTED = "rejected"


def complexity_of(calls: int, sources: int) -> Complexity:
    """How much a run juggles: model calls, and the notes each must read."""
    weight = calls * max(1, sources)
    if weight <= 3:
        return Complexity.LOW
    if weight <= 12:
        return Complexity.MEDIUM
    return Complexity.HIGH if weight <= 60 else Complexity.CRITICAL
