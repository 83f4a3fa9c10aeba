"""What the database itself refuses, asked in plain SQL by the application's own role: on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from regrow.domain.circuits.guardrails import OVER, RUNNING
from regrow.kit import clock, ids
from regrow.services import experiments
from regrow.store import content as content_store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.circuits import ContentVariantLineage as Lineage
from tests import circuits as lost
from tests import experiments as tested
from tests.homes import Tenant

EVENTS, LINEAGE = "content_regeneration_events", "content_variant_lineage"
COLUMNS = {
    EVENTS: "id workspace_id ab_test_id parent_variant_id new_variant_id new_variant_content status initiated_at "
    "completed_at duration_ms circuit_execution_id termination_reason confidence_score performance_delta "
    "cx08_approval_signal cx08_approved_at cx08_approved cx06_generation_result cx06_generated_at cx06_generated "
    "cx05_validation_result cx05_validation_score cx05_validated_at cx05_validation_passed failure_reason "
    "failure_details regeneration_instructions generated_by created_at",
    LINEAGE: "id workspace_id ab_test_id parent_variant_id child_variant_id depth regeneration_event_id is_active "
    "created_at",
}
ASKED = (
    "id workspace_id ab_test_id parent_variant_id initiated_at circuit_execution_id termination_reason "
    "confidence_score performance_delta regeneration_instructions generated_by created_at"
).split()


def event(alice: Tenant, made: tested.Begun, status: str = "initiated", **more: Any) -> str:
    row = {"id": ids.new("reg"), "ab_test_id": made.id, "parent_variant_id": made.variants["B"], "status": status}
    row |= {"circuit_execution_id": "cxe", "termination_reason": "r", "confidence_score": 0.97}
    row |= {"performance_delta": -0.2, "generated_by": "manual", "initiated_at": clock.now(), "created_at": clock.now()}
    if status == "registered":
        row |= {"new_variant_id": made.variants["A"], "completed_at": clock.now()}
    with alice.writing() as session:
        session.add(Event(**{**row, **more}))
    return str(row["id"])


def line(alice: Tenant, made: tested.Begun, event_id: str, depth: int = 1) -> str:
    row = {"id": ids.new("lin"), "ab_test_id": made.id, "parent_variant_id": made.variants["B"], "depth": depth}
    row |= {"child_variant_id": made.variants["A"], "regeneration_event_id": event_id, "is_active": True}
    with alice.writing() as session:
        session.add(Lineage(**row, created_at=clock.now()))
    return str(row["id"])


def refused(alice: Tenant, statement: str, because: str = "") -> bool:
    with pytest.raises(DBAPIError) as caught:
        alice.raw(statement)
    return because in str(caught.value.orig)


def one(alice: Tenant, what: str) -> Any:
    with alice.home.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT set_config('app.workspace_id', :w, true)"), {"w": alice.id})
        return connection.execute(sa.text(what)).scalar()


def winner(alice: Tenant) -> lost.Lost:
    """A test that is over: A won it, B lost it."""
    made = tested.begun(alice)
    test = lost.Lost(made.id, made.piece_id, made.variants, lost.decided(alice, made.id, made.variants["B"]))
    lost.decided(alice, made.id, made.variants["A"], "promote")
    return test


@pytest.mark.parametrize("table", COLUMNS)
def test_the_columns_are_those_of_the_contract(alice: Tenant, table: str) -> None:
    found = {column["name"] for column in sa.inspect(alice.home.engine).get_columns(table)}
    assert found == set(COLUMNS[table].split())


@pytest.mark.parametrize("status", [*RUNNING, *OVER])
def test_no_event_is_removed(alice: Tenant, status: str) -> None:
    event(alice, tested.begun(alice), status)
    assert refused(alice, f"DELETE FROM {EVENTS}", "kept as they were written")
    assert one(alice, f"SELECT count(*) FROM {EVENTS}") == 1


@pytest.mark.parametrize("column", ASKED)
def test_what_was_asked_for_is_never_rewritten(alice: Tenant, column: str) -> None:
    event(alice, tested.begun(alice))
    for value in (f"{column}", "NULL", "'x'" if column not in ("confidence_score", "performance_delta") else "0.99"):
        assert refused(alice, f"UPDATE {EVENTS} SET {column} = {value}")
    assert one(alice, f"SELECT {column} IS NULL FROM {EVENTS}") == (column == "regeneration_instructions")


def test_the_gates_fill_in_their_columns_while_it_runs(alice: Tenant) -> None:
    event(alice, tested.begun(alice))
    alice.raw(f"UPDATE {EVENTS} SET status = 'cx08_approved', cx08_approved = true, failure_reason = 'none'")
    assert one(alice, f"SELECT status FROM {EVENTS}") == "cx08_approved"


@pytest.mark.parametrize("status", OVER)
def test_nothing_of_an_event_that_ended_changes(alice: Tenant, status: str) -> None:
    event(alice, tested.begun(alice), status)
    for change in ("status = 'initiated'", "status = status", "failure_reason = 'x'", "cx05_validation_score = 0.99"):
        assert refused(alice, f"UPDATE {EVENTS} SET {change}", "never changed")
    assert one(alice, f"SELECT status FROM {EVENTS}") == status


def test_a_test_has_one_running_event(alice: Tenant) -> None:
    made, other = tested.begun(alice), tested.begun(alice)
    for status in OVER:
        event(alice, made, status)
    event(alice, made, "cx06_generated")
    event(alice, other)
    with pytest.raises(DBAPIError):
        event(alice, made, "initiated")
    assert one(alice, f"SELECT count(*) FROM {EVENTS}") == len(OVER) + 2


@pytest.mark.parametrize(
    ("status", "more"), [("done", {}), ("initiated", {"generated_by": "me"}), ("registered", {"new_variant_id": None})]
)
def test_an_event_is_in_a_state_that_there_is(alice: Tenant, status: str, more: dict[str, Any]) -> None:
    with pytest.raises(DBAPIError):
        event(alice, tested.begun(alice), status, **more)
    assert one(alice, f"SELECT count(*) FROM {EVENTS}") == 0


def test_of_a_lineage_row_only_its_activity_changes(alice: Tenant) -> None:
    made = tested.begun(alice)
    line(alice, made, event(alice, made, "registered"))
    columns = [column for column in COLUMNS[LINEAGE].split() if column != "is_active"]
    for column in columns:
        assert refused(alice, f"UPDATE {LINEAGE} SET {column} = {column}", "kept as they were written")
    assert refused(alice, f"DELETE FROM {LINEAGE}", "kept as they were written")
    alice.raw(f"UPDATE {LINEAGE} SET is_active = false")
    assert not one(alice, f"SELECT is_active FROM {LINEAGE}")


@pytest.mark.parametrize("depth", [0, 11, -1])
def test_a_lineage_is_one_to_ten_deep(alice: Tenant, depth: int) -> None:
    made = tested.begun(alice)
    event_id = event(alice, made, "registered")
    with pytest.raises(DBAPIError):
        line(alice, made, event_id, depth)
    line(alice, made, event_id, 10)
    assert one(alice, f"SELECT depth FROM {LINEAGE}") == 10


def test_a_child_is_told_once(alice: Tenant) -> None:
    made = tested.begun(alice)
    event_id = event(alice, made, "registered")
    line(alice, made, event_id)
    with pytest.raises(DBAPIError):
        line(alice, made, event_id)
    assert one(alice, f"SELECT count(*) FROM {LINEAGE}") == 1


@pytest.mark.parametrize("table", [EVENTS, LINEAGE])
def test_nothing_is_put_in_the_place_of_a_row_or_truncated(alice: Tenant, table: str) -> None:
    made = tested.begun(alice)
    line(alice, made, event(alice, made, "registered"))
    if alice.home.settings.is_sqlite:
        assert refused(alice, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        assert refused(alice, f"REPLACE INTO {table} SELECT * FROM {table}")
    else:
        assert refused(alice, f"TRUNCATE {table} CASCADE", "permission denied")
    assert one(alice, f"SELECT count(*) FROM {table}") == 1


def test_a_winner_is_neither_changed_nor_removed(alice: Tenant) -> None:
    made = winner(alice)
    where = f"WHERE id = '{made.variants['A']}'"
    for change in ("status = 'live'", "status = status", "label = 'Z'", "experiment_id = NULL", "content = '{}'"):
        assert refused(alice, f"UPDATE variants SET {change} {where}")
    assert refused(alice, f"UPDATE variants SET experiment_id = 'x' {where}", "a winner is never changed")
    assert refused(alice, f"DELETE FROM variants {where}")
    assert one(alice, f"SELECT status FROM variants {where}") == "winner"


def test_only_a_decision_to_promote_makes_a_winner(alice: Tenant) -> None:
    made = tested.begun(alice)
    a, b = made.variants["A"], made.variants["B"]
    assert refused(alice, f"UPDATE variants SET status = 'winner' WHERE id = '{b}'", "only a decision to promote")
    lost.decided(alice, made.id, b)
    assert refused(alice, f"UPDATE variants SET status = 'winner' WHERE id = '{b}'", "only a decision to promote")
    # Too unsure to be acted upon: it is on record and makes no winner.
    lost.decided(alice, made.id, a, "promote", confidence=0.5)
    assert refused(alice, f"UPDATE variants SET status = 'winner' WHERE id = '{a}'", "only a decision to promote")
    copy = "SELECT 'var_copy', piece_id, 'C', version, content, 'winner', NULL, NULL, by, created_at, workspace_id"
    into = "id, piece_id, label, version, content, status, parent_variant_id, experiment_id, by, created_at"
    by = '"by"' if not alice.home.settings.is_sqlite else "by"
    told = f"INSERT INTO variants ({into}, workspace_id) {copy} FROM variants WHERE id = '{a}'"
    assert refused(alice, told.replace(" by,", f" {by},"), "only a decision to promote")
    lost.decided(alice, made.id, a, "promote")
    assert one(alice, f"SELECT status FROM variants WHERE id = '{a}'") == "winner"


def test_a_winner_that_loses_another_test_stays_one(alice: Tenant) -> None:
    made = winner(alice)
    a = made.variants["A"]
    with alice.writing() as session:
        content_store.set_variants(session, made.piece_id, ["live", "draft"], "superseded")
        content_store.make_live(session, made.piece_id, None)
        content_store.supersede_drafts(session, made.piece_id, ["A", "B"])
    with alice.writing() as session:
        piece = {"piece_id": made.piece_id, "metric": "read_rate", "minimum_hours": 0}
        with pytest.raises(Exception, match="at least two variants"):
            experiments.create(session, alice.owner, piece)
    assert one(alice, f"SELECT status FROM variants WHERE id = '{a}'") == "winner"


def test_rows_of_another_workspace_are_out_of_reach(alice: Tenant, charlie: Tenant) -> None:
    made = tested.begun(alice)
    line(alice, made, event(alice, made))
    with charlie.reading() as session:
        assert session.query(Event).all() == session.query(Lineage).all() == []
    if not alice.home.settings.is_sqlite:
        charlie.raw(f"UPDATE {EVENTS} SET status = 'failed'")
    assert one(alice, f"SELECT status FROM {EVENTS}") == "initiated"
