"""What histories look like: of a piece, every version; of a generation, every try with all its pieces."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from regrow.api.fields import Time
from regrow.domain import content
from regrow.kit import clock
from regrow.services import generations
from regrow.services.versions import History, Told
from regrow.store.tables.content import Piece as PieceRow
from regrow.store.tenancy import Session


class Version(BaseModel):
    """`title` and `body` are those of variant A, `variants` the whole text of each."""

    piece_id: str
    version: int
    title: str
    body: str
    variants: dict[str, dict[str, Any]]
    how: str
    by: str
    at: Time
    origin: str
    provenance: dict[str, Any]


class PieceHistory(BaseModel):
    """`set_aside` are texts that came when the piece had changed, and never stood."""

    items: list[Version]
    set_aside: list[Version]
    current_piece_id: str | None


class PieceOfTry(BaseModel):
    id: str
    medium: str
    sequence: int
    status: str
    version: int
    parent_piece_id: str | None
    origin: str
    meta: dict[str, Any]


class TryOfGeneration(BaseModel):
    generation_id: str
    regeneration_of: str | None
    status: str
    by: str
    at: Time
    instructions: str
    warnings: list[str]
    pieces: list[PieceOfTry]


class GenerationHistory(BaseModel):
    """`regenerations` are the generations that came of the one asked for."""

    items: list[TryOfGeneration]
    regenerations: list[str]


def of_piece(found: History) -> dict[str, Any]:
    return {
        "items": [_version(each) for each in found.told],
        "set_aside": [_version(each) for each in found.set_aside],
        "current_piece_id": found.current_id,
    }


def _version(told: Told) -> dict[str, Any]:
    first = next(iter(told.contents.values()), {})
    return {
        "piece_id": told.piece_id,
        "version": told.version,
        "title": content.title_of(first),
        "body": first.get("body", ""),
        "variants": told.contents,
        "how": told.how,
        "by": told.by,
        "at": clock.iso(told.at),
        "origin": told.origin,
        "provenance": told.provenance,
    }


def of_generation(session: Session, id: str) -> dict[str, Any]:
    """Read in a constant number of queries."""
    found = generations.history(session, id)
    return {"items": [_try(each) for each in found.tries], "regenerations": list(found.regenerations)}


def _try(told: generations.Told) -> dict[str, Any]:
    return {
        "generation_id": told.row.id,
        "regeneration_of": told.row.regeneration_of,
        "status": told.row.status,
        "by": told.by,
        "at": clock.iso(told.row.created_at),
        "instructions": told.instructions,
        "warnings": told.row.warnings,
        "pieces": [_piece(row) for row in told.pieces],
    }


def _piece(row: PieceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "medium": row.medium,
        "sequence": row.sequence,
        "status": row.status,
        "version": row.version,
        "parent_piece_id": row.parent_piece_id,
        "origin": row.origin,
        "meta": row.meta,
    }
