"""The gates of the demo's regeneration, each with what it found in words; read from what is on record of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.cli import regenerations
from regrow.domain import likeness
from regrow.domain.circuits import guardrails

CODES: Mapping[str, str] = {"cx08": "cx08_approved", "cx06": "cx06_generated", "cx05": "cx05_validation_passed"}
"""Where a regeneration says whether a gate let it pass; nothing there when it was not reached."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that a gate looked at, and whether it was as it should be."""

    name: str
    is_well: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """`has_passed` is None for a gate that was not reached. `found` are its vetoes and findings."""

    key: str
    name: str
    has_passed: bool | None
    words: str
    found: tuple[str, ...] = ()
    looked: tuple[Looked, ...] = ()

    @property
    def mark(self) -> str:
        return regenerations.MARKS[self.has_passed]

    @property
    def well(self) -> int:
        return sum(each.is_well for each in self.looked)


def told(event: Mapping[str, Any]) -> tuple[Gate, ...]:
    """From a regeneration as it is on record, in the order in which they are passed."""
    made = {"cx08": _review(event), "cx06": _writing(event), "cx05": _guard(event)}
    return tuple(
        Gate(key, name, _passed(event, key), *made[key]) for key, name in guardrails.GATES.items() if key in made
    )


def _passed(event: Mapping[str, Any], key: str) -> bool | None:
    said = event[CODES[key]]
    return None if said is None else bool(said)


def _review(event: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[Looked, ...]]:
    signal = event["cx08_approval_signal"] or {}
    checks = [Looked(_plain(each["check"]), bool(each["passed"])) for each in signal.get("checks", ())]
    if not checks:
        return "", (), ()
    asked = "a model was asked too" if signal.get("opinion") else "no model was asked"
    words = f"{len(checks)} reasons to refuse were looked for by rules, {_count(checks)} found; {asked}"
    return words, tuple(signal.get("vetoes", ())), tuple(checks)


def _writing(event: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[Looked, ...]]:
    result = event["cx06_generation_result"]
    if result is None:
        reason = str(event["failure_reason"] or "") if event["cx08_approved"] and event["status"] == "failed" else ""
        return "", (reason,) if reason else (), ()
    alike = result["similarity"]
    words = (
        f"by {result['model']}, from {len(result['sources'])} notes; {alike['lost']:.2f} like the text that lost and "
        f"{alike['won']:.2f} like the one that did better, where {likeness.MOST_SIMILAR:.2f} would be too much"
    )
    return words, (), ()


def _guard(event: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[Looked, ...]]:
    result = event["cx05_validation_result"]
    if result is None:
        return "", (), ()
    checks = [Looked(_plain(each["check"]), bool(each["passed"])) for each in result["brand_guideline_checks"]]
    tone = "as it should be" if result["tone_consistency_check"]["passed"] else "not as it should be"
    words = (
        f"{result['validation_score']:.2f} of 1 by {result['method']}, {guardrails.GUARD_PASSES_AT:.2f} are needed; "
        f"{sum(each.is_well for each in checks)} of {len(checks)} checks have nothing to say, the tone is {tone}"
    )
    found = tuple(f"{each['severity']} {_plain(each['check'])}: {each['how']}" for each in result["findings"])
    return words, found, tuple(checks)


def _count(checks: Sequence[Looked]) -> str:
    return str(sum(not each.is_well for each in checks) or "none")


def _plain(name: str) -> str:
    return name.replace("_", " ")
