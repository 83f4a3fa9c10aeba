"""Sites of a workspace, and the one that is served."""

from __future__ import annotations

from sqlalchemy import select

from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session


def served(session: Session) -> Site | None:
    """The built-in site of this workspace."""
    return session.scalars(select(Site).where(Site.is_served.is_(True), Site.archived_at.is_(None))).first()


def has_any(session: Session) -> bool:
    """Whether this workspace has or ever had a site."""
    return session.scalars(select(Site.id).limit(1)).first() is not None
