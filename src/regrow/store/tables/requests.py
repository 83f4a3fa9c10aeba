"""Answers already given, by the idempotency key of the request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class AnsweredRequest(Scoped, Base):
    """`status` is empty while the first request is still being answered."""

    __tablename__ = "answered_requests"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None]
    at: Mapped[datetime]
