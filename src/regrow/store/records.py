"""Reads that are the same for everything people manage: one by id, and pages of many."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select

from regrow.kit import pages
from regrow.store.tables.base import Base
from regrow.store.tenancy import Session

T = TypeVar("T", bound=Base)


def get(session: Session, table: type[T], id: str) -> T | None:
    """The row of this workspace, archived ones too; None for unknown and foreign ids alike."""
    return session.scalars(_by_id(table), {"id": id}).first()


@cache
def _by_id(table: type[T]) -> Select[T]:
    """Built once for each table: building a statement costs more than running it."""
    return select(table).where(table.id == bindparam("id"))  # type: ignore[attr-defined]


def page(
    session: Session, table: type[T], limit: int, after: str | None = None, has_archived: bool = False, **equal: Any
) -> pages.Page[T]:
    """Oldest first; `equal` narrows by column."""
    columns: Any = table
    wanted = select(table).order_by(columns.id).limit(limit + 1)
    if after:
        wanted = wanted.where(columns.id > after)
    if not has_archived and hasattr(table, "archived_at"):
        wanted = wanted.where(columns.archived_at.is_(None))
    for name, value in equal.items():
        wanted = wanted.where(getattr(columns, name) == value)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: str(row.id))  # type: ignore[attr-defined]


def one(session: Session, table: type[T], **equal: Any) -> T | None:
    """The oldest row with these values."""
    columns: Any = table
    wanted = select(table).order_by(columns.id).limit(1)
    for name, value in equal.items():
        wanted = wanted.where(getattr(columns, name) == value)
    return session.scalars(wanted).first()
