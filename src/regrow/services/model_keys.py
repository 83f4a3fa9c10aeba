"""Model keys: a workspace's own keys for model providers, sealed when they come in and never given out again."""

from __future__ import annotations

from collections.abc import Sequence

from regrow.domain import models
from regrow.domain.sealing import Sealer
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing
from regrow.store import audit, model_keys
from regrow.store.tables.model_keys import ModelKey
from regrow.store.tenancy import Session

SHORTEST_SECRET, LONGEST_SECRET = 8, 500
LONG_ENOUGH_TO_SHOW = 16
"""Of a shorter key four characters would be too much."""


def create(session: Session, actor: Actor, sealer: Sealer, provider: str, name: str, secret: str) -> ModelKey:
    """From now on the key in force for this provider; an older one takes its place again when it is archived."""
    actor.must(Role.OWNER)
    if provider not in models.KEYED:
        raise errors.Invalid(f"provider: one of {', '.join(models.KEYED)}", "bad_provider")
    secret = checked_secret(secret)
    row = ModelKey(
        id=ids.new("mky"),
        provider=provider,
        name=name,
        sealed=sealer.seal(secret),
        last_four=secret[-4:] if len(secret) >= LONG_ENOUGH_TO_SHOW else "",
        created_at=clock.now(),
    )
    session.add(row)
    audit.add(session, actor, "model_key.created", row.id, provider=provider)
    return row


def archive(session: Session, actor: Actor, id: str) -> ModelKey:
    """Takes the key out of use and forgets it; archiving twice changes nothing."""
    actor.must(Role.OWNER)
    row = editing.found(session, ModelKey, id, "model key")
    if row.archived_at is None:
        row.archived_at, row.sealed = clock.now(), ""
        audit.add(session, actor, "model_key.archived", row.id, provider=row.provider)
    return row


def reseal(session: Session, actor: Actor, sealer: Sealer) -> int:
    """Seals every key in use under the newest secret key, so that older ones may be dropped; gives back how many."""
    actor.must(Role.OWNER)
    rows = model_keys.usable(session)
    for row in rows:
        row.sealed = sealer.seal(_revealed(sealer, row))
    if rows:
        audit.add(session, actor, "model_keys.resealed", actor.workspace_id, count=len(rows))
    return len(rows)


def secret_of(session: Session, sealer: Sealer, provider: str) -> str | None:
    """The key to ask a provider with, for the writer alone; None when the workspace has none of its own."""
    row = model_keys.newest(session, provider)
    return _revealed(sealer, row) if row is not None else None


def _revealed(sealer: Sealer, row: ModelKey) -> str:
    """Says which key it is that cannot be read: there may be many."""
    try:
        return sealer.reveal(row.sealed)
    except errors.Unavailable as error:
        raise errors.Unavailable(f"{row.provider} key {row.id}: {error.detail}", error.code, None, True) from None


def line(session: Session, candidates: Sequence[str]) -> str:
    """The name of the key that the first of these candidates is asked with; empty when it needs none.

    The same for every call with that key, and nothing of the key itself.
    """
    provider = candidates[0].partition(":")[0] if candidates else ""
    if provider not in models.KEYED:
        return ""
    row = model_keys.newest(session, provider)
    return row.id if row is not None else provider


def checked_secret(secret: str) -> str:
    """Invalid when it cannot be a key; the text never repeats it."""
    found = secret.strip()
    is_sound = found.isascii() and found.isprintable() and " " not in found
    if not (is_sound and SHORTEST_SECRET <= len(found) <= LONGEST_SECRET):
        raise errors.Invalid(
            f"the key: {SHORTEST_SECRET} to {LONGEST_SECRET} letters, digits and signs without spaces; copy it again",
            "bad_model_key",
        )
    return found
