"""What generations, pieces and variants look like, read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from regrow.api.fields import Time
from regrow.domain import content
from regrow.kit import clock
from regrow.services import triggers
from regrow.store import content as content_store
from regrow.store import triggers as trigger_store
from regrow.store.tables.content import Generation as GenerationRow
from regrow.store.tables.content import Piece as PieceRow
from regrow.store.tables.content import Variant as VariantRow
from regrow.store.tables.triggers import Trigger as TriggerRow
from regrow.store.tenancy import Session

Medium = Literal["blog", "social", "email", "article"]
PieceStatus = Literal["draft", "approved", "rejected", "published", "superseded"]
Origin = Literal["offline-extractive", "model", "person"]


class Variant(BaseModel):
    id: str
    label: str
    version: int
    content: dict[str, Any]
    status: Literal["draft", "live", "loser", "winner", "superseded"]
    parent_variant_id: str | None
    experiment_id: str | None
    created_at: Time


class Trigger(BaseModel):
    """`firing` while its run `task_id` is at work. After one that failed it fires no sooner than `retry_at`."""

    trigger_condition: str
    trigger_comparison: str
    trigger_value: float
    trigger_prompt: str
    id: str
    status: Literal["set", "firing"]
    set_by: str
    set_at: Time
    failures: int
    retry_at: Time | None
    task_id: str | None


class Piece(BaseModel):
    """`title` and `body` mirror variant A; `variants` holds the newest version of each label."""

    id: str
    generation_id: str
    campaign_id: str | None
    medium: Medium
    sequence: int
    status: PieceStatus
    version: int
    parent_piece_id: str | None
    title: str
    body: str
    meta: dict[str, Any]
    guard: dict[str, Any] | None
    origin: Origin
    provenance: dict[str, Any]
    variants: list[Variant]
    trigger: Trigger | None
    context_id: str | None
    created_at: Time


class Generation(BaseModel):
    """`pieces` are the current ones: superseded ones are history."""

    id: str
    task_id: str
    topic_id: str
    persona_id: str
    campaign_id: str | None
    seed_note_id: str | None
    cluster_note_ids: list[str]
    topic_summary: str
    status: Literal["draft", "approved", "rejected", "published"]
    regeneration_of: str | None
    warnings: list[str]
    pieces: list[Piece]
    context_id: str | None
    created_at: Time


def generations(session: Session, rows: Sequence[GenerationRow]) -> list[dict[str, Any]]:
    """Three queries for the pieces, variants and triggers of all of them."""
    found = [row for row in content_store.pieces_of(session, [g.id for g in rows]) if row.status in content.CURRENT]
    shaped: dict[str, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for row, piece in zip(found, pieces(session, found), strict=True):
        shaped[row.generation_id].append(piece)
    return [{**_generation(row), "pieces": shaped[row.id]} for row in rows]


def pieces(session: Session, rows: Sequence[PieceRow]) -> list[dict[str, Any]]:
    """One query for the variants of all of them, and one for their triggers."""
    if not rows:
        return []
    variants = content_store.newest_variants(session, [row.id for row in rows])
    stands = trigger_store.of_pieces(session, [row.id for row in rows])
    return [_piece(row, variants[row.id], stands.get(row.id)) for row in rows]


def _generation(row: GenerationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "task_id": row.task_id,
        "topic_id": row.topic_id,
        "persona_id": row.persona_id,
        "campaign_id": row.campaign_id,
        "seed_note_id": row.seed_note_id,
        "cluster_note_ids": row.cluster_note_ids,
        "topic_summary": row.topic_summary,
        "status": row.status,
        "regeneration_of": row.regeneration_of,
        "warnings": row.warnings,
        "context_id": row.context_id,
        "created_at": clock.iso(row.created_at),
    }


def _piece(row: PieceRow, variants: Iterable[VariantRow], trigger: TriggerRow | None) -> dict[str, Any]:
    shaped = [_variant(variant) for variant in variants]
    first = shaped[0]["content"] if shaped else {}
    return {
        "id": row.id,
        "generation_id": row.generation_id,
        "campaign_id": row.campaign_id,
        "medium": row.medium,
        "sequence": row.sequence,
        "status": row.status,
        "version": row.version,
        "parent_piece_id": row.parent_piece_id,
        "title": content.title_of(first),
        "body": first.get("body", ""),
        "meta": row.meta,
        "guard": row.guard,
        "origin": row.origin,
        "provenance": row.provenance,
        "variants": shaped,
        "trigger": triggers.shape(trigger) if trigger is not None else None,
        "context_id": row.context_id,
        "created_at": clock.iso(row.created_at),
    }


def _variant(row: VariantRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "version": row.version,
        "content": row.content,
        "status": row.status,
        "parent_variant_id": row.parent_variant_id,
        "experiment_id": row.experiment_id,
        "created_at": clock.iso(row.created_at),
    }
