"""Channels of a workspace."""

from __future__ import annotations

from sqlalchemy import select

from regrow.store.tables.channels import Channel
from regrow.store.tenancy import Session


def locked(session: Session, id: str) -> Channel | None:
    """A channel, kept from everybody else until the transaction ends: plans for it are made one after the other.

    Posts may refer to it meanwhile: those who hold one of them never wait for who holds the channel.
    """
    wanted = select(Channel).where(Channel.id == id).with_for_update(key_share=True)
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def usable(session: Session) -> list[Channel]:
    """All that are not archived, oldest first."""
    return list(session.scalars(select(Channel).where(Channel.archived_at.is_(None)).order_by(Channel.id)))


def usable_of_kind(session: Session, kind: str) -> list[Channel]:
    wanted = select(Channel).where(Channel.kind == kind, Channel.archived_at.is_(None))
    return list(session.scalars(wanted.order_by(Channel.id)))
