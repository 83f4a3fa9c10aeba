"""Generations, their pieces, the variants of each, and every version there ever was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped

_IS_CURRENT = text("status <> 'superseded'")
_WHERE_CURRENT: dict[str, Any] = {"sqlite_where": _IS_CURRENT, "postgresql_where": _IS_CURRENT}


class Generation(Scoped, Base):
    """`line_id` is the first of the generations that came of one another."""

    __tablename__ = "generations"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(40), unique=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"))
    persona_id: Mapped[str] = mapped_column(ForeignKey("personas.id"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    seed_note_id: Mapped[str | None] = mapped_column(ForeignKey("notes.id"))
    cluster_note_ids: Mapped[list[str]]
    topic_summary: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    regeneration_of: Mapped[str | None] = mapped_column(ForeignKey("generations.id"))
    warnings: Mapped[list[str]]
    context_id: Mapped[str | None] = mapped_column(String(40))
    line_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "workspace_id", "line_id", "id"))


class Piece(Scoped, Base):
    """`sequence` counts the pieces of one medium within a generation from 1.

    `line_id` is the first of the pieces that replaced one another; the database itself keeps one of a line current.
    `origin`, `provenance` and `guard` are those of its newest version.
    """

    __tablename__ = "pieces"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    generation_id: Mapped[str] = mapped_column(ForeignKey("generations.id"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    medium: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    parent_piece_id: Mapped[str | None] = mapped_column(ForeignKey("pieces.id"))
    meta: Mapped[dict[str, Any]]
    guard: Mapped[dict[str, Any] | None]
    origin: Mapped[str] = mapped_column(String(20))
    provenance: Mapped[dict[str, Any]]
    context_id: Mapped[str | None] = mapped_column(String(40))
    line_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("generation_id", "medium", "sequence"),
        Index(
            "uq_pieces_line_id_current", "line_id", unique=True, sqlite_where=_IS_CURRENT, postgresql_where=_IS_CURRENT
        ),
        Index(None, "workspace_id", "line_id", "id"),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "status", "id"),
        Index(None, "campaign_id"),
    )


class Variant(Scoped, Base):
    """One version of one label of a piece: `version` is the piece's, at which this text came.

    Versions are added; the database itself refuses to rewrite or remove one.
    """

    __tablename__ = "variants"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    label: Mapped[str] = mapped_column(String(4))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20))
    parent_variant_id: Mapped[str | None] = mapped_column(ForeignKey("variants.id"))
    experiment_id: Mapped[str | None] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]

    # No index that begins with the workspace: SQLite would take it for the variants of a page of pieces.
    __table_args__ = (UniqueConstraint("piece_id", "label", "version"),)


class PieceVersion(Scoped, Base):
    """A version of a piece: by whom, or by which function, and from what. Rows are added and never changed.

    Its text is, for each label, the variant with the highest version up to this one.
    """

    __tablename__ = "piece_versions"
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    how: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(20))
    provenance: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "piece_id", "version"),)
