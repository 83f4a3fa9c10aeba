"""Contexts: recorded around work, linked up, and closed even when the work or the process dies."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from regrow.domain.contexts import Complexity, Confidence, Validation
from regrow.domain.workspaces import Role
from regrow.kit import errors, processes
from regrow.services import contexts
from regrow.store.tables.contexts import Context
from regrow.workflows import arriving
from tests.homes import Tenant


def _all(tenant: Tenant) -> list[Context]:
    with tenant.reading() as session:
        return list(session.scalars(select(Context).order_by(Context.id)))


def test_a_context_says_how_it_went(alice: Tenant) -> None:
    with contexts.record(alice.writing, alice.owner, "trial", {"topic": "tea"}, Complexity.HIGH) as recording:
        recording.result = {"words": 300}
        recording.confidence = Confidence.CONFIDENT
        recording.validation = Validation.CONDITIONALLY_APPROVED
        recording.note = "short, but to the point"
    (row,) = _all(alice)
    assert (row.phase, row.complexity, row.confidence) == ("done", "high", "confident")
    assert (row.validation, row.result, row.inputs) == ("conditionally_approved", {"words": 300}, {"topic": "tea"})
    assert row.finished_at is not None


def test_nested_contexts_link_up(alice: Tenant) -> None:
    with contexts.record(alice.writing, alice.owner, "outer") as outer:
        with contexts.record(alice.writing, alice.owner, "inner") as inner:
            pass
        with contexts.record(alice.writing, alice.owner, "second") as second:
            pass
    parents = {row.id: row.parent_id for row in _all(alice)}
    assert parents == {outer.id: None, inner.id: outer.id, second.id: outer.id}


def test_a_failure_leaves_a_trace_without_secrets(alice: Tenant) -> None:
    def fail() -> None:
        raise ValueError(f"refused with Authorization: Bearer {alice.api_key} and sk-abcdefghijklmnop1234")

    with pytest.raises(ValueError, match="refused"), contexts.record(alice.writing, alice.owner, "trial"):
        fail()
    (row,) = _all(alice)
    assert row.phase == "failed"
    assert row.error_trace is not None
    assert "ValueError" in row.error_trace
    assert alice.api_key.rpartition(".")[2] not in row.error_trace
    assert "sk-abcdefghijklmnop1234" not in row.error_trace


def test_a_result_that_is_no_json_closes_the_context_as_failed(alice: Tenant) -> None:
    def record() -> None:
        with contexts.record(alice.writing, alice.owner, "trial") as recording:
            recording.result = {"words": {1, 2}}

    with pytest.raises((sa.exc.StatementError, TypeError)):
        record()
    (row,) = _all(alice)
    assert (row.phase, row.finished_at is not None) == ("failed", True)


def test_contexts_of_two_workspaces_do_not_link_up(alice: Tenant, charlie: Tenant) -> None:
    with contexts.record(alice.writing, alice.owner, "outer"):
        with contexts.record(charlie.writing, charlie.owner, "inner"):
            pass
    assert _all(charlie)[0].parent_id is None


def test_viewers_record_nothing(alice: Tenant) -> None:
    with pytest.raises(errors.Forbidden), contexts.record(alice.writing, alice.actor(Role.VIEWER), "trial"):
        pass
    assert _all(alice) == []


def test_contexts_of_a_dead_process_are_closed_at_restart(alice: Tenant) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", "from regrow.kit import processes; print(processes.token())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    with alice.writing() as session:
        lost = contexts.open_context(session, alice.owner, "lost", {}, Complexity.LOW, dead)
        mine = contexts.open_context(session, alice.owner, "mine", {}, Complexity.LOW, processes.token())
        run = contexts.open_context(session, alice.owner, "run", {}, Complexity.LOW, "run_0000000000")
    assert arriving.close_orphans(alice.home.engine) == 1
    open_ids = {row.id for row in _all(alice) if row.finished_at is None}
    assert open_ids == {mine, run}
    (closed,) = [row for row in _all(alice) if row.id == lost]
    assert closed.error_trace == "the process that was doing this died"


def test_a_closed_context_stays_as_it_is(alice: Tenant) -> None:
    with alice.writing() as session:
        id = contexts.open_context(session, alice.owner, "trial", {}, Complexity.LOW, processes.token())
        assert contexts.close_done(session, contexts.Recording(id, result={"first": 1}))
        assert not contexts.close_failed(session, id, "too late")
    (row,) = _all(alice)
    assert (row.phase, row.result) == ("done", {"first": 1})
