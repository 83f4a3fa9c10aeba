"""Repeated requests: the first one's answer is kept and given again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from regrow.domain.workspaces import Actor
from regrow.kit import clock, errors, ids
from regrow.store import records, requests
from regrow.store.tables.requests import AnsweredRequest
from regrow.store.tenancy import Session

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that says it may come again: its idempotency key, and a digest of all it asks for."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What was kept. Without a status the request was begun and `body` names the run that will answer it."""

    status: int | None
    body: str
    headers: dict[str, str]


def recall(session: Session, actor: Actor, request: Repeatable) -> Stored | None:
    """The answer kept for this request, None for a new one; Invalid when its key was used for another request."""
    row = records.get(session, AnsweredRequest, _id(actor, request))
    if row is None or row.at < clock.now() - KEPT_FOR:
        return None
    if row.digest != request.digest:
        raise errors.Invalid(
            "this Idempotency-Key was used for another request: send a new key with a new request",
            "idempotency_key_reused",
        )
    return Stored(row.status, row.body or "", row.headers or {})


def claim(session: Session, actor: Actor, request: Repeatable) -> None:
    """Takes the key before the work, in the work's own transaction; Conflict when somebody is at it right now.

    For callers whom `recall` told that nothing is kept: what is still there is too old.
    """
    requests.purge(session, clock.now() - KEPT_FOR, _id(actor, request))
    requests.claim(session, _id(actor, request), request.digest, clock.now())


def keep(session: Session, actor: Actor, request: Repeatable, stored: Stored | None) -> None:
    """Keeps the answer (or the run that will give it) under a key that was claimed; without one the key is free."""
    if stored is None:
        forget(session, actor, request)
        return
    row = records.get(session, AnsweredRequest, _id(actor, request))
    if row is not None:
        row.status, row.headers, row.body = stored.status, dict(stored.headers), stored.body


def forget(session: Session, actor: Actor, request: Repeatable) -> None:
    """Gives the key free, so that the same request can be tried anew."""
    requests.forget(session, _id(actor, request))


def purge(session: Session) -> None:
    """Drops what is older than a day, in the session's workspace."""
    requests.purge(session, clock.now() - KEPT_FOR)


def _id(actor: Actor, request: Repeatable) -> str:
    return ids.derived("req", actor.workspace_id, actor.id, request.key)
