"""API keys: made once, shown once, stored as a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    if expires_at is not None and expires_at <= now:
        raise errors.Invalid("expires_at lies in the past: give a later time, or none", "bad_expiry")
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
    return Actor(row.workspace_id, row.id, Role(row.role), row.name) if row else None


def touch(session: Session, key_id: str) -> None:
    """Notes that the key was used; callers do so at most once a minute."""
    keys.touch(session, key_id, clock.now())


def _refuse_outranking(member: Member, role: Role) -> None:
    editing.refuse_archived(member, "member")
    if RANK[role] > RANK[Role(member.role)]:
        raise errors.Invalid(
            f"the member's role is {member.role}: a key of theirs cannot be {role}", "key_outranks_member"
        )
