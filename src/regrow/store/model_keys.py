"""Model keys of a workspace."""

from __future__ import annotations

from sqlalchemy import select

from regrow.store.tables.model_keys import ModelKey
from regrow.store.tenancy import Session


def newest(session: Session, provider: str) -> ModelKey | None:
    """The key in force: of those not archived, the one added last."""
    wanted = select(ModelKey).where(ModelKey.provider == provider, ModelKey.archived_at.is_(None))
    return session.scalars(wanted.order_by(ModelKey.id.desc()).limit(1)).first()


def usable(session: Session) -> list[ModelKey]:
    """All that are not archived, oldest first."""
    return list(session.scalars(select(ModelKey).where(ModelKey.archived_at.is_(None)).order_by(ModelKey.id)))
