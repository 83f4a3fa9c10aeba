"""What a writer gave as rows: pieces with their variants and first versions, and where each comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regrow.domain import content
from regrow.domain.brand import deciding
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor
from regrow.domain.writing import Answer
from regrow.kit import clock, ids
from regrow.services import guarding, judging, mail
from regrow.store import content as content_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Placed:
    """A new piece and where it goes: its number in its medium, and the piece whose text it writes again.

    With `set_aside`, which says why, it is kept beside the line and never stood.
    """

    new: content.NewPiece
    sequence: int
    parent: Piece | None = None
    set_aside: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """The call whose answer is saved, and who asked for it; `more` joins its provenance."""

    function: Function
    answer: Answer
    context_id: str | None
    actor: Actor
    how: str = "written"
    more: dict[str, Any] = field(default_factory=dict)


def add(session: Session, generation: Generation, placed: Sequence[Placed], call: Call) -> list[str]:
    """Adds the pieces, each with the guard's verdict, and gives back their ids, in order."""
    # Sorted, because ids made within one millisecond are in no order, and lists show pieces by id.
    piece_ids = sorted(ids.new("pie") for _ in placed)
    named = list(zip(piece_ids, placed, strict=True))
    now, provenance = clock.now(), provenance_of(call)
    pieces = [_piece(generation, id, each, call, provenance, now) for id, each in named]
    known = guarding.known(session, generation, call.function.medium, provenance.get("persona_id"))
    for piece, (_, each) in zip(pieces, named, strict=True):
        contents = {variant.label: variant.content for variant in each.new.variants}
        piece["guard"] = deciding.by_rules(known.verdict(guarding.Judged.of(piece), contents))
    _begin_judging(session, generation, list(zip(pieces, placed, strict=True)), call)
    versions = [_version(piece, call, now) for piece in pieces]
    variants = [_variant(id, each, variant, call, now) for id, each in named for variant in each.new.variants]
    content_store.add_pieces(session, pieces, versions, variants)
    for piece in pieces:
        guarding.note(session, call.actor, piece["id"], piece["guard"])
    return piece_ids


def _begin_judging(
    session: Session, generation: Generation, written: Sequence[tuple[dict[str, Any], Placed]], call: Call
) -> None:
    """Begins the runs of the judge, where one is set; what never stood needs none."""
    standing = [(piece, each) for piece, each in written if not each.set_aside]
    versions = [
        judging.Version(
            piece_id=piece["id"],
            version=piece["version"],
            medium=piece["medium"],
            labels=tuple(variant.label for variant in each.new.variants),
            persona_id=piece["provenance"].get("persona_id") or generation.persona_id,
            writer=call.answer.model,
        )
        for piece, each in standing
    ]
    found = judging.begin(session, call.actor, versions, [piece["guard"] for piece, _ in standing])
    for (piece, _), guard in zip(standing, found, strict=True):
        piece["guard"] = guard


def cost_of(answer: Answer) -> float | str:
    """US dollars of all attempts; `unknown` when the price of one is."""
    costs = [attempt.cost_micros for attempt in answer.attempts]
    return "unknown" if None in costs else sum(cost or 0 for cost in costs) / 1_000_000


def provenance_of(call: Call) -> dict[str, Any]:
    """Which call a text comes from."""
    return {
        "function": call.function.name,
        "template": call.answer.template,
        "template_version": call.answer.template_version,
        "model": call.answer.model,
        "settings": call.answer.settings,
        "cost": cost_of(call.answer),
        "patterns": [],
        **call.more,
    }


def _piece(
    generation: Generation, id: str, placed: Placed, call: Call, provenance: dict[str, Any], now: datetime
) -> dict[str, Any]:
    cited = dict.fromkeys(note_id for variant in placed.new.variants for note_id in variant.source_note_ids)
    aside = {"set_aside": placed.set_aside} if placed.set_aside else {}
    return {
        "id": id,
        "generation_id": generation.id,
        "campaign_id": generation.campaign_id,
        "medium": placed.new.medium,
        "sequence": placed.sequence,
        "status": "superseded" if aside else "draft",
        "version": 1,
        "parent_piece_id": placed.parent.id if placed.parent else None,
        "line_id": placed.parent.line_id if placed.parent else id,
        "meta": {**placed.new.meta, **aside},
        "origin": call.answer.origin,
        "provenance": {**provenance, "sources": list(cited)},
        "context_id": call.context_id,
        "created_at": now,
        "updated_at": now,
    }


def _version(piece: dict[str, Any], call: Call, now: datetime) -> dict[str, Any]:
    return {
        "piece_id": piece["id"],
        "version": 1,
        "how": call.how,
        "by": call.function.name,
        "origin": piece["origin"],
        "provenance": piece["provenance"],
        "at": now,
    }


def _variant(piece_id: str, placed: Placed, variant: content.NewVariant, call: Call, now: datetime) -> dict[str, Any]:
    held = {**variant.content, "sources": list(variant.source_note_ids)}
    return {
        "id": ids.new("var"),
        "piece_id": piece_id,
        "label": variant.label,
        "version": 1,
        "content": mail.with_html(placed.new.medium, held, mail.language_of(placed.new.meta)),
        "status": "superseded" if placed.set_aside else "draft",
        "by": call.answer.origin,
        "created_at": now,
    }
