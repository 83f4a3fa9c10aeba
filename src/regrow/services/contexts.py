"""Contexts: opened before something is tried, closed with how it went, linked to the one they stand in."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from regrow.domain.contexts import Complexity, Confidence, Validation
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids, processes, redaction
from regrow.store import contexts
from regrow.store.tables.contexts import Context
from regrow.store.tenancy import Session

OpenSession = Callable[[], AbstractContextManager[Session]]

_current: ContextVar[tuple[str, str] | None] = ContextVar("context", default=None)
"""The workspace and the id of the context that the code running now stands in."""


@dataclass(slots=True)
class Recording:
    """What the body of `record` may say before its context is closed."""

    id: str
    note: str = ""
    phase: str = "done"
    confidence: Confidence = Confidence.HYPOTHESIS
    validation: Validation = Validation.PENDING
    result: dict[str, Any] = field(default_factory=dict)


def open_context(
    session: Session,
    actor: Actor,
    name: str,
    inputs: dict[str, Any],
    complexity: Complexity,
    owner: str,
    parent_id: str | None = None,
) -> str:
    """Opens a context and gives back its id; `owner` is the run or the process that must close it."""
    actor.must(Role.EDITOR)
    row = Context(
        id=ids.new("ctx"),
        parent_id=parent_id,
        name=name,
        phase="started",
        complexity=complexity,
        inputs=inputs,
        note="",
        confidence=Confidence.UNCERTAIN,
        validation=Validation.PENDING,
        owner=owner,
        started_at=clock.now(),
        version=1,
    )
    session.add(row)
    session.flush()
    return row.id


def close_done(session: Session, recording: Recording) -> bool:
    return contexts.close(
        session,
        recording.id,
        {
            "phase": recording.phase,
            "note": recording.note,
            "confidence": recording.confidence,
            "validation": recording.validation,
            "result": recording.result,
            "finished_at": clock.now(),
        },
    )


def close_failed(session: Session, id: str, error_trace: str, note: str = "") -> bool:
    """`error_trace` loses its secrets here, whoever calls."""
    trace = redaction.redact(error_trace)
    return contexts.close(
        session, id, {"phase": "failed", "note": note, "error_trace": trace, "finished_at": clock.now()}
    )


@contextmanager
def record(
    open_session: OpenSession,
    actor: Actor,
    name: str,
    inputs: dict[str, Any] | None = None,
    complexity: Complexity = Complexity.LOW,
) -> Iterator[Recording]:
    """Keeps a context around a block of code, for library users too.

    `open_session` opens a writing transaction (`wiring.Home.writing`). Blocks inside blocks link up. An exception
    closes the context as failed, with its trace, and goes on its way.
    """
    around = _current.get()
    parent_id = around[1] if around is not None and around[0] == actor.workspace_id else None
    with open_session() as session:
        id = open_context(session, actor, name, inputs or {}, complexity, processes.token(), parent_id)
    recording = Recording(id)
    entered = _current.set((actor.workspace_id, id))
    try:
        yield recording
        with open_session() as session:
            close_done(session, recording)
    except BaseException as error:
        with open_session() as session:
            close_failed(session, id, "".join(traceback.format_exception(error)), recording.note)
        raise
    finally:
        _current.reset(entered)


def close_orphans(session: Session) -> int:
    """Closes contexts of processes of this machine that are gone; gives back how many."""
    gone = {owner for owner in contexts.open_owners(session) if processes.is_gone(owner)}
    if not gone:
        return 0
    return contexts.close_owned(session, gone, clock.now(), "the process that was doing this died")
