"""Runs of triggers that fail, or that somebody came before: nothing is written, and the trigger stands as before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from regrow.kit import clock, errors
from regrow.services import notes, trigger_runs, triggers, versions
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.notes import Note
from regrow.store.tables.runs import Run
from regrow.store.tables.triggers import Trigger
from tests import judges, tries
from tests import triggers as made
from tests.homes import Tenant

alice, server = judges.alice, judges.server
"""Offline unless a test names a model; the server on loopback is there for those that do."""


@pytest.fixture(autouse=True)
def _no_judge(alice: Tenant) -> None:
    judges.judge(alice, "")


BAD = [
    ("analysis-invents", "invalid_output"),
    ("analysis-spells", "invalid_output"),
    ("analysis-orders", "invalid_output"),
    ("analysis-links", "invalid_output"),
    ("analysis-long", "invalid_output"),
    ("analysis-nothing", "invalid_output"),
    ("analysis-other-shape", "invalid_output"),
    ("empty", ""),
    ("malformed", ""),
]


@pytest.mark.parametrize(("fault", "code"), BAD)
def test_a_bad_analysis_changes_nothing_and_the_trigger_stands(alice: Tenant, fault: str, code: str) -> None:
    out = made.low(alice)
    made.model(alice, "analyse", f"openai:fault-{fault}")
    told = made.failure(alice, made.fired(alice, out))
    assert told == code or not code
    stands = made.assert_untouched(alice, out)
    assert stands.retry_at is not None
    assert stands.retry_at > clock.now() + timedelta(minutes=10)
    (skipped,) = made.check(alice)["skipped"]
    assert skipped["reason"] == f"waits: its run failed, it is tried again at {clock.iso(stands.retry_at)}"
    assert [row.kind for row in made.history(alice, out)] == ["set", "fired", "failed"]


@pytest.mark.parametrize("fault", ["same", "alike", "foreign-ids", "ignores-schema"])
def test_a_bad_text_changes_nothing_either(alice: Tenant, fault: str) -> None:
    out = made.low(alice)
    made.model(alice, "write_social", f"openai:fault-{fault}")
    assert made.failure(alice, made.fired(alice, out)) == "invalid_output"
    made.assert_untouched(alice, out)


def test_an_analysis_is_checked_once_more_where_it_is_kept(alice: Tenant) -> None:
    """Whoever answered: what no fact bears out is kept by nobody."""
    out = made.low(alice)
    run = made.fired(alice, out)
    assert run._call(trigger_work(), "analyse")
    answer = run.answers["analyse"]
    answer.output["root_cause"] = "It lost 73 percent of all its readers."  # type: ignore[index]
    with pytest.raises(errors.Invalid, match="names 73"), alice.writing() as session:
        trigger_runs.keep(session, session.get_one(Run, run.task_id), run.answers)


def trigger_work() -> tries.engine.Work:
    return tries.engine.WORKS[trigger_runs.NAME]


def test_it_is_tried_again_later_and_later_and_then_not_by_itself(alice: Tenant) -> None:
    out = made.low(alice)
    made.model(alice, "analyse", "openai:fault-analysis-orders")
    waits = []
    for number in range(1, triggers.MOST_FAILURES + 1):
        assert made.failure(alice, made.fired(alice, out)) == "invalid_output"
        stands = made.assert_untouched(alice, out, number)
        assert stands.retry_at is not None
        waits.append(round((stands.retry_at - clock.now()).total_seconds() / 60))
        with alice.writing() as session:
            session.get_one(Trigger, stands.id).retry_at = clock.now() - timedelta(seconds=1)
    assert waits == [15, 60, 240, 960, 1440]
    assert made.check(alice)["skipped"][0]["reason"].startswith("gave_up: its runs failed 5 times")
    made.model(alice, "analyse", "")
    made.put(alice, out)
    made.fired(alice, out).done()
    assert made.statuses(alice, out) == made.LIVE_AND_NEW
    tasks = [row.detail["task_id"] for row in made.history(alice, out) if row.kind == "fired"]
    assert len(set(tasks)) == triggers.MOST_FAILURES + 1


def test_a_piece_that_was_edited_meanwhile_is_left_alone(alice: Tenant) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    run.write()
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).status = "draft"
        versions.edit(session, alice.owner, out.piece_id, None, {"A": {"body": "Bread, by hand."}})
    before = made.statuses(alice, out)
    assert run.finish() == "changed_meanwhile"
    assert made.statuses(alice, out) == before
    stands = made.stands(alice, out)
    assert stands is not None
    assert (stands.status, stands.failures) == ("set", 1)


@pytest.mark.parametrize("status", ["draft", "rejected", "superseded"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_piece_that_is_out_no_more_is_left_alone(alice: Tenant, status: str, moment: str) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    if moment == "after":
        run.write()
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).status = status
    assert made.failure(alice, run) == "changed_meanwhile"
    assert made.statuses(alice, out) == made.BEFORE
    assert made.piece(alice, out).status == status


def test_a_winner_that_is_declared_meanwhile_is_kept(alice: Tenant) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    run.write()
    made.crown(alice, out, "B")
    assert run.finish() == "changed_meanwhile"
    assert made.statuses(alice, out) == [("A", 1, "loser"), ("B", 1, "winner")]


def test_a_draft_that_a_circuit_adds_meanwhile_is_kept(alice: Tenant) -> None:
    """Two ways to a new text at once: whoever saves first has it, the other writes nothing over it."""
    out = made.low(alice)
    run = made.fired(alice, out)
    run.write()
    with alice.writing() as session:
        piece = session.get_one(Piece, out.piece_id)
        old = session.get_one(Variant, out.variants["B"])
        piece.version, old.status = 2, "loser"
        values = {"piece_id": piece.id, "label": "B", "version": 2, "content": {"body": "New."}, "status": "draft"}
        session.add(Variant(id="var_c", parent_variant_id=old.id, by="model", created_at=clock.now(), **values))
    assert run.finish() == "changed_meanwhile"
    assert made.statuses(alice, out) == [("A", 1, "live"), ("B", 1, "loser"), ("B", 2, "draft")]


@pytest.mark.parametrize("how", ["cleared", "replaced"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_trigger_that_is_gone_writes_nothing(alice: Tenant, how: str, moment: str) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    if moment == "after":
        run.write()
    if how == "cleared":
        with alice.writing() as session:
            triggers.clear(session, alice.owner, out.piece_id)
    else:
        made.put(alice, out, "likes < 1")
    assert made.failure(alice, run) == "trigger_cleared"
    assert made.statuses(alice, out) == made.BEFORE
    stands = made.stands(alice, out)
    assert (stands is None) is (how == "cleared")
    assert stands is None or (stands.status, stands.failures, stands.value) == ("set", 0, 1.0)
    assert made.piece(alice, out).status == "published"


def test_too_few_notes_are_told_before_anything_is_paid(alice: Tenant) -> None:
    out = made.low(alice)
    with alice.writing() as session:
        for row in session.scalars(select(Note)):
            notes.archive(session, alice.owner, row.id)
    report = made.check(alice)
    assert [each["reason"].split(":")[0] for each in report["skipped"]] == ["topic_too_small"]
    made.assert_untouched(alice, out, 0)
