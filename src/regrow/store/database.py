"""Engines and transactions, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import sessionmaker

from regrow.kit import errors
from regrow.store.tenancy import Session

PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "busy_timeout=30000",
    "synchronous=NORMAL",
    "temp_store=MEMORY",
)
READ, STEPS, TURN = "regrow_read", "regrow_steps", "regrow_turn"
TURN_SECONDS = 30
Engine = sa.Engine
Sessions = sessionmaker[Session]


def engine(url: str, pool: int = 20) -> sa.Engine:
    """An engine whose write transactions cannot deadlock by upgrading from a read."""
    if url.startswith("sqlite"):
        made = sa.create_engine(url, pool_size=pool, max_overflow=0, pool_timeout=30, hide_parameters=True)
        event.listen(made, "connect", _prepare_sqlite)
        _take_turns(made)
        return made
    return sa.create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
    )


def system_engine(url: str, pool: int = 20) -> sa.Engine:
    """For the durable engine's own tables on SQLite: it begins by itself, so the driver must do it."""
    made = sa.create_engine(url, pool_size=pool, max_overflow=0, pool_timeout=60, hide_parameters=True)
    event.listen(made, "connect", _prepare_system_sqlite)
    return made


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_system_sqlite(connection: Any, record: Any) -> None:
    _prepare_sqlite(connection, record)
    connection.isolation_level = "IMMEDIATE"


def _take_turns(made: sa.Engine) -> None:
    """Writers of one process queue for the write lock: SQLite itself makes them sleep, longer and longer, and look."""
    turn = threading.Lock()

    def begin(connection: sa.Connection) -> None:
        if not _is_write(connection.get_execution_options()):
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get(TURN):
            # A turn that does not come is left to SQLite, which then says that the database is locked.
            connection.info[TURN] = turn.acquire(timeout=TURN_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def checked_in(_connection: Any, record: Any) -> None:
        if record.info.pop(TURN, False):
            turn.release()

    event.listen(made, "begin", begin)
    event.listen(made, "checkin", checked_in)


def _is_write(options: Mapping[str, Any]) -> bool:
    if options.get(STEPS):
        return "isolation_level" in options
    return not options.get(READ)


def for_steps(made: sa.Engine) -> sa.Engine:
    """For the durable engine: it names an isolation level where it writes, and else only looks what it has recorded."""
    return made.execution_options(**{STEPS: True})


def tidy(made: sa.Engine) -> None:
    """Lets SQLite look at its tables, so that it picks the right index; PostgreSQL does so by itself."""
    if made.dialect.name != "sqlite":
        return
    with telling(), made.connect() as connection:
        connection.exec_driver_sql("PRAGMA analysis_limit=400")
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def sessions(made: sa.Engine) -> sessionmaker[Session]:
    return sessionmaker(bind=made, class_=Session, expire_on_commit=False)


@contextmanager
def reading(made: sa.Engine, workspace_id: str | None = None) -> Iterator[Session]:
    """A transaction that only reads; the workspace is the one given or the one entered."""
    bound = made.execution_options(**{READ: True})
    with telling(), Session(bind=bound, workspace_id=workspace_id, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def writing(made: sa.Engine, workspace_id: str | None = None) -> Iterator[Session]:
    """A transaction that writes: all of it or nothing."""
    with telling(), Session(bind=made, workspace_id=workspace_id, expire_on_commit=False) as session, session.begin():
        yield session


def transaction_isolation(made: sa.Engine) -> str:
    """The level the durable engine must ask for: the one that we already run at."""
    return "READ COMMITTED" if made.dialect.name == "postgresql" else "SERIALIZABLE"


@contextmanager
def telling() -> Iterator[None]:
    """Turns database failures inside into errors that people can act on."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise errors.Unavailable("all database connections are in use: try again", "busy", 2) from error
    except sa.exc.DBAPIError as error:
        failure = told(error)
        if isinstance(failure, errors.Unavailable):
            raise failure from error
        raise


def told(error: sa.exc.DBAPIError) -> errors.RegrowError:
    """A database failure in words a person can act on; a Bug when it is none of the known ones."""
    text = str(error.orig).lower()
    for sign, detail, code in _SIGNS:
        if sign in text:
            return errors.Unavailable(detail, code, retry_after_seconds=2)
    return errors.Bug(f"the database refused a statement: {str(error.orig).splitlines()[0]}", "database_error")


_SIGNS = (
    ("could not obtain lock", "somebody else is at work on this: try again in a moment", "row_locked"),
    ("database is locked", "the database is locked by another program: close it or try again", "database_locked"),
    ("disk is full", "the disk is full: free some space, then try again; nothing was lost", "disk_full"),
    ("no space left", "the disk is full: free some space, then try again; nothing was lost", "disk_full"),
    ("readonly database", "the database cannot be written: check the home's permissions", "not_writable"),
    ("unable to open", "the database cannot be opened: check that the home exists and is writable", "not_writable"),
    ("disk i/o error", "the disk failed while writing: check it, then try again", "disk_failed"),
    ("malformed", "the database file is damaged: restore a backup", "database_damaged"),
    ("not a database", "the database file is no database: check REGROW_DATABASE_URL and the home", "database_damaged"),
    ("too many clients", "the database has no free connection: try again, or raise max_connections", "busy"),
    ("remaining connection slots", "the database has no free connection: try again, or raise max_connections", "busy"),
    ("could not connect", "the database does not answer: check that it runs and REGROW_DATABASE_URL", "database_away"),
    ("connection refused", "the database does not answer: check that it runs and REGROW_DATABASE_URL", "database_away"),
    ("connection failed", "the database does not answer: check that it runs and REGROW_DATABASE_URL", "database_away"),
    ("server closed the connection", "the database went away: try again", "database_away"),
    ("terminating connection", "the database went away: try again", "database_away"),
    ("does not exist", "the database is not set up: run regrow migrate", "not_migrated"),
    ("no such table", "the database is not set up: run regrow init", "not_migrated"),
    ("permission denied", "the database role may not do that: run regrow migrate as its owner", "not_migrated"),
)


def user_of(url: str) -> str | None:
    """The role that a database address names."""
    return sa.make_url(url).username
