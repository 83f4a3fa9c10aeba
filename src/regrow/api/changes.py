"""Changes of things with a version, those that name nothing among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from regrow.domain.workspaces import Actor
from regrow.services import editing
from regrow.store.tables.base import Base
from regrow.store.tenancy import Session

T = TypeVar("T", bound=Base)
Write = Callable[[Session, Actor, str, int | None, dict[str, Any]], T]


def apply(
    session: Session,
    actor: Actor,
    table: type[T],
    what: str,
    id: str,
    expected_version: int | None,
    values: dict[str, Any],
    write: Write[T],
) -> T:
    """What `write` makes of the row. Without any value nothing is written, but the same is refused: NotFound, Stale."""
    if values:
        return write(session, actor, id, expected_version, values)
    row = editing.found(session, table, id, what)
    editing.refuse_stale(row, expected_version, what)
    editing.refuse_archived(row, what)
    return row
