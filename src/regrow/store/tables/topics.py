"""Topics, and the seed notes already used up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Topic(Scoped, Base):
    __tablename__ = "topics"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    seed_note_id: Mapped[str | None] = mapped_column(ForeignKey("notes.id"))
    note_ids: Mapped[list[str]]
    title: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    random_seed: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "workspace_id", "id"),)


class UsedSeed(Scoped, Base):
    __tablename__ = "used_seeds"
    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id"), primary_key=True)
    generation_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "note_id"),)
