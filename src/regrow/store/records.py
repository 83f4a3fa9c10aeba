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
    narrowed = tuple((name, value is None) for name, value in equal.items())
    wanted = _page(table, after is not None, has_archived, narrowed)
    values = {f"is_{name}": value for name, value in equal.items()}
    rows = session.scalars(wanted, {"most": limit + 1, "after": after, **values}).all()
    return pages.cut(rows, limit, lambda row: str(row.id))


@cache
def _page(table: type[T], has_after: bool, has_archived: bool, narrowed: tuple[tuple[str, bool], ...]) -> Select[T]:
    columns: Any = table
    wanted = select(table).order_by(columns.id).limit(bindparam("most"))
    if has_after:
        wanted = wanted.where(columns.id > bindparam("after"))
    if not has_archived and hasattr(table, "archived_at"):
        wanted = wanted.where(columns.archived_at.is_(None))
    for name, is_empty in narrowed:
        column = getattr(columns, name)
        wanted = wanted.where(column.is_(None) if is_empty else column == bindparam(f"is_{name}"))
    return wanted


def one(session: Session, table: type[T], **equal: Any) -> T | None:
    """The oldest row with these values."""
    columns: Any = table
    wanted = select(table).order_by(columns.id).limit(1)
    for name, value in equal.items():
        wanted = wanted.where(getattr(columns, name) == value)
    return session.scalars(wanted).first()
