"""Versions of a workspace's own prompts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from regrow.kit import errors, pages
from regrow.store.tables.prompts import PromptTrial, PromptVersion
from regrow.store.tenancy import Session


def newest(session: Session, templates: Iterable[str]) -> dict[str, PromptVersion]:
    """The newest version of each of these templates that has one."""
    last = (
        select(PromptVersion.template, func.max(PromptVersion.version).label("version"))
        .where(PromptVersion.template.in_(list(templates)))
        .group_by(PromptVersion.template)
        .subquery()
    )
    is_last = (PromptVersion.template == last.c.template) & (PromptVersion.version == last.c.version)
    return {row.template: row for row in session.scalars(select(PromptVersion).join(last, is_last))}


def at(session: Session, template: str, version: int) -> PromptVersion | None:
    wanted = select(PromptVersion).where(PromptVersion.template == template, PromptVersion.version == version)
    return session.scalars(wanted).first()


def page(session: Session, template: str, limit: int, after: str | None = None) -> pages.Page[PromptVersion]:
    """Newest first."""
    wanted = select(PromptVersion).where(PromptVersion.template == template).order_by(PromptVersion.version.desc())
    if after:
        wanted = wanted.where(PromptVersion.id < after)
    return pages.cut(session.scalars(wanted.limit(limit + 1)).all(), limit, lambda row: row.id)


def add(session: Session, row: PromptVersion) -> PromptVersion:
    """Stale when another transaction just added a version of this number."""
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise errors.Stale(
            "somebody changed this prompt at the same moment: read it again and repeat your change"
        ) from None
    return row


def trials(session: Session, limit: int, after: str | None = None) -> pages.Page[PromptTrial]:
    """Newest first."""
    wanted = select(PromptTrial).order_by(PromptTrial.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(PromptTrial.id < after)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)
