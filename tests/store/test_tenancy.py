"""Both tenancy locks, tried as a stranger."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, delete, exists, func, insert, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from regrow.kit import clock, ids
from regrow.store import database, tenancy
from regrow.store.tables import everything
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.personas import Persona
from regrow.store.tables.workspaces import Workspace
from tests.homes import Tenant


def _row(**more: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": ids.new("cam"),
        "name": "spring",
        "description": "",
        "version": 1,
        "created_at": now,
        "updated_at": now,
        **more,
    }


@pytest.fixture
def campaign(alice: Tenant) -> str:
    row = _row()
    with alice.writing() as session:
        session.add(Campaign(**row))
    return str(row["id"])


def _recursive() -> Any:
    start = select(Campaign.id).where(Campaign.version == 1).cte("walk", recursive=True)
    walk = start.union(select(Campaign.id).join(start, Campaign.id == start.c.id))
    return select(Campaign.id).join(walk, walk.c.id == Campaign.id)


READS = {
    "entity": lambda: select(Campaign.id),
    "alias": lambda: select(aliased(Campaign).id),
    "count": lambda: select(func.count(Campaign.id)).having(func.count(Campaign.id) > 0),
    "exists": lambda: select(Workspace.id).where(exists().where(Campaign.name == "spring")),
    "subquery": lambda: select(Campaign.id).join(select(Campaign.id).subquery("inner"), sa.true()),
    "union": lambda: select(Campaign).from_statement(union_all(select(Campaign), select(Campaign))),
    "recursive": _recursive,
    "scalar subquery": lambda: select(select(Campaign.name).limit(1).scalar_subquery()).where(
        select(Campaign.name).limit(1).scalar_subquery().is_not(None)
    ),
}


@pytest.mark.parametrize("kind", READS)
def test_a_stranger_reads_nothing(kind: str, alice: Tenant, charlie: Tenant, campaign: str) -> None:
    try:
        with charlie.reading() as session:
            found = list(session.execute(READS[kind]()))
    except tenancy.Unscoped:
        found = []
    assert found == []


@pytest.mark.parametrize("kind", ["entity", "alias", "union", "recursive", "count"])
def test_the_owner_reads_their_own(kind: str, alice: Tenant, campaign: str) -> None:
    with alice.reading() as session:
        assert session.execute(READS[kind]()).first() is not None


def test_a_stranger_changes_and_removes_nothing(alice: Tenant, charlie: Tenant, campaign: str) -> None:
    with charlie.writing() as session:
        session.execute(update(Campaign).values(name="mine"))
        session.execute(delete(Campaign))
        assert session.get(Campaign, campaign) is None
    with alice.reading() as session:
        assert session.scalars(select(Campaign.name)).all() == ["spring"]


def _by_key(campaign: str) -> list[dict[str, Any]]:
    return [{"id": campaign, "name": "taken"}]


@pytest.mark.parametrize("strategy", ["auto", "bulk", "core_only", "orm"])
def test_a_stranger_changes_nothing_by_key_either(strategy: str, alice: Tenant, charlie: Tenant, campaign: str) -> None:
    statement = update(Campaign).execution_options(dml_strategy=strategy, synchronize_session=False)
    if strategy == "orm":
        with charlie.writing() as session:
            session.execute(statement.where(Campaign.id == bindparam("key")), [{"key": campaign, "name": "taken"}])
    else:
        with pytest.raises(tenancy.Unscoped), charlie.writing() as session:
            session.execute(statement, _by_key(campaign))
    with alice.reading() as session:
        assert session.scalars(select(Campaign.name)).all() == ["spring"]


def test_a_row_of_another_workspace_is_refused(alice: Tenant, charlie: Tenant) -> None:
    foreign = _row(workspace_id=alice.id)
    with pytest.raises(tenancy.Unscoped), charlie.writing() as session:
        session.add(Campaign(**foreign))
    with pytest.raises(tenancy.Unscoped), charlie.writing() as session:
        session.execute(insert(Campaign), [foreign])
    with pytest.raises(tenancy.Unscoped), charlie.writing() as session:
        session.execute(insert(Campaign).values(**foreign))


def test_bulk_rows_are_stamped(alice: Tenant) -> None:
    with alice.writing() as session:
        session.execute(insert(Campaign), [_row(), _row()])
    with alice.reading() as session:
        assert set(session.scalars(select(Campaign.workspace_id))) == {alice.id}


def test_an_upsert_cannot_touch_a_strangers_row(alice: Tenant, charlie: Tenant, campaign: str) -> None:
    dialect = sqlite if alice.home.settings.is_sqlite else postgresql
    upsert: Any = dialect.insert(Campaign)
    taking = upsert.on_conflict_do_update(index_elements=["id"], set_={"name": "taken"})
    with pytest.raises(tenancy.Unscoped), charlie.writing() as session:
        session.execute(taking, [_row(id=campaign)])
    with alice.reading() as session:
        assert session.scalars(select(Campaign.name)).all() == ["spring"]


@pytest.mark.parametrize(
    "statement",
    [
        sa.text("SELECT id FROM campaigns"),
        select(Campaign.__table__.c.id),
        sa.text("UPDATE campaigns SET name = 'x'"),
        sa.insert(Campaign.__table__),
        sa.delete(Campaign.__table__),
    ],
    ids=["text", "core select", "text update", "core insert", "core delete"],
)
def test_what_the_lock_cannot_narrow_is_refused(statement: Any, alice: Tenant) -> None:
    with pytest.raises(tenancy.Unscoped), alice.writing() as session:
        session.execute(statement)


def test_no_workspace_means_no_statement(alice: Tenant) -> None:
    with pytest.raises(tenancy.Unscoped), database.reading(alice.home.engine) as session:
        session.scalars(select(Campaign)).all()


def test_a_system_session_sees_the_register_only(alice: Tenant) -> None:
    with tenancy.system(), database.reading(alice.home.engine) as session:
        assert session.scalars(select(Workspace.id)).all() == [alice.id]
        for table in everything.scoped():
            with pytest.raises(tenancy.Unscoped):
                session.execute(select(table))


def test_the_bulk_methods_are_closed(alice: Tenant) -> None:
    with alice.writing() as session, pytest.raises(tenancy.Unscoped):
        session.bulk_save_objects([Campaign(**_row())])


def test_unscoped_tables_are_those_we_know() -> None:
    scoped = {table.__tablename__ for table in everything.scoped()}  # type: ignore[attr-defined]
    assert set(everything.metadata.tables) - scoped == {"workspaces", "executors"}


@pytest.mark.postgres
class TestTheSecondLock:
    """PostgreSQL itself refuses, whatever the first lock lets through."""

    @pytest.fixture
    def database_kind(self) -> str:
        from tests import conftest

        conftest.require_postgres()
        return "postgres"

    def test_every_scoped_table_has_a_forced_policy(self, alice: Tenant) -> None:
        wanted = {table.__tablename__ for table in everything.scoped()}  # type: ignore[attr-defined]
        with alice.home.engine.connect() as connection:
            forced = connection.scalars(
                sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            )
            held = set(forced)
            policies = set(connection.scalars(sa.text("SELECT tablename FROM pg_policies")))
        assert wanted <= held
        assert wanted <= policies

    def test_raw_sql_sees_nothing_without_a_workspace(self, alice: Tenant, campaign: str) -> None:
        with alice.home.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM campaigns")) == 0

    def test_raw_sql_sees_only_the_workspace_entered(self, alice: Tenant, charlie: Tenant, campaign: str) -> None:
        with alice.home.engine.begin() as connection:
            connection.execute(sa.text("SELECT set_config('app.workspace_id', :w, true)"), {"w": charlie.id})
            assert connection.scalar(sa.text("SELECT count(*) FROM campaigns")) == 0
            assert connection.execute(sa.text("UPDATE campaigns SET name = 'x'")).rowcount == 0
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                connection.execute(
                    sa.text(
                        "INSERT INTO used_seeds (note_id, generation_id, at, workspace_id) VALUES ('n','g',now(),:w)"
                    ),
                    {"w": alice.id},
                )

    def test_the_owner_role_is_bound_too(self, alice: Tenant, campaign: str) -> None:
        owner = database.engine(alice.home.settings.owner_database_url.get_secret_value(), 2)
        with owner.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM campaigns")) == 0
        owner.dispose()

    def test_the_application_role_may_not_truncate_or_alter(self, alice: Tenant) -> None:
        for statement in (
            "TRUNCATE campaigns",
            "ALTER TABLE campaigns DISABLE ROW LEVEL SECURITY",
            "DROP TABLE campaigns",
        ):
            with alice.home.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError):
                connection.execute(sa.text(statement))


def test_the_workspace_cannot_be_changed_by_an_update(alice: Tenant, charlie: Tenant, campaign: str) -> None:
    with pytest.raises((tenancy.Unscoped, sa.exc.DBAPIError)), alice.writing() as session:
        session.execute(update(Campaign).values(workspace_id=charlie.id))
    with charlie.reading() as session:
        assert session.scalars(select(Campaign.id)).all() == []


def test_a_default_persona_comes_with_each_workspace(alice: Tenant, charlie: Tenant) -> None:
    with alice.reading() as session:
        assert len(session.scalars(select(Persona)).all()) == 1
