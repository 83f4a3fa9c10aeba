"""What became of each try at a candidate, and what all of them together mean for the caller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow.adapters.llm.candidates import Candidate
from regrow.domain.writing import Attempt

TRANSIENT = frozenset({"rate_limited", "server_error", "timeout", "connection_failed", "truncated", "not_an_answer"})
"""Outcomes after which the same call may succeed later."""

STOPPING = frozenset({"key_refused", "key_missing", "not_recorded"})
"""Outcomes that end the call at once: another model must not hide that a key has to be mended, or a recording made."""

INVALID = frozenset({"invalid_output", "cut_off", "content_filtered", "too_large"})
"""Outcomes where the model answered and the answer could not be used."""

REFUSED_UNBILLED = STOPPING | frozenset(
    {"rate_limited", "server_error", "request_rejected", "model_not_found", "quota_exhausted"}
)
"""Outcomes that stand for a request the provider turned away; it costs nothing whatever the price is."""

DEFAULT_WAIT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Tried:
    """One try: its row for the ledger, the checked output if there is one, and the wait the provider asked for."""

    attempt: Attempt
    output: dict[str, Any] | None = None
    retry_after_seconds: float | None = None


@dataclass
class Arrived:
    """How many characters of the answer under way are there; written on one thread and read on another."""

    characters: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate, the key it is asked with, and where what has arrived is counted."""

    candidate: Candidate
    key: str | None = field(repr=False)
    arrived: Arrived = field(default_factory=Arrived)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer: a stable code, words for people, and whether and when to try again."""

    code: str
    detail: str
    retry_after_seconds: float | None = None
    is_permanent: bool = True


def failure_of(tries: Sequence[Tried]) -> Failure:
    """What a list of tries without any output comes to; the last one decides among equals."""
    outcomes = [tried.attempt.outcome for tried in tries]
    detail = _told(tries)
    if outcomes and outcomes[-1] in STOPPING:
        return Failure(outcomes[-1], tries[-1].attempt.detail)
    if any(outcome in TRANSIENT for outcome in outcomes):
        return Failure("model_unavailable", detail, _wait(tries), is_permanent=False)
    if any(outcome in INVALID for outcome in outcomes):
        return Failure("invalid_output", detail)
    if "quota_exhausted" in outcomes:
        return Failure("quota_exhausted", detail)
    return Failure("request_rejected", detail)


def _told(tries: Sequence[Tried]) -> str:
    if len(tries) == 1:
        return tries[0].attempt.detail
    each = max(60, 280 // max(1, len(tries)))
    return "; ".join(f"{t.attempt.model}: {t.attempt.detail}"[:each] for t in tries)[:300]


def _wait(tries: Sequence[Tried]) -> float:
    """Seconds until the first of the candidates may be worth asking again."""
    waits = [
        bounded_wait(tried.retry_after_seconds) or DEFAULT_WAIT_SECONDS
        for tried in tries
        if tried.attempt.outcome in TRANSIENT
    ]
    return min(waits)


def bounded_wait(seconds: float | None) -> float | None:
    """A Retry-After as it may be believed: a finite number of seconds up to an hour, or None."""
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        return None
    return min(seconds, LONGEST_WAIT_SECONDS)
