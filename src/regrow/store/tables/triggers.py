"""Triggers: conditions on the totals of pieces, each of them once, and everything that became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped

_STANDS = text("status IN ('set', 'firing')")


class Trigger(Scoped, Base):
    """What was asked is never rewritten; another condition is another row. A piece has one that stands at most.

    `status` is `set`, `firing` while its run `task_id` is at work, then `fired`; or `cleared`, or `replaced`. After a
    run that failed it is set again, and fires no sooner than `retry_at`.
    """

    __tablename__ = "triggers"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    metric: Mapped[str] = mapped_column(String(40))
    comparison: Mapped[str] = mapped_column(String(2))
    value: Mapped[float] = mapped_column(Double)
    prompt: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(60))
    set_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(20))
    firings: Mapped[int]
    failures: Mapped[int]
    retry_at: Mapped[datetime | None]
    task_id: Mapped[str | None] = mapped_column(String(40))
    fired_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_triggers_piece_id_stands", "piece_id", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
        Index(None, "workspace_id", "status", "id"),
    )


class TriggerEvent(Scoped, Base):
    """What became of a trigger: set, fired on which values, failed, written, cleared. Rows are added, never changed."""

    __tablename__ = "trigger_events"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    trigger_id: Mapped[str] = mapped_column(ForeignKey("triggers.id"))
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "piece_id", "id"),)
