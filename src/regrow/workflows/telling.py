"""How far an answer has come while the model still writes: an event a second at most, and never a failed call."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from regrow.domain import functions
from regrow.domain.functions import Function
from regrow.domain.writing import Brief
from regrow.kit import errors
from regrow.store import database
from regrow.store import runs as run_store
from regrow.store.runs import Event
from regrow.workflows import runtime

log = structlog.get_logger()

CHARACTERS_PER_WORD = 7
"""With what JSON adds around the words."""


def listener(task_id: str, function: Function, brief: Brief, place: int, count: int) -> Callable[[int], None]:
    """Tells the run's progress within the part of AI_CALL that is this call's, by the characters received."""
    low, high = functions.percent("AI_CALL", place, count), functions.percent("AI_CALL", place + 1, count)
    words = function.words(brief.voice.words, len(brief.labels), max(1, len(brief.platforms)))
    expected = max(1, words * CHARACTERS_PER_WORD)

    def tell(received: int) -> None:
        share = min(received, expected) / expected
        percent = low + int((high - 1 - low) * share)
        if percent <= low:
            return
        event = Event("AI_CALL", percent, f"{function.told}, {received:,} characters so far")
        try:
            with database.writing(runtime.live().engine) as session:
                run_store.tell(session, task_id, event)
        except errors.RegrowError as error:
            log.warning("progress.untold", run=task_id, code=error.code)

    return tell
