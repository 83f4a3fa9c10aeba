"""Rows of the store as commands show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from regrow.cli import opened, output
from regrow.kit import errors, pages

if TYPE_CHECKING:
    from regrow.store.tables.base import Base

HIDDEN = {"workspace_id", "digest", "line_id", "sealed"}


def shape(row: Any) -> dict[str, Any]:
    """A row as plain values, without what is no business of a reader."""
    return {name: getattr(row, name) for name in row.__table__.columns.keys() if name not in HIDDEN}


def listed(
    table: type[Base], what: str, columns: Sequence[str], limit: int, cursor: str | None, has_archived: bool
) -> None:
    """Lists one kind of thing, a page at a time."""
    from regrow.store import records

    with opened.reading() as session:
        found = records.page(session, table, limit, pages.decode(cursor), has_archived)
        items = [shape(row) for row in found.items]
    show_page(items, found.next_cursor, columns, f"no {what} yet")


def show_page(items: list[dict[str, Any]], next_cursor: str | None, columns: Sequence[str], empty: str) -> None:
    def show() -> None:
        output.table(items, columns, empty)
        if next_cursor:
            output.say(f"There are more: --cursor {next_cursor}")

    output.give({"items": items, "next_cursor": next_cursor}, show)


def show_one(table: type[Base], id: str, what: str, long: Sequence[str] = ()) -> None:
    """Shows one thing; NotFound when there is none with this id in the workspace."""
    from regrow.store import records

    with opened.reading() as session:
        row = records.get(session, table, id)
        if row is None:
            raise errors.NotFound(f"there is no {what} {id[:60]!r} in this workspace: see regrow {what}s list")
        found = shape(row)
    give(found, long)


def give(found: dict[str, Any], long: Sequence[str] = ()) -> None:
    """Shows one thing; the values named in `long` are shown in full."""
    output.give(found, lambda: output.fields(found, long))
