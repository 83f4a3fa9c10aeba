"""Contexts: open ones, closed ones, and those whose process is gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, select, update

from regrow.kit import pages
from regrow.store.tables.contexts import Context
from regrow.store.tenancy import Session

_OF_OWNER = select(Context).where(Context.owner == bindparam("owner")).order_by(Context.id)


def close(session: Session, id: str, values: dict[str, Any]) -> bool:
    """Writes the end of a context; False when it was closed before."""
    given = {f"new_{name}": value for name, value in values.items()}
    done = session.execute(_close(tuple(values)), {"context_id": id, **given})
    return bool(done.rowcount)  # type: ignore[attr-defined]


@cache
def _close(names: tuple[str, ...]) -> Update:
    """Built once for each way to end: building a statement costs more than running it."""
    return (
        update(Context)
        .where(Context.id == bindparam("context_id"), Context.finished_at.is_(None))
        .values(version=Context.version + 1, **{name: bindparam(f"new_{name}") for name in names})
        .execution_options(synchronize_session=False)
    )


def judge(session: Session, id: str, validation: str, confidence: str) -> Context | None:
    """Writes what people think into a finished context and gives it back; an open one stays as it is."""
    wanted = select(Context).where(Context.id == id).with_for_update()
    row = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if row is None or row.finished_at is None:
        return row
    if (row.validation, row.confidence) != (validation, confidence):
        row.validation, row.confidence, row.version = validation, confidence, row.version + 1
    return row


def open_owners(session: Session) -> set[str]:
    """Who still has contexts to close."""
    return set(session.scalars(select(Context.owner).where(Context.finished_at.is_(None)).distinct()))


def close_owned(session: Session, owners: Collection[str], at: datetime, why: str) -> int:
    done = session.execute(
        update(Context)
        .where(Context.owner.in_(owners), Context.finished_at.is_(None))
        .values(phase="failed", finished_at=at, error_trace=why, version=Context.version + 1)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def of_owner(session: Session, owner: str) -> list[Context]:
    return list(session.scalars(_OF_OWNER, {"owner": owner}))


def page(session: Session, limit: int, after: str | None = None, parent_id: str | None = None) -> pages.Page[Context]:
    """Newest first."""
    wanted = select(Context).order_by(Context.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(Context.id < after)
    if parent_id:
        wanted = wanted.where(Context.parent_id == parent_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)
