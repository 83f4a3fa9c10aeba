"""API keys: made once, shown once, stored as a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain.workspaces import RANK, Actor, Role
from regrow.kit import clock, errors, ids, secrets
from regrow.services import editing
from regrow.store import audit, keys
from regrow.store.tables.keys import ApiKey
from regrow.store.tables.members import Member
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Made:
    row: ApiKey
    secret: str


def create(
    session: Session,
    actor: Actor,
    name: str,
    role: Role,
    member_id: str | None = None,
    expires_at: datetime | None = None,
) -> Made:
    """A key of its own, or of a member, whose role it may not exceed."""
    actor.must(Role.OWNER)
    now = clock.now()
    _refuse_past(expires_at, now)
    if member_id is not None:
        _refuse_outranking(editing.found(session, Member, member_id, "member"), role)
    secret = secrets.new_key(actor.workspace_id)
    row = ApiKey(
        id=ids.new("key"),
        member_id=member_id,
        name=name,
        prefix=secrets.shown_prefix(secret),
        digest=secrets.digest(secret),
        role=role,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    audit.add(session, actor, "key.created", row.id, role=role)
    return Made(row, secret)


def change(session: Session, actor: Actor, id: str, values: dict[str, Any]) -> ApiKey:
    """Changes `name` and `expires_at` (None: works until it is revoked); nothing given changes nothing.

    Invalid for a time that has passed, Conflict for a key that is revoked: a new one is made instead.
    """
    actor.must(Role.OWNER)
    row = editing.found(session, ApiKey, id, "key")
    if row.revoked_at is not None:
        raise errors.Conflict("this key is revoked for good: make a new one", "key_revoked")
    _refuse_past(values.get("expires_at"), clock.now())
    for name in ("name", "expires_at"):
        if name in values:
            setattr(row, name, values[name])
    if values:
        audit.add(session, actor, "key.changed", row.id, fields=sorted(values))
    return row


def archive(session: Session, actor: Actor, id: str) -> ApiKey:
    """Revokes the key: the next request with it is refused. Revoking twice changes nothing."""
    actor.must(Role.OWNER)
    row = editing.found(session, ApiKey, id, "key")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        audit.add(session, actor, "key.revoked", row.id)
    return row


def actor_of(session: Session, key: str) -> Actor | None:
    """Who calls with this key; None for every key that does not work, whatever the reason."""
    row = keys.usable(session, secrets.digest(key), clock.now())
    return Actor(row.workspace_id, row.id, Role(row.role), row.name, row.member_id) if row else None


def touch(session: Session, key_id: str) -> None:
    """Notes that the key was used; callers do so at most once a minute."""
    keys.touch(session, key_id, clock.now())


def _refuse_past(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise errors.Invalid("expires_at lies in the past: give a later time, or none", "bad_expiry")


def _refuse_outranking(member: Member, role: Role) -> None:
    editing.refuse_archived(member, "member")
    if RANK[role] > RANK[Role(member.role)]:
        raise errors.Invalid(
            f"the member's role is {member.role}: a key of theirs cannot be {role}", "key_outranks_member"
        )
