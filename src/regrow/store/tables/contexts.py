"""Contexts: what was tried and how it went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Context(Scoped, Base):
    """`owner` names the run or the process that must close it."""

    __tablename__ = "contexts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("contexts.id"))
    name: Mapped[str] = mapped_column(String(100))
    phase: Mapped[str] = mapped_column(String(20))
    complexity: Mapped[str] = mapped_column(String(10))
    inputs: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(20))
    validation: Mapped[str] = mapped_column(String(30))
    result: Mapped[dict[str, Any] | None]
    error_trace: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "workspace_id", "finished_at"))
