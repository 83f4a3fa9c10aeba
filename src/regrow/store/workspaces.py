"""Workspaces by name, and the settings of one."""

from __future__ import annotations

from sqlalchemy import or_, select

from regrow.store.tables.workspaces import Workspace, WorkspaceSettings
from regrow.store.tenancy import Session


def find(session: Session, reference: str) -> Workspace | None:
    """By id or slug."""
    return session.scalars(select(Workspace).where(or_(Workspace.id == reference, Workspace.slug == reference))).first()


def everyone(session: Session, has_archived: bool = False) -> list[Workspace]:
    wanted = select(Workspace).order_by(Workspace.id)
    if not has_archived:
        wanted = wanted.where(Workspace.archived_at.is_(None))
    return list(session.scalars(wanted))


def settings(session: Session) -> WorkspaceSettings:
    return session.scalars(select(WorkspaceSettings)).one()
