"""Personas: the voices that write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Persona(Scoped, Base):
    """`voice` maps a medium to its settings, `guidelines` holds words to use and to avoid.

    `learned` is what the user's own texts said of the voice, with when and from how much, and none of the texts but
    the passages chosen as examples.
    """

    __tablename__ = "personas"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    voice: Mapped[dict[str, Any]]
    guidelines: Mapped[dict[str, Any]]
    learned: Mapped[dict[str, Any] | None]
    is_default: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "workspace_id", "id"),)
