"""API keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update

from regrow.domain.workspaces import RANK, Role
from regrow.store.tables.keys import ApiKey
from regrow.store.tables.workspaces import Workspace
from regrow.store.tenancy import Session

# Built once: every request asks for it, and building a statement costs more than running it.
_USABLE = (
    select(ApiKey)
    .join(Workspace, Workspace.id == ApiKey.workspace_id)
    .where(ApiKey.digest == bindparam("digest"), ApiKey.revoked_at.is_(None), Workspace.archived_at.is_(None))
)


def usable(session: Session, digest: str, now: datetime) -> ApiKey | None:
    """The key with this digest, unless it is revoked, expired, or its workspace is archived."""
    row = session.scalars(_USABLE, {"digest": digest}).first()
    return row if row is not None and (row.expires_at is None or row.expires_at > now) else None


def touch(session: Session, id: str, now: datetime) -> None:
    session.execute(update(ApiKey).where(ApiKey.id == id).values(last_used_at=now))


def revoke_all(session: Session, member_id: str, now: datetime) -> None:
    session.execute(
        update(ApiKey).where(ApiKey.member_id == member_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    )


def revoke_above(session: Session, member_id: str, role: Role, now: datetime) -> None:
    higher = [name for name, rank in RANK.items() if rank > RANK[role]]
    session.execute(
        update(ApiKey)
        .where(ApiKey.member_id == member_id, ApiKey.role.in_(higher), ApiKey.revoked_at.is_(None))
        .values(revoked_at=now)
    )
