"""Keeping durable work going: a heartbeat, the recovery of workers that died, and runs that nobody started."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import structlog

from regrow.kit import errors
from regrow.store import database, executors, tenancy
from regrow.workflows import runtime, schedules, starting

log = structlog.get_logger()

SWEEP_SECONDS = 10.0
TIDY_TURNS = 360


class Keeper:
    """A thread that takes a turn every so often until `stop`; one bad turn is told and does not end it."""

    def __init__(self, made: database.Engine, pause_seconds: float = SWEEP_SECONDS) -> None:
        self.engine = made
        self._pause_seconds = pause_seconds
        self._stop = threading.Event()
        self.is_draining = False
        self._turns = 0
        self._thread = threading.Thread(target=self._run, args=(self.turn,), name="keeper", daemon=True)

    def enlist(self) -> None:
        """Before the launch, so that nobody works who is not watched over; there is nothing to enlist in on SQLite."""

    def start(self) -> None:
        self._thread.start()

    def drain(self) -> None:
        """Starts and takes over nothing more; a lease goes on beating until `stop`."""
        self.is_draining = True

    def stop(self) -> None:
        self._stop.set()
        _joined(self._thread)

    def turn(self) -> None:
        """On SQLite there is one process, and the home's lock watches over it: only lost runs are looked for."""
        if self.is_draining:
            return
        starting.sweep(self.engine)
        schedules.tick(self.engine)
        self._turns += 1
        if self._turns % TIDY_TURNS == 0:
            database.tidy(self.engine)

    def _run(self, turn: Callable[[], None]) -> None:
        while not self._stop.wait(self._pause_seconds):
            try:
                turn()
            except errors.Unavailable as error:
                log.warning("keeper.turn_failed", reason=error.detail)
            except Exception:
                log.exception("keeper.turn_failed")


class Lease(Keeper):
    """On PostgreSQL each executor beats on the database's clock, and one leader takes over from those that stopped.

    The connections are the lease's own: a beat must not wait until busy runs give one back. `on_lost` is called when
    others declared this executor dead: its runs are theirs now.
    """

    def __init__(
        self, made: database.Engine, executor_id: str, seconds: float, on_lost: Callable[[], None] | None = None
    ) -> None:
        pause_seconds = min(seconds / 4, SWEEP_SECONDS)
        super().__init__(database.engine(made.url.render_as_string(hide_password=False), 3), pause_seconds)
        self._id = executor_id
        self._seconds = seconds
        self._on_lost = on_lost or _leave
        self._beating_since = self._last_beat = time.monotonic()
        self._beats = threading.Thread(target=self._run, args=(self._beat,), name="lease", daemon=True)

    def enlist(self) -> None:
        with tenancy.system(), database.writing(self.engine) as session:
            executors.register(session, self._id, self._seconds)
        self._beats.start()

    def stop(self) -> None:
        """Signs off too, so that nobody waits for the lease to run out; its connections are given back either way."""
        super().stop()
        _joined(self._beats)
        try:
            with tenancy.system(), database.writing(self.engine) as session:
                executors.sign_off(session, self._id)
        finally:
            self.engine.dispose()

    def turn(self) -> None:
        """What is due goes out from the first turn on, however long a lease is; only calling others dead waits."""
        if self.is_draining:
            return
        with executors.leading(self.engine) as is_leader:
            if is_leader and self._may_judge():
                self._lead()
            if is_leader:
                schedules.tick(self.engine)

    def _beat(self) -> None:
        """In a thread of its own: a long turn at leading must not stop the beat."""
        with tenancy.system(), database.writing(self.engine) as session:
            is_alive = executors.beat(session, self._id)
        now = time.monotonic()
        if now - self._last_beat > self._seconds:
            self._beating_since = now
        self._last_beat = now
        if not is_alive:
            self._on_lost()

    def _may_judge(self) -> bool:
        """After an outage all look silent: who just came back waits a whole lease before calling others dead."""
        now = time.monotonic()
        return now - self._last_beat <= self._seconds <= now - self._beating_since

    def _lead(self) -> None:
        holders = runtime.holders()
        with tenancy.system(), database.writing(self.engine) as session:
            dead = executors.declare_dead(session)
            alive = {row.id for row in executors.alive(session)}
        # One that woke up after it was buried may have taken a run before it noticed.
        for executor_id in dict.fromkeys((*dead, *sorted(holders - alive))):
            left = runtime.recover([executor_id])
            log.warning("executor.recovered", executor=executor_id, left=left)
            if left == 0:
                with tenancy.system(), database.writing(self.engine) as session:
                    executors.bury(session, executor_id)
        starting.sweep(self.engine)


def _joined(thread: threading.Thread) -> None:
    """Waits for a thread, if it was ever started."""
    if thread.ident is not None:
        thread.join(timeout=30)


def _leave() -> None:
    log.error("executor.declared_dead", action="leaving; the runs go on elsewhere")
    os._exit(75)
