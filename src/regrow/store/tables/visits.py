"""What readers of the built-in site did: who was shown what, what they did then, and what was not counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Exposure(Scoped, Base):
    """A visitor was really shown a variant of a piece, once. `visitor` is a keyed hash, different for each piece."""

    __tablename__ = "exposures"
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(32), primary_key=True)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    at: Mapped[datetime]

    # No index that begins with the workspace: SQLite would take it instead of the key, and read the whole piece.
    __table_args__ = (Index(None, "piece_id", "at"),)


class Conversion(Scoped, Base):
    """What a visitor did after the exposure, once for each metric; `value` is seconds of reading, else 1."""

    __tablename__ = "conversions"
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(32), primary_key=True)
    metric: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime]


class Uncounted(Scoped, Base):
    """Requests that were served and not counted, by hour and reason.

    `piece_id` is empty for beacons that nobody can be believed: what they name is not looked up.
    """

    __tablename__ = "uncounted"
    workspace_id: Mapped[str] = mapped_column(String(40), ForeignKey("workspaces.id"), primary_key=True)
    piece_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]


class VisitBatch(Scoped, Base):
    """A closed hour of one variant: final, and never counted again."""

    __tablename__ = "visit_batches"
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"), primary_key=True)
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(String(20), primary_key=True)
    exposures: Mapped[int]
    conversions: Mapped[int]
    value_sum: Mapped[int]
    value_squares: Mapped[int]

    __table_args__ = (Index(None, "workspace_id", "piece_id", "hour"),)
