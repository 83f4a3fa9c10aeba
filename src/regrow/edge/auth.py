"""Who calls: the key of a request, and when keys were last used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import structlog

from regrow.domain.workspaces import Actor
from regrow.kit import errors, secrets
from regrow.services import keys
from regrow.store.tenancy import Session

log = structlog.get_logger()

NOTE_EVERY_SECONDS = 60.0
LONGEST_KEY = 200


def refused() -> errors.Unauthorised:
    """The same words for a missing, wrong, expired, revoked or foreign key."""
    return errors.Unauthorised("send a valid API key: Authorization: Bearer rk.<workspace>.<secret>")


def key_of(authorization: str | None) -> tuple[str, str]:
    """The key of a request and the workspace it claims; Unauthorised when there is none."""
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    workspace_id = secrets.workspace_of(key) if scheme.lower() == "bearer" and len(key) <= LONGEST_KEY else None
    if workspace_id is None:
        raise refused()
    return key, workspace_id


def actor_of(session: Session, key: str) -> Actor:
    """Who calls with this key; Unauthorised when it does not work."""
    actor = keys.actor_of(session, key)
    if actor is None:
        raise refused()
    return actor


class Uses:
    """Notes when a key was used, at most once a minute each, beside the requests: no read waits for a write."""

    def __init__(self, writing: Callable[[str], AbstractContextManager[Session]]) -> None:
        self._writing = writing
        self._noted: dict[str, float] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        self._beside = ThreadPoolExecutor(1, "key-uses")

    def note(self, actor: Actor) -> None:
        now = time.monotonic()
        with self._lock:
            if self._is_closed or now - self._noted.get(actor.id, -NOTE_EVERY_SECONDS) < NOTE_EVERY_SECONDS:
                return
            self._noted[actor.id] = now
            self._beside.submit(self._write, actor)

    def drain(self) -> None:
        """Waits until everything noted so far is written."""
        self._beside.submit(lambda: None).result()

    def close(self) -> None:
        """Waits for what is still to be written; requests that are still open note nothing more."""
        with self._lock:
            self._is_closed = True
        self._beside.shutdown(wait=True)

    def _write(self, actor: Actor) -> None:
        try:
            with self._writing(actor.workspace_id) as session:
                keys.touch(session, actor.id)
        except errors.RegrowError as error:
            log.warning("key.use_not_noted", key=actor.id, reason=error.detail)
