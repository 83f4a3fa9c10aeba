"""What histories look like: of a piece, every version; of a generation, every try with all its pieces."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from regrow.api.fields import Time


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
