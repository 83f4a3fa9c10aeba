"""What `regrow doctor` looks at: one function per check, each says ok, warning or failure and what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from regrow.kit import clock, errors

if TYPE_CHECKING:
    from regrow.settings import Settings
    from regrow.store.tables.keys import ApiKey
    from regrow.wiring import Home

OLDEST_PYTHON = (3, 11)
OK, WARNING, FAILURE = "ok", "warning", "failure"
LITTLE_BYTES, SCARCE_BYTES = 2_000_000_000, 200_000_000
STUCK = timedelta(minutes=15)
SOON = timedelta(days=14)
SKEW = timedelta(seconds=60)
ADDRESS = ("127.0.0.1", 8000)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    status: str
    message: str


def python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if tuple(sys.version_info[:2]) < OLDEST_PYTHON:
        return Check("python", FAILURE, f"{version} is too old: install Python 3.11 or newer")
    return Check("python", OK, version)


def writable(settings: Settings) -> Check:
    home = settings.home
    if not home.is_dir():
        status = FAILURE if settings.is_sqlite else OK
        return Check("home", status, f"there is no folder {home}: run regrow init, or name another with --home")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Check("home", FAILURE, f"{home} cannot be written: check its permissions")
    mode = home.stat().st_mode & 0o077
    if mode:
        return Check("home", WARNING, f"{home} can be entered by others: chmod 700 {home}")
    return Check("home", OK, str(home.absolute()))


def disk(settings: Settings) -> Check:
    there = next(place for place in (settings.home.absolute(), *settings.home.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    words = f"{free / 1e9:.1f} GB free"
    if free < SCARCE_BYTES:
        return Check("disk", FAILURE, f"{words}: free some space before Regrow runs into the end")
    return Check("disk", WARNING if free < LITTLE_BYTES else OK, words)


def models(settings: Settings) -> Check:
    """Parses the candidates and reads the price lists; calls nobody."""
    from regrow import wiring

    try:
        wiring.make_writer(settings)
    except errors.RegrowError as error:
        return Check("models", FAILURE, error.detail)
    if not settings.models.strip():
        return Check("models", OK, "the offline writer; REGROW_MODELS names model providers")
    return Check("models", OK, settings.models)


def address() -> Check:
    with socket.socket() as probe:
        probe.settimeout(1)
        is_taken = probe.connect_ex(ADDRESS) == 0
    shown = f"http://{ADDRESS[0]}:{ADDRESS[1]}"
    return Check("address", OK, f"{shown} {'is answered by a server' if is_taken else 'is free for regrow serve'}")


def migrated(home: Home) -> Check:
    from regrow.store import migrate

    if migrate.is_current(home.engine):
        return Check("migrations", OK, f"current ({migrate.newest()})")
    return Check("migrations", FAILURE, "the database is not up to date: run regrow migrate")


def durable(home: Home) -> Check:
    """Whether the durable engine's tables are there; on SQLite the first run makes them."""
    from regrow.store import database

    if not home.settings.is_sqlite:
        with home.engine.connect() as connection:
            is_there = connection.dialect.has_table(connection, "workflow_status", schema="dbos")
        if is_there:
            return Check("durable engine", OK, "its tables are there")
        return Check("durable engine", FAILURE, "its tables are missing: run regrow migrate")
    if not Path(home.settings.system_url.removeprefix("sqlite:///")).exists():
        return Check("durable engine", OK, "its tables are made by the first run")
    made = database.system_engine(home.settings.system_url, 2)
    try:
        with database.telling(), made.connect() as connection:
            is_there = connection.dialect.has_table(connection, "workflow_status")
    except errors.RegrowError as error:
        return Check("durable engine", FAILURE, error.detail)
    finally:
        made.dispose()
    return Check("durable engine", OK if is_there else WARNING, "its tables are there" if is_there else "not made yet")


def worker(home: Home) -> Check:
    if has_worker(home):
        return Check("worker", OK, "one is alive")
    if home.settings.is_sqlite:
        return Check("worker", OK, "none runs now: commands do their own work; regrow serve or worker keeps one up")
    return Check("worker", WARNING, "none is alive: start regrow worker or regrow serve, or what is asked for waits")


def has_worker(home: Home) -> bool:
    """Whether some process does the work of this home."""
    from regrow.store import executors, tenancy

    if not home.settings.is_sqlite:
        oldest = clock.now() - timedelta(seconds=home.settings.lease_seconds)
        with tenancy.system(), home.reading(tenancy.SYSTEM) as session:
            return any(each.seen_at > oldest for each in executors.alive(session))
    file = home.settings.home / "lock"
    if not file.exists():
        return False
    with file.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def queue(home: Home) -> Check:
    from regrow.store import runs

    now = clock.now()
    waiting = stuck = 0
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            rows = runs.unfinished(session, now)
        waiting += len(rows)
        stuck += sum(clock.aware(row.created_at) < now - STUCK for row in rows)
    if stuck and not has_worker(home):
        return Check("queue", WARNING, f"{stuck} runs wait since over 15 minutes and nobody works: start regrow worker")
    if stuck:
        return Check("queue", WARNING, f"{stuck} of {waiting} runs are older than 15 minutes: see regrow progress")
    return Check("queue", OK, f"{waiting} unfinished")


def time_is_sane(home: Home) -> Check:
    """A newest row from the future means that this clock, or the one that wrote it, is wrong."""
    from regrow.store import audit

    ahead = timedelta(0)
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            newest = audit.page(session, 1).items
        if newest:
            ahead = max(ahead, clock.aware(newest[0].at) - clock.now())
    if ahead > SKEW:
        return Check("clock", FAILURE, f"the newest row lies {ahead} in the future: set this machine's clock")
    return Check("clock", OK, clock.iso(clock.now()))


def keys(home: Home) -> Iterator[Check]:
    """One check per workspace: is there a key that works, and for how long."""
    from regrow.store import records
    from regrow.store.tables.keys import ApiKey

    everyone = home.everyone()
    if not everyone:
        yield Check("workspaces", FAILURE, "there is none: run regrow init")
    for workspace in everyone:
        with home.reading(workspace.id) as session:
            rows = records.page(session, ApiKey, 500, has_archived=True, revoked_at=None).items
        yield _keys_of(workspace.slug, [row for row in rows if not _ended(row)])


def _ended(row: ApiKey) -> bool:
    return row.expires_at is not None and clock.aware(row.expires_at) <= clock.now()


def _keys_of(slug: str, rows: list[ApiKey]) -> Check:
    name = f"keys of {slug}"
    if not rows:
        return Check(name, WARNING, f"none works: regrow --workspace {slug} keys create NAME --role owner")
    soon = [row.name for row in rows if row.expires_at and clock.aware(row.expires_at) < clock.now() + SOON]
    if soon:
        return Check(name, WARNING, f"{len(rows)} work, and soon expire: {', '.join(soon[:5])}")
    return Check(name, OK, f"{len(rows)} work")


OF_THE_HOME: tuple[Callable[[Home], Check], ...] = (
    migrated,
    durable,
    worker,
    queue,
    time_is_sane,
)
