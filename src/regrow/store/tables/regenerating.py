"""Tries at writing a generation, or a part of it, once more: what the daily limit counts."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Try(Scoped, Base):
    """One regeneration asked for. It counts on its UTC day unless its run has failed."""

    __tablename__ = "regenerating_tries"
    task_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    generation_id: Mapped[str] = mapped_column(ForeignKey("generations.id"))
    day: Mapped[str] = mapped_column(String(10))

    __table_args__ = (Index(None, "workspace_id", "generation_id", "day"),)
