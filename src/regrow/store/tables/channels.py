"""Channels: connected destinations, their settings and sealed secrets; and every delivery to a webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Channel(Scoped, Base):
    """`slots` are the times of a week at which its queue goes out, in `time_zone` (empty: its site's).

    `sealed` holds its secrets as one sealed JSON object.
    """

    __tablename__ = "channels"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"))
    settings: Mapped[dict[str, Any]]
    sealed: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(String(60))
    slots: Mapped[list[str]]
    paused_at: Mapped[datetime | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "workspace_id", "id"),)


class Delivery(Scoped, Base):
    """One attempt to deliver a message to a webhook; rows are added and never changed.

    `status` is the answer's, 0 when there was none; `outcome` is delivered, again, dead or unknown.
    """

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id"))
    message_id: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    status: Mapped[int]
    detail: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "channel_id", "id"), Index(None, "workspace_id", "post_id", "id"))
