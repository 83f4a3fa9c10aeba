"""Posts: one publication of one variant on one channel each; and what platforms tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped

_IS_OPEN = text("status NOT IN ('failed', 'cancelled', 'removed')")


class Post(Scoped, Base):
    """The intent comes first, with its `key`; the act follows, then the record.

    `number` counts publications of the pair of channel and variant, `round` counts plans: a run belongs to one.
    `channel_id` is empty for what was published elsewhere. `answer` is what the outside said, word for word.
    """

    __tablename__ = "posts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    piece_id: Mapped[str] = mapped_column(ForeignKey("pieces.id"))
    variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    channel_id: Mapped[str | None] = mapped_column(ForeignKey("channels.id"))
    platform: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    round: Mapped[int]
    attempts: Mapped[int]
    slug: Mapped[str] = mapped_column(String(200))
    outside_id: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    context_id: Mapped[str | None] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index(
            "uq_posts_channel_id_variant_id_open",
            "channel_id",
            "variant_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "piece_id", "id"),
        Index(None, "workspace_id", "status", "due_at"),
        Index(None, "workspace_id", "channel_id", "slug"),
        Index(None, "workspace_id", "channel_id", "published_at"),
        Index(None, "workspace_id", "updated_at"),
    )


class PostTotals(Scoped, Base):
    """What a platform, or whoever told us, said a post had in all at a time; rows are added and never changed."""

    __tablename__ = "post_totals"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id"))
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(60))
    counts: Mapped[dict[str, Any]]
    lowered: Mapped[list[str]]
    by: Mapped[str] = mapped_column(String(60))
    received_at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "post_id", "at", "id"),)
