"""Sites: where content is published, and how the built-in one looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped

_IS_SERVED = text("is_served AND archived_at IS NULL")


class Site(Scoped, Base):
    """`is_served`: it stands at /s/<workspace>/; the database keeps one such site per workspace.

    `look` holds colours; `address` is the public address in front of the server, empty for the server's own.
    """

    __tablename__ = "sites"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    tagline: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(20))
    time_zone: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(300))
    disclosure: Mapped[str] = mapped_column(Text)
    look: Mapped[dict[str, Any]]
    is_served: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "workspace_id", "id"),
        Index(
            "uq_sites_workspace_id_served",
            "workspace_id",
            unique=True,
            sqlite_where=_IS_SERVED,
            postgresql_where=_IS_SERVED,
        ),
    )
