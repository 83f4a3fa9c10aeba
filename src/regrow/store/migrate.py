"""Brings a database to the newest schema, on a connection of its owner."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from regrow.kit import errors


def upgrade(owner: sa.Engine, application_role: str | None = None) -> None:
    """Runs what is missing, in one transaction; grants `application_role` its rights on PostgreSQL."""
    with owner.connect() as connection:
        refuse_newer(connection)
        settings = _config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        if application_role and connection.dialect.name == "postgresql":
            _grant(connection, application_role)
        connection.commit()


def is_current(made: sa.Engine) -> bool:
    with made.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


def newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def refuse_newer(connection: sa.Connection) -> None:
    """Conflict when a newer Regrow wrote this database: running on would damage it."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return
    try:
        ScriptDirectory.from_config(_config()).get_revision(current)
    except CommandError:
        raise errors.Conflict(
            f"this database was made by a newer Regrow (schema {current}): update Regrow, or use another home",
            "newer_database",
        ) from None


def _config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("path_separator", "os")
    return made


def _grant(connection: sa.Connection, role: str) -> None:
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    connection.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}")
