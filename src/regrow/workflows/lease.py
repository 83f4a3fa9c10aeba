"""Executors on PostgreSQL: each beats on the database's clock, and one leader takes over from those that stopped."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import structlog

from regrow.kit import errors
from regrow.store import database, executors, tenancy
from regrow.workflows import runtime, starting

log = structlog.get_logger()


class Lease:
    """Beats in a thread of its own until `stop`; `on_lost` is called when others declared this executor dead."""

    def __init__(
        self, made: database.Engine, executor_id: str, seconds: float, on_lost: Callable[[], None] | None = None
    ) -> None:
        self._engine = made
        self._id = executor_id
        self._seconds = seconds
        self._on_lost = on_lost or _leave
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def start(self) -> None:
        with tenancy.system(), database.writing(self._engine) as session:
            executors.register(session, self._id)
        self._thread.start()

    def stop(self) -> None:
        """Ends the beat and signs off, so that nobody waits for the lease to run out."""
        self._stop.set()
        self._thread.join(timeout=self._seconds)
        with tenancy.system(), database.writing(self._engine) as session:
            executors.sign_off(session, self._id)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds / 4):
            try:
                if not self._beat():
                    self._on_lost()
                    return
                self._lead()
            except errors.Unavailable as error:
                log.warning("lease.beat_failed", executor=self._id, reason=error.detail)

    def _beat(self) -> bool:
        with tenancy.system(), database.writing(self._engine) as session:
            return executors.beat(session, self._id)

    def _lead(self) -> None:
        with executors.leading(self._engine) as is_leader:
            if not is_leader:
                return
            with tenancy.system(), database.writing(self._engine) as session:
                dead = executors.declare_dead(session, self._seconds)
            for executor_id in dead:
                if runtime.recover([executor_id]) == 0:
                    with tenancy.system(), database.writing(self._engine) as session:
                        executors.bury(session, executor_id)
                log.warning("executor.recovered", executor=executor_id)
            starting.sweep(self._engine)


def _leave() -> None:
    """A worker that others declared dead must not go on: its runs are theirs now."""
    log.error("executor.declared_dead", action="leaving; the runs go on elsewhere")
    os._exit(75)
