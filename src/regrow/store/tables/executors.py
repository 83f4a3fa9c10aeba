"""Processes that run durable work, and when each was last heard of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base


class Executor(Base):
    """Of no workspace: a worker serves all of them. `state` is alive, dead (to be recovered) or done;
    silent for `lease_seconds` an executor counts as dead."""

    __tablename__ = "executors"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    host: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    lease_seconds: Mapped[float]
    state: Mapped[str] = mapped_column(String(10))
