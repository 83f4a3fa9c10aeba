"""People of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing
from regrow.store import audit, keys, records
from regrow.store import notes as note_store
from regrow.store.tables.members import Member
from regrow.store.tenancy import Session

PART = 500
"""Members read at once."""


def create(session: Session, actor: Actor, name: str, role: Role, email: str | None = None) -> Member:
    """Conflict when somebody of the workspace has the e-mail already, whatever its letters' case."""
    actor.must(Role.OWNER)
    _refuse_twice(session, email)
    now = clock.now()
    row = Member(
        id=ids.new("mem"),
        name=name,
        email=email,
        role=role,
        version=1,
        created_at=now,
        updated_at=now,
        archived_at=None,
    )
    session.add(row)
    session.flush()
    audit.add(session, actor, "member.created", row.id, role=role)
    return row


def change(session: Session, actor: Actor, id: str, expected_version: int | None, values: dict[str, Any]) -> Member:
    """A member's keys never outrank the member: a lower role revokes the higher keys."""
    actor.must(Role.OWNER)
    row = editing.found(session, Member, id, "member")
    if row.role == Role.OWNER and values.get("role", Role.OWNER) != Role.OWNER:
        _refuse_last_owner(session, row)
    _refuse_twice(session, values.get("email"), id)
    editing.change(session, actor, row, "member", expected_version, **values)
    if "role" in values:
        keys.revoke_above(session, row.id, Role(row.role), clock.now())
    return row


def archive(session: Session, actor: Actor, id: str) -> Member:
    """Takes a member out of the workspace and revokes the member's keys."""
    actor.must(Role.OWNER)
    row = editing.found(session, Member, id, "member")
    if row.role == Role.OWNER and row.archived_at is None:
        _refuse_last_owner(session, row)
    editing.archive(session, actor, row, "member", Role.OWNER)
    keys.revoke_all(session, row.id, clock.now())
    return row


def _refuse_last_owner(session: Session, row: Member) -> None:
    owners = records.page(session, Member, 2, role=Role.OWNER).items
    if [owner.id for owner in owners] == [row.id]:
        raise errors.Conflict("this is the last owner: make somebody else an owner first", "last_owner")


def _refuse_twice(session: Session, email: str | None, own_id: str | None = None) -> None:
    if email is None:
        return
    note_store.lock_writing(session)
    folded = email.casefold()
    if any(row.id != own_id and (row.email or "").casefold() == folded for row in _everyone(session)):
        raise errors.Conflict(
            f"somebody here has the e-mail {email[:80]} already: change or archive that member", "email_taken"
        )


def _everyone(session: Session) -> Iterator[Member]:
    after = None
    while True:
        part = records.page(session, Member, PART, after).items
        yield from part
        if len(part) < PART:
            return
        after = part[-1].id
