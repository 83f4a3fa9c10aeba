"""Writing down what readers did: many marks in one transaction, each told when it is safely stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import structlog

from regrow.domain.visits import counting
from regrow.domain.visits.counting import Mark
from regrow.kit import clock, errors
from regrow.services import visits
from regrow.services.visits import Tally
from regrow.store.tenancy import Session

log = structlog.get_logger()

FLUSH_SECONDS = 1.0
AT_ONCE = 500
MOST_WAITING = 20_000
MOST_TALLIES = 50_000
STOP_SECONDS = 30.0

Writing = Callable[[str], AbstractContextManager[Session]]
Waiting = tuple[str, Mark, "Future[None]"]


@dataclass
class _Work:
    """What waits: marks, whose senders wait too, and tallies, for which nobody does."""

    marks: list[Waiting] = field(default_factory=list)
    tallies: dict[tuple[str, Tally], int] = field(default_factory=dict)

    def of(self, workspace_id: str) -> tuple[list[Waiting], dict[Tally, int]]:
        marks = [each for each in self.marks if each[0] == workspace_id]
        return marks, {tally: count for (id, tally), count in self.tallies.items() if id == workspace_id}

    def workspaces(self) -> list[str]:
        return sorted({id for id, _, _ in self.marks} | {id for id, _ in self.tallies})


class Recorder:
    """One thread that writes for all requests: the more come at once, the more share a transaction.

    A mark is stored when its future is done. Tallies follow within a second; those of the last one are lost when the
    process is killed, because no request for a page should wait for a write.
    """

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._work = _Work()
        self._ready = threading.Condition()
        self._is_closed = False
        self._is_writing = False
        self._flushed = time.monotonic()
        self._thread: threading.Thread | None = None

    def mark(self, workspace_id: str, mark: Mark) -> Future[None]:
        """Done when the mark is stored, or was found to be one that does not count; fails when it could not be."""
        done: Future[None] = Future()
        with self._ready:
            if self._is_closed or len(self._work.marks) >= MOST_WAITING:
                raise errors.Unavailable("too much is being written down: try again", "busy", 2)
            self._work.marks.append((workspace_id, mark, done))
            self._wake()
        return done

    def tally(self, workspace_id: str, piece_id: str, reason: str) -> None:
        """Notes that something was not counted."""
        key = (workspace_id, Tally(piece_id, counting.hour_of(clock.now()), reason))
        with self._ready:
            if self._is_closed or (len(self._work.tallies) >= MOST_TALLIES and key not in self._work.tallies):
                log.warning("visit.not_tallied", reason=reason)
                return
            self._work.tallies[key] = self._work.tallies.get(key, 0) + 1
            self._wake()

    def drain(self) -> None:
        """Waits until everything noted so far is written."""
        with self._ready:
            self._flushed = -FLUSH_SECONDS
            self._ready.notify_all()
            self._ready.wait_for(lambda: self._is_idle() or not self._is_alive(), STOP_SECONDS)

    def close(self) -> None:
        """Takes no more, and waits for what is still to be written."""
        with self._ready:
            self._is_closed = True
            self._ready.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="visits", daemon=True)
            self._thread.start()
        if self._work.marks:
            self._ready.notify_all()

    def _is_idle(self) -> bool:
        return not (self._work.marks or self._work.tallies or self._is_writing)

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_due(self) -> bool:
        is_time = time.monotonic() - self._flushed >= FLUSH_SECONDS
        return bool(self._work.marks or self._is_closed or (self._work.tallies and is_time))

    def _run(self) -> None:
        while (work := self._next()) is not None:
            for workspace_id in work.workspaces():
                self._write(workspace_id, *work.of(workspace_id))
            with self._ready:
                self._is_writing = False
                self._ready.notify_all()

    def _next(self) -> _Work | None:
        with self._ready:
            while not self._is_due():
                self._ready.wait(FLUSH_SECONDS)
            if self._is_closed and self._is_idle():
                return None
            waiting = self._work.marks
            work = _Work(waiting[:AT_ONCE], self._work.tallies)
            self._work = _Work(waiting[AT_ONCE:])
            self._is_writing, self._flushed = True, time.monotonic()
            return work

    def _write(self, workspace_id: str, marks: Sequence[Waiting], tallies: dict[Tally, int]) -> None:
        try:
            with self._writing(workspace_id) as session:
                visits.record(session, [mark for _, mark, _ in marks], tallies)
        except Exception as error:
            self._apart(workspace_id, marks, tallies, error)
            return
        for _, _, done in marks:
            done.set_result(None)

    def _apart(self, workspace_id: str, marks: Sequence[Waiting], tallies: dict[Tally, int], error: Exception) -> None:
        """One mark that cannot be written must not take the others with it; a lone one fails."""
        if len(marks) + bool(tallies) > 1:
            for each in marks:
                self._write(workspace_id, [each], {})
            self._write(workspace_id, [], tallies)
            return
        log.warning("visit.not_written", workspace=workspace_id, tallies=len(tallies), reason=type(error).__name__)
        for _, _, done in marks:
            done.set_exception(error)
