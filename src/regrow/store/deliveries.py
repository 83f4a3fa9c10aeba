"""Deliveries to webhooks, as they were attempted."""

from __future__ import annotations

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from regrow.kit import pages
from regrow.store.tables.channels import Channel, Delivery
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session


def page(
    session: Session, channel_id: str, limit: int, after: str | None = None, outcome: str | None = None
) -> pages.Page[Delivery]:
    """Newest first."""
    wanted = select(Delivery).where(Delivery.channel_id == channel_id)
    if outcome:
        wanted = wanted.where(Delivery.outcome == outcome)
    if after:
        wanted = wanted.where(Delivery.id < after)
    found = session.scalars(wanted.order_by(Delivery.id.desc()).limit(limit + 1))
    return pages.cut(found.all(), limit, lambda row: row.id)


def newest(session: Session, post_id: str) -> Delivery | None:
    """The last attempt for a post."""
    wanted = select(Delivery).where(Delivery.post_id == post_id).order_by(Delivery.id.desc()).limit(1)
    return session.scalars(wanted).first()


def attempts(session: Session, channel_id: str, message_id: str) -> int:
    """The number of the last attempt with a message; 0 before the first."""
    wanted = select(func.max(Delivery.attempt)).where(
        Delivery.channel_id == channel_id, Delivery.message_id == message_id
    )
    return session.scalars(wanted).one() or 0


def dead(session: Session) -> dict[str, int]:
    """How many dead letters each channel in use has whose text did not get there in another post since."""
    other = aliased(Post)
    is_there = exists().where(
        other.channel_id == Post.channel_id,
        other.variant_id == Post.variant_id,
        other.status.not_in(("failed", "cancelled")),
    )
    wanted = (
        select(Post.channel_id, func.count(func.distinct(Post.id)))
        .join(Delivery, Delivery.post_id == Post.id)
        .join(Channel, Channel.id == Post.channel_id)
        .where(Delivery.outcome == "dead", Post.status == "failed", Channel.archived_at.is_(None), ~is_there)
        .group_by(Post.channel_id)
    )
    return {str(channel_id): count for channel_id, count in session.execute(wanted).all()}
