"""Brings a database to the newest schema, on a connection of its owner."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from regrow.kit import errors

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_361_410
"""The PostgreSQL advisory lock that keeps two owners from migrating at once."""
APPLIED = sa.table("alembic_version", sa.column("version_num"))


def upgrade(owner: sa.Engine, application_role: str | None = None) -> None:
    """Runs what is missing, in one transaction; grants `application_role` its rights on PostgreSQL."""
    with owner.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        if not is_at_newest(connection):
            _run(connection)
        if application_role and connection.dialect.name == "postgresql":
            _grant(connection, application_role)
        connection.commit()


def is_current(made: sa.Engine) -> bool:
    with made.connect() as connection:
        return is_at_newest(connection)


def refuse_old(made: sa.Engine) -> None:
    """Unavailable until somebody has migrated the database as its owner."""
    if not is_current(made):
        raise errors.Unavailable("the database is not up to date: run regrow migrate", "not_migrated", None, True)


def is_at_newest(connection: sa.Connection) -> bool:
    """Conflict when a newer Regrow wrote this database: running on would damage it."""
    applied = _applied(connection)
    known = revisions()
    if applied is not None and applied not in known:
        raise errors.Conflict(
            f"this database was made by a newer Regrow (schema {applied}): update Regrow, or use another home",
            "newer_database",
        )
    return applied == known[-1]


def revisions() -> list[str]:
    """All schema changes this Regrow knows, oldest first; the file names carry their numbers."""
    return sorted(file.name[1:5] for file in (MIGRATIONS / "versions").glob("m[0-9][0-9][0-9][0-9]_*.py"))


def newest() -> str:
    return revisions()[-1]


def _applied(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(APPLIED.name):
        return None
    return connection.scalar(sa.select(APPLIED.c.version_num))


def _run(connection: sa.Connection) -> None:
    # Imported only here: most starts have nothing to migrate, and Alembic takes long to load.
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def _grant(connection: sa.Connection, role: str) -> None:
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    connection.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}")
