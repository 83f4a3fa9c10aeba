"""Databases that fail: locked, full, damaged, not ours, too new; and transactions that hold."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, update

from regrow import settings, wiring
from regrow.kit import errors
from regrow.store import database, migrate
from regrow.store.tables import everything
from regrow.store.tables.workspaces import WorkspaceSettings
from regrow.wiring import Home
from tests.homes import Tenant


def _file(home: Home) -> Path:
    return Path(home.settings.url.removeprefix("sqlite:///"))


def test_the_migrations_give_what_the_tables_say(home: Home) -> None:
    with home.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [each for each in compare_metadata(context, everything.metadata) if _is_ours(each)]
    assert differences == []


def _is_ours(difference: object) -> bool:
    return "datasource_outputs" not in str(difference) and "dbos" not in str(difference)


def test_migrating_again_changes_nothing(home: Home) -> None:
    assert migrate.is_current(home.engine)
    wiring.migrate_database(home.settings)
    assert migrate.is_current(home.engine)


def test_a_database_of_a_newer_regrow_is_left_alone(home: Home) -> None:
    owner = database.engine(home.settings.owner_database_url.get_secret_value() or home.settings.url, 2)
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    owner.dispose()
    with pytest.raises(errors.Conflict) as caught:
        wiring.open_home(home.settings)
    assert caught.value.code == "newer_database"
    assert "newer Regrow" in caught.value.detail


def test_what_only_grows_cannot_be_changed(alice: Tenant) -> None:
    for statement in ("UPDATE audit_rows SET action = 'x'", "DELETE FROM audit_rows"):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"):
            alice.raw(statement)


def test_counting_up_from_many_threads_loses_nothing(alice: Tenant) -> None:
    def count() -> None:
        for _ in range(25):
            with alice.writing() as session:
                session.execute(update(WorkspaceSettings).values(version=WorkspaceSettings.version + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with alice.reading() as session:
        assert session.scalars(select(WorkspaceSettings.version)).one() == 201


def test_a_reader_does_not_wait_for_a_writer(alice: Tenant) -> None:
    with alice.writing() as writing:
        writing.execute(update(WorkspaceSettings).values(version=7))
        with alice.reading() as reading:
            assert reading.scalars(select(WorkspaceSettings.version)).one() == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("database is locked", "database_locked"),
        ("database or disk is full", "disk_full"),
        ("attempt to write a readonly database", "not_writable"),
        ("unable to open database file", "not_writable"),
        ("database disk image is malformed", "database_damaged"),
        ("file is not a database", "database_damaged"),
        ("FATAL: sorry, too many clients already", "busy"),
        ("connection refused", "database_away"),
    ],
)
def test_failures_are_told_in_words(text: str, code: str) -> None:
    told = database.told(sa.exc.OperationalError("SELECT secret", {"p": "secret"}, sqlite3.OperationalError(text)))
    assert isinstance(told, errors.Unavailable)
    assert told.code == code
    assert "secret" not in told.detail


class TestSqliteFiles:
    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_replacing_does_not_walk_around_what_only_grows(self, alice: Tenant) -> None:
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), alice.home.engine.begin() as connection:
            connection.exec_driver_sql("INSERT OR REPLACE INTO audit_rows SELECT * FROM audit_rows")

    def test_a_locked_database_is_told_and_nothing_is_lost(
        self, alice: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(database, "PRAGMAS", ("journal_mode=WAL", "busy_timeout=20"))
        impatient = wiring.open_home(alice.home.settings)
        other = sqlite3.connect(_file(alice.home), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.Unavailable) as caught, impatient.writing(alice.id) as session:
            session.execute(update(WorkspaceSettings).values(version=3))
        assert caught.value.code == "database_locked"
        other.execute("ROLLBACK")
        other.close()
        with impatient.writing(alice.id) as session:
            session.execute(update(WorkspaceSettings).values(version=3))
        impatient.close()
        with alice.reading() as session:
            assert session.scalars(select(WorkspaceSettings.version)).one() == 3

    def test_a_full_disk_is_told_and_leaves_nothing_half_done(self, alice: Tenant) -> None:
        with alice.home.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        def fill() -> None:
            with alice.writing() as session:
                session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
                session.execute(update(WorkspaceSettings).values(values={"filler": "x" * 5_000_000}))

        with pytest.raises(errors.Unavailable) as caught:
            fill()
        assert caught.value.code == "disk_full"
        with alice.reading() as session:
            assert session.scalars(select(WorkspaceSettings.values)).one() == {}

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "regrow.sqlite").write_text("hello, I am a text file" * 100)
        with pytest.raises(errors.Unavailable) as caught:
            wiring.open_home(settings.Settings(home=tmp_path))
        assert caught.value.code == "database_damaged"

    def test_no_home_says_what_to_run(self, tmp_path: Path) -> None:
        with pytest.raises(errors.NotFound, match="regrow init"):
            wiring.open_home(settings.Settings(home=tmp_path / "nowhere"))

    def test_a_home_that_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "home").write_text("")
        with pytest.raises(errors.Invalid, match="is a file"):
            wiring.create_home(settings.Settings(home=tmp_path / "home"))


def test_revisions_are_numbered_and_follow_one_another() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    settings = Config()
    settings.set_main_option("script_location", str(migrate.MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(settings)
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == migrate.revisions()
