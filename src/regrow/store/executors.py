"""Executors: their heartbeat on the database's own clock, and who leads the recovery."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select, update

from regrow.store import database
from regrow.store.tables.executors import Executor
from regrow.store.tenancy import Session

NOW: Any = func.clock_timestamp(type_=Executor.seen_at.type)
LEADER_LOCK = 7_361_409
"""The PostgreSQL advisory lock that the leader holds."""


def register(session: Session, id: str, lease_seconds: float) -> None:
    row = Executor(id=id, host=socket.gethostname()[:200], lease_seconds=lease_seconds, state="alive")
    row.started_at = row.seen_at = NOW
    session.add(row)


def beat(session: Session, id: str) -> bool:
    """Notes that this executor lives; False when others have declared it dead."""
    done = session.execute(update(Executor).where(Executor.id == id, Executor.state == "alive").values(seen_at=NOW))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def sign_off(session: Session, id: str) -> None:
    """An executor that stops may leave unfinished runs: whoever leads looks after them at once."""
    session.execute(update(Executor).where(Executor.id == id, Executor.state == "alive").values(state="dead"))


def declare_dead(session: Session) -> list[str]:
    """Marks executors silent for longer than their own lease; gives back all whose runs are still to be recovered."""
    silence = NOW - Executor.seen_at
    is_silent = func.extract("epoch", silence) > Executor.lease_seconds
    session.execute(update(Executor).where(Executor.state == "alive", is_silent).values(state="dead"))
    return list(session.scalars(select(Executor.id).where(Executor.state == "dead").order_by(Executor.id)))


def bury(session: Session, id: str) -> None:
    session.execute(update(Executor).where(Executor.id == id).values(state="done"))


def alive(session: Session) -> list[Executor]:
    return list(session.scalars(select(Executor).where(Executor.state == "alive").order_by(Executor.id)))


@contextmanager
def leading(made: sa.Engine) -> Iterator[bool]:
    """True inside for at most one process at a time; the lock falls with the connection."""
    with database.telling(), made.connect() as connection:
        is_leader = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LEADER_LOCK}))
        connection.commit()
        try:
            yield is_leader
        finally:
            if is_leader:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": LEADER_LOCK})
                connection.commit()
