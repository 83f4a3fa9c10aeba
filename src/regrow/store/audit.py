"""The record of every write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from regrow.domain.workspaces import Actor
from regrow.kit import clock, ids, pages
from regrow.store.tables.audit import AuditRow
from regrow.store.tenancy import Session


def add(session: Session, actor: Actor, action: str, subject_id: str, outcome: str = "done", **detail: Any) -> None:
    """One row: `action` as `noun.verb_past`, `outcome` is `done` or `refused`; `detail` holds no secret and no text."""
    session.add(
        AuditRow(
            id=ids.new("aud"),
            actor_id=actor.id,
            action=action,
            subject_id=subject_id,
            outcome=outcome,
            detail=detail,
            at=clock.now(),
        )
    )


def page(session: Session, limit: int, after: str | None = None, subject_id: str | None = None) -> pages.Page[AuditRow]:
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(AuditRow.id < after)
    if subject_id:
        wanted = wanted.where(AuditRow.subject_id == subject_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)
