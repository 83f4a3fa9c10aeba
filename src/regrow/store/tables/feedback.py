"""Ratings: what each person thought of a piece, one row for every time somebody said so, never changed afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class RatingRow(Scoped, Base):
    """`actor_id` is the person: a member, or else the key or the console itself. Of one person the newest counts."""

    __tablename__ = "ratings"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    piece_version: Mapped[int]
    actor_id: Mapped[str] = mapped_column(String(40))
    rating: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    __table_args__ = (
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "piece_id", "id"),
        Index(None, "workspace_id", "piece_id", "actor_id", "id"),
    )
