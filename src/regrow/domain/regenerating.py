"""Writing once more from the same notes: what may be, how often, and what becomes of the text that stood before."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from regrow.domain import functions
from regrow.kit import errors, plain

REPLACEABLE = ("draft", "rejected")
LONGEST_INSTRUCTIONS = 2_000
RUNNING_WAIT_SECONDS = 15
"""After which it is worth asking again when all that is left of a day's tries is being written."""


class Scope(StrEnum):
    GENERATION = "generation"
    MEDIUM = "medium"
    PIECE = "piece"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. `seen` maps the pieces that stood then to their versions; `platforms` are those of posts."""

    scope: str
    generation_id: str
    persona_id: str
    media: tuple[str, ...]
    variants: int
    platforms: tuple[str, ...] = ()
    instructions: str = ""
    seen: dict[str, int] = field(default_factory=dict)


def as_json(request: Request) -> dict[str, Any]:
    return plain.as_json(request)


def from_json(stored: Mapping[str, Any]) -> Request:
    return plain.from_json(Request, stored)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The notes of a generation: how many there were, how many are left to write from, and how many are private now."""

    notes: int
    left: int
    private: int
    least: int


@dataclass(frozen=True, slots=True)
class Day:
    """The tries of one generation on one UTC day: those that succeeded, those still running, and the limit."""

    succeeded: int
    running: int
    limit: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A piece as it stands when the new text is there; `seen` is its version when that was asked for, None if newer."""

    id: str
    status: str
    version: int
    seen: int | None


def refuse_medium(medium: str) -> None:
    if medium not in functions.BY_MEDIUM:
        known = ", ".join(functions.BY_MEDIUM)
        problem = f"medium: {medium[:40]!r} is no medium that can be written, use {known}"
        raise errors.Invalid(problem, "unknown_medium", problems=[problem])


def checked_instructions(said: str) -> str:
    """Without blanks around it; Invalid when it is too long for a prompt or holds what no text holds."""
    tidy = said.strip()
    if len(tidy) > LONGEST_INSTRUCTIONS:
        problem = f"instructions: at most {LONGEST_INSTRUCTIONS:,} characters, these are {len(tidy):,}: shorten them"
        raise errors.Invalid(problem, "instructions_too_long", problems=[problem])
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in tidy):
        problem = "instructions: hold a control character: write them anew"
        raise errors.Invalid(problem, "bad_instructions", problems=[problem])
    return tidy


def refuse_decided(status: str) -> None:
    """Conflict when a whole generation has been approved or is out."""
    if status in ("approved", "published"):
        raise errors.Conflict(
            f"this generation is {status} and is not written again: reopen a piece of it first, or generate anew "
            "from the topic",
            f"generation_{status}",
        )


def refuse_piece(status: str, current_id: str) -> None:
    """Conflict unless the piece is one that a new text may replace."""
    if status == "superseded":
        raise errors.Conflict(
            f"this piece was replaced already: the one that stands now is {current_id}", "piece_superseded"
        )
    if status not in REPLACEABLE:
        raise errors.Conflict(
            f"this piece is {status} and is not written again: approved content is never replaced. Reopen it first if "
            "that is what you want"
            if status == "approved"
            else f"this piece is {status}: what is out is never replaced",
            f"piece_{status}",
        )


def refuse_set_back(is_set_back: bool) -> None:
    """Conflict for a draft beside texts of the same piece that are out."""
    if is_set_back:
        raise errors.Conflict(
            "a new text of this piece waits beside the one that is out: approve it, reject it or change it by hand",
            "piece_set_back",
        )


def refuse_all_decided(medium: str, statuses: Collection[str]) -> None:
    """Conflict when nothing of a medium may be replaced although there is something of it."""
    if statuses and not any(status in REPLACEABLE for status in statuses):
        raise errors.Conflict(
            f"every {medium} piece of this generation is approved or published and is not written again: reopen one "
            "first if that is what you want",
            "medium_decided",
        )


def refuse_thin(cluster: Cluster) -> None:
    """Conflict when so many notes are gone that too few are left; a cluster that is whole is never too small."""
    if cluster.left == cluster.notes and cluster.left > 0:
        return
    if cluster.left < max(cluster.least, 1):
        raise errors.Conflict(
            f"of the {cluster.notes} notes that this was written from {cluster.left} are left, and a topic needs "
            f"{cluster.least}: bring notes back, or generate from another topic",
            "topic_too_small",
            found=cluster.left,
            needed=cluster.least,
        )


def warning(cluster: Cluster) -> str | None:
    """What is kept on the generation when notes are gone; names none of them, since some may be private now."""
    gone = cluster.notes - cluster.left
    if not gone:
        return None
    told = f"{gone} of the {cluster.notes} notes {'is' if gone == 1 else 'are'} gone or private now"
    summary = "; the summary was told anew without what became private" if cluster.private else ""
    return f"{told}: written again from the other {cluster.left}{summary}"


def refuse_past_limit(day: Day) -> None:
    """LimitReached when the day's tries are used up, or are all being written right now."""
    if day.limit == 0:
        raise _reached(day, "regenerations are switched off here (regenerations_per_day is 0)")
    if day.succeeded >= day.limit:
        raise _reached(
            day, f"this generation was written again {day.succeeded} times today, and {day.limit} are allowed"
        )
    if day.succeeded + day.running >= day.limit:
        raise errors.LimitReached(
            f"{day.running} regenerations of this generation are being written, and with them the {day.limit} of today "
            "are used up: if one fails, its try comes free",
            "daily_limit",
            RUNNING_WAIT_SECONDS,
        )


def _reached(day: Day, told: str) -> errors.LimitReached:
    midnight = (day.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    seconds = max(1, math.ceil((midnight - day.now).total_seconds()))
    return errors.LimitReached(
        f"{told}: go on after midnight UTC, edit by hand, or let an owner raise regenerations_per_day",
        "daily_limit",
        seconds,
    )


def kept_because(piece: Standing) -> str | None:
    """Why a piece stays although a new text for it has arrived, in words; None when it may be replaced.

    Whoever decided on it or changed it since the new text was asked for was first; the new text is then set aside.
    """
    if piece.status not in REPLACEABLE:
        return f"it was {piece.status} while it was being written again"
    if piece.version != (1 if piece.seen is None else piece.seen):
        return "somebody changed it while it was being written again"
    return None


def refuse_nothing_replaced(result: Mapping[str, Any]) -> None:
    """Conflict when a run wrote and nothing could be replaced any more: what it wrote is there to be taken."""
    aside = result.get("set_aside", [])
    if aside and not result.get("piece_ids"):
        first = aside[0]
        raise errors.Conflict(
            f"{first['piece_id']} stays: {first['reason']}. The new text is kept as {first['set_aside_id']}: put it in "
            "its place by restoring version 1 of that",
            "changed_meanwhile",
            set_aside=list(aside),
        )


def day_of(now: datetime) -> str:
    """The UTC day that a try counts on."""
    return now.date().isoformat()


def continued(sequences: Iterable[int], count: int) -> list[int]:
    """The sequence numbers of new pieces of a medium: they go on where those there end."""
    last = max(sequences, default=0)
    return list(range(last + 1, last + count + 1))
