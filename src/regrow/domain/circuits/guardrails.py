"""What nobody can switch off: how often, how soon and how sure, and the states of a regeneration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

Status = Literal[
    "initiated",
    "cx08_approved",
    "cx08_rejected",
    "cx06_generated",
    "cx05_passed",
    "cx05_failed",
    "registered",
    "failed",
]

MINIMUM_CONFIDENCE = 0.95
MOST_PER_TEST = 2
COOLDOWN = timedelta(hours=48)
MOST_AT_ONCE = 1
"""Regenerations of one test; the database itself keeps to it."""
GUARD_PASSES_AT = 0.80
MOST_TRIES = 1
"""A gate is asked once; going on after a crash asks nobody again."""
DEEPEST = 10
"""Regenerations of regenerations."""

RUNNING: tuple[Status, ...] = ("initiated", "cx08_approved", "cx06_generated", "cx05_passed")
OVER: tuple[Status, ...] = ("cx08_rejected", "cx05_failed", "registered", "failed")
STATUSES: tuple[Status, ...] = (*RUNNING, *OVER)
GENERATED_BY = ("automated", "manual")
GATES: Mapping[str, str] = {"cx08": "review", "cx06": "writing", "cx05": "brand guard"}
"""The gates in their order, and what people call them."""
