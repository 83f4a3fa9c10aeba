"""New texts beside what is out: which drafts those are, what may be decided on them, and where they go instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from regrow.kit import errors

BESIDE = ("circuit", "trigger")
"""How a version came whose texts are to take the place of what is out."""
OUT = ("approved", "published")
"""Statuses of a piece beside whose texts such drafts wait."""
SITE = "site"
REJECTED, REPLACED = "rejected_variants", "replaced_variants"
MOST_KEPT = 50
"""Rejected texts that a piece keeps the reasons of; the audit has them all."""
Decision = Literal["approved", "rejected"]


def is_beside(piece_status: str, how: str) -> bool:
    """Whether a text of a version that came so is decided on by itself, and not with its whole piece."""
    return piece_status in OUT and how in BESIDE


def is_decided(status: str, is_rejected: bool, decision: Decision) -> bool:
    """Whether this was decided on the text before; Conflict when something else was, or its time is over."""
    if status == "draft":
        return False
    if decision == "approved" and status in ("live", "winner"):
        return True
    if status == "superseded" and is_rejected:
        if decision == "rejected":
            return True
        raise errors.Conflict(
            "this text was rejected, and what was rejected does not come back: have another one written",
            "variant_rejected",
        )
    if status == "live":
        raise errors.Conflict(
            "this text was approved already: take its posts down if it should not be out", "variant_live"
        )
    raise errors.Conflict(
        f"this text is a {status}, there is nothing to decide on any more: look at its piece again", f"variant_{status}"
    )


def with_rejected(meta: Mapping[str, Any], variant_ids: Iterable[str], reason: str) -> dict[str, Any]:
    """What a piece keeps of texts that were rejected beside what is out: which, and why."""
    kept = {**(meta.get(REJECTED) or {}), **dict.fromkeys(variant_ids, reason)}
    return {**meta, REJECTED: dict(list(kept.items())[-MOST_KEPT:])}


def with_replaced(meta: Mapping[str, Any], variant_ids: Iterable[str]) -> dict[str, Any]:
    """What a piece keeps of the texts whose place was taken last, for whoever takes that back."""
    rest = {name: value for name, value in meta.items() if name != REPLACED}
    return {**rest, REPLACED: ids} if (ids := list(variant_ids)) else rest


def without_decision(meta: Mapping[str, Any], variant_ids: Iterable[str], live_again: Iterable[str]) -> dict[str, Any]:
    """What a piece keeps once a decision on these is taken back, and what they had replaced is live again."""
    gone, again = set(variant_ids), set(live_again)
    rejected = {id: why for id, why in (meta.get(REJECTED) or {}).items() if id not in gone}
    replaced = [id for id in meta.get(REPLACED) or () if id not in again]
    rest = {name: value for name, value in meta.items() if name not in (REJECTED, REPLACED, "reject_reason")}
    return {**rest, **({REJECTED: rejected} if rejected else {}), **({REPLACED: replaced} if replaced else {})}


def refuse_taking_back(status: str, is_rejected: bool) -> None:
    """Conflict unless a decision on a text of this status can be taken back."""
    if status == "live" or (status == "superseded" and is_rejected):
        return
    raise errors.Conflict(f"this text is a {status} by now: its decision cannot be taken back", f"variant_{status}")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel on which a text was published before, and the statuses of its posts there."""

    name: str
    kind: str
    is_archived: bool
    is_paused: bool
    statuses: Collection[str]
    is_won: bool = False


def why_not_there(place: Place, label: str) -> str | None:
    """Why a new text is not put where the old one was, in words; None when it is."""
    if "published" not in place.statuses:
        return f"{label} was taken down from {place.name}: nothing is planned there"
    if place.is_archived:
        return f"the channel {place.name} is archived: nothing is planned there"
    if place.kind != SITE:
        return f"nothing is sent to {place.name} by this: publish it there when it is to go out"
    if place.is_paused:
        return f"the channel {place.name} is paused: nothing is planned there, publish it once the channel goes on"
    if place.is_won:
        return f"a declared winner of {label} stands on {place.name} and stays: nothing is planned there"
    return None
