"""What is the same for everything people manage: find it, change it if nobody else did, archive it."""

from __future__ import annotations

from typing import Any, TypeVar

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.store import audit, records
from regrow.store.tables.base import Base
from regrow.store.tenancy import Session

T = TypeVar("T", bound=Base)


def found(session: Session, table: type[T], id: str, what: str) -> T:
    """The row, or NotFound in the same words whether it never was or belongs to somebody else."""
    row = records.get(session, table, id)
    if row is None:
        raise errors.NotFound(f"there is no {what} {id[:60]!r} here")
    return row


def change(session: Session, actor: Actor, row: Any, what: str, expected_version: int | None, **values: Any) -> None:
    """Writes `values` into the row and raises its version; Stale when somebody else was first."""
    refuse_stale(row, expected_version, what)
    refuse_archived(row, what)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = clock.now()
    audit.add(session, actor, f"{what}.changed", row.id, fields=sorted(values), version=row.version)


def archive(session: Session, actor: Actor, row: Any, what: str, role: Role = Role.EDITOR) -> None:
    """Takes the row out of use; nothing is deleted. Archiving twice changes nothing."""
    actor.must(role)
    if row.archived_at is None:
        row.archived_at = clock.now()
        audit.add(session, actor, f"{what}.archived", row.id)


def refuse_stale(row: Any, expected_version: int | None, what: str) -> None:
    if expected_version is not None and row.version != expected_version:
        raise errors.Stale(
            f"somebody changed this {what} meanwhile (it is at version {row.version}, you read {expected_version}): "
            "read it again and repeat your change",
        )


def refuse_archived(row: Any, what: str) -> None:
    if row.archived_at is not None:
        raise errors.Conflict(f"this {what} is archived and cannot be used any more", f"{what}_archived")
