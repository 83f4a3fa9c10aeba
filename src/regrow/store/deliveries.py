"""Deliveries to webhooks, as they were attempted."""

from __future__ import annotations

from sqlalchemy import func, select

from regrow.kit import pages
from regrow.store.tables.channels import Delivery
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
