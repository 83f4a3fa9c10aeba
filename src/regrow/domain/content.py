"""Generations, pieces and variants: what may be asked for, and which state follows which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from regrow.domain import functions, writing
from regrow.kit import errors, plain

LABELS = ("A", "B", "C", "D")
MOST_SOCIAL = 10
CURRENT = ("draft", "approved", "rejected", "published")


@dataclass(frozen=True, slots=True)
class Request:
    """What a generation was asked to contain; plain JSON once `asdict` has been over it."""

    topic_id: str
    persona_id: str
    campaign_id: str | None
    media: tuple[str, ...]
    variants: int
    platforms: tuple[str, ...]
    instructions: str = ""


def requested(
    topic_id: str,
    persona_id: str,
    campaign_id: str | None,
    media: Iterable[str],
    variants: int,
    social_count: int,
    instructions: str = "",
) -> Request:
    """A checked request; Invalid names everything that is off."""
    wanted = tuple(dict.fromkeys(media))
    problems = [
        f"media: {medium!r} is no medium that can be written yet, use {', '.join(functions.BY_MEDIUM)}"
        for medium in wanted
        if medium not in functions.BY_MEDIUM
    ]
    if not wanted:
        problems.append("media: name at least one medium")
    if not 1 <= variants <= len(LABELS):
        problems.append(f"variants: a whole number from 1 to {len(LABELS)}")
    if not 1 <= social_count <= MOST_SOCIAL:
        problems.append(f"social_count: a whole number from 1 to {MOST_SOCIAL}")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_request", problems=problems)
    platforms = tuple(islice(cycle(writing.DEFAULT_PLATFORMS), social_count)) if "social" in wanted else ()
    return Request(topic_id, persona_id, campaign_id, wanted, variants, platforms, instructions)


def as_json(request: Request) -> dict[str, Any]:
    return plain.as_json(request)


def from_json(stored: Mapping[str, Any]) -> Request:
    return plain.from_json(Request, stored)


@dataclass(frozen=True, slots=True)
class NewVariant:
    label: str
    content: dict[str, Any]
    source_note_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewPiece:
    """`sequence` counts from 1 within the medium."""

    medium: str
    sequence: int
    meta: dict[str, Any]
    variants: tuple[NewVariant, ...]


def title_of(content: Mapping[str, Any]) -> str:
    """What a variant is called in lists: its title, or the subject of an e-mail; empty for a post."""
    return str(content.get("title") or content.get("subject") or "")


def pieces_of(draft: writing.Draft, language: str = "en") -> tuple[NewPiece, ...]:
    """The pieces a draft stands for; an e-mail keeps its `language`, which its HTML has to name."""
    if isinstance(draft, writing.EmailDraft):
        return (NewPiece("email", 1, {"language": language}, tuple(_email(v) for v in draft.variants)),)
    if isinstance(draft, writing.BlogDraft):
        variants = tuple(
            NewVariant(v.label, {"title": v.title, "body": v.body, "angle": v.angle}, v.source_note_ids)
            for v in draft.variants
        )
        return (NewPiece("blog", 1, {}, variants),)
    return tuple(
        NewPiece(
            "social",
            number,
            {"platform": post.platform},
            tuple(
                NewVariant(v.label, {"body": v.text, "hashtags": list(v.hashtags)}, v.source_note_ids)
                for v in post.variants
            ),
        )
        for number, post in enumerate(draft.posts, start=1)
    )


def _email(variant: writing.EmailVariant) -> NewVariant:
    told = {name: getattr(variant, name) for name in ("subject", "preheader", "body", "cta")}
    return NewVariant(variant.label, told, variant.source_note_ids)


def generation_status(statuses: Iterable[str]) -> str:
    """What a generation is, from its current pieces: published or approved when all are, rejected likewise."""
    current = [status for status in statuses if status in CURRENT]
    if not current:
        return "draft"
    if all(status == "published" for status in current):
        return "published"
    if all(status in ("approved", "published") for status in current):
        return "approved"
    return "rejected" if all(status == "rejected" for status in current) else "draft"


def refuse_decision(status: str, decision: str) -> None:
    """Conflict unless a piece of this status may still be approved or rejected."""
    if status == "superseded":
        raise errors.Conflict("this piece was replaced by a newer one: decide on that one", "piece_superseded")
    if status == "published":
        raise errors.Conflict(f"this piece is published and cannot be {decision} any more", "piece_published")


def refuse_change(status: str, current_id: str) -> None:
    """Conflict unless the text of a piece of this status may still be changed; `current_id` is the one of its line."""
    if status == "superseded":
        raise errors.Conflict(
            f"this piece was replaced meanwhile: change the one that stands now, {current_id}; what you wrote is still "
            "yours to put there",
            "piece_superseded",
        )
    if status == "published":
        raise errors.Conflict("this piece is published and cannot be changed any more", "piece_published")
    if status == "approved":
        raise errors.Conflict("this piece is approved: reopen it before you change it", "piece_approved")
