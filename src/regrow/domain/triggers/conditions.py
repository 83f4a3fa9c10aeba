"""Conditions: a metric of a piece, held against a value; and whether any of its live variants meets it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain.publishing import totals
from regrow.domain.triggers import counting
from regrow.domain.triggers.counting import Seen
from regrow.kit import errors

METRICS: tuple[str, ...] = (*totals.METRICS, counting.RATE)
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
LONGEST_PROMPT = 2_000
NO_METRICS = "no_metrics"
NEARLY = 1e-9
"""Rates are quotients: that close to the value they are the value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`value` is a count, or percent for the engagement rate; `prompt` is what a new text is to do differently."""

    metric: str
    comparison: str
    value: float
    prompt: str = ""

    def is_met(self, found: float) -> bool:
        near = math.isclose(found, self.value, rel_tol=NEARLY, abs_tol=NEARLY)
        return COMPARISONS[self.comparison](self.value if near else found, self.value)

    @property
    def told(self) -> str:
        return f"{self.metric} {self.comparison} {counting.shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The labels that meet a condition; or `reason`, why it cannot be held against anything."""

    triggered: tuple[str, ...] = ()
    reason: str = ""


def checked(metric: Any, comparison: Any, value: Any, prompt: Any = "") -> Condition:
    """A condition that can be checked; Invalid names every field that is off, with its rule."""
    problems = []
    if metric not in METRICS:
        problems.append(f"trigger_condition: unknown metric, use {', '.join(METRICS)}")
    if comparison not in COMPARISONS:
        problems.append(f"trigger_comparison: use one of {' '.join(COMPARISONS)}")
    if not _is_value(value):
        problems.append(f"trigger_value: a number from 0 to {totals.MOST}")
    if problem := _bad_prompt(prompt):
        problems.append(f"trigger_prompt: {problem}")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_trigger", problems=problems)
    return Condition(metric, comparison, float(value), prompt.strip())


def _is_value(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 <= value <= totals.MOST


def _bad_prompt(prompt: Any) -> str:
    if not isinstance(prompt, str):
        return "a text"
    if len(prompt.strip()) > LONGEST_PROMPT:
        return f"at most {LONGEST_PROMPT:,} characters, these are {len(prompt.strip()):,}: shorten them"
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in prompt):
        return "holds a control character: write it anew"
    return ""


def judged(condition: Condition, seen: Sequence[Seen]) -> Verdict:
    """Whether any live variant meets the condition by the totals of all its posts."""
    found = {each.label: each.metrics for each in seen}
    if not any(found.values()):
        return Verdict(reason=NO_METRICS)
    told = {label: metrics[condition.metric] for label, metrics in found.items() if condition.metric in metrics}
    if not told:
        known = sorted({name for metrics in found.values() for name in metrics})
        why = "no reach was told" if condition.metric == counting.RATE else "no channel of this piece tells it"
        return Verdict(reason=f"metric_not_told: {condition.metric}: {why}; told are {', '.join(known)}")
    return Verdict(tuple(sorted(label for label, value in told.items() if condition.is_met(value))))
