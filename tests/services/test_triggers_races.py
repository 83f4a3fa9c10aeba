"""Many at once on one trigger: it fires once, and locks of others are waited for a moment and then told."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, func, select

from regrow.kit import errors
from regrow.services import pieces, triggers
from regrow.store import database
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import Run
from regrow.store.tables.triggers import TriggerEvent
from regrow.workflows import triggers as checking
from tests import triggers as made
from tests.homes import Tenant

CHECKS = 50


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own, all let go at the same moment."""
    gate = threading.Barrier(count)

    def one(_number: int) -> Any:
        gate.wait()
        return act()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def runs(alice: Tenant) -> list[str]:
    with alice.reading() as session:
        return list(session.scalars(select(Run.id).where(Run.function == "trigger")))


def test_fifty_checks_at_once_fire_once(alice: Tenant) -> None:
    out = made.low(alice)
    reports = at_once(CHECKS, lambda: made.check(alice))
    fired = [each for report in reports for each in report["triggered"]]
    assert [each["task_id"] for each in fired] == runs(alice)
    assert len(fired) == 1
    told = {each["reason"].split(":")[0] for report in reports for each in report["skipped"]}
    assert told <= {"firing", "gone", "locked"}
    with alice.reading() as session:
        wanted = select(func.count(TriggerEvent.id)).where(TriggerEvent.kind == "fired")
        assert session.scalar(wanted) == 1
        assert session.scalar(select(func.count(CreditHold.task_id)).where(CreditHold.task_id == runs(alice)[0])) == 1
    assert made.piece(alice, out).status == "published"


def test_one_that_is_cleared_while_it_is_checked_fires_or_is_gone(alice: Tenant) -> None:
    for _ in range(5):
        out = made.low(alice)

        def clear(out: made.Out = out) -> None:
            with alice.writing() as session:
                triggers.clear(session, alice.owner, out.piece_id)

        acts = [clear, lambda: made.check(alice)]
        at_once(2, lambda acts=acts: acts.pop()())  # type: ignore[misc]
        stands = made.stands(alice, out)
        assert stands is None
        kinds = [row.kind for row in made.history(alice, out)]
        assert kinds in (["set", "cleared"], ["set", "fired", "cleared"])


def test_two_that_set_a_trigger_at_once_leave_one(alice: Tenant) -> None:
    out = made.out(alice)
    at_once(8, lambda: made.put(alice, out, f"likes < {threading.get_ident() % 97}"))
    stands = made.stands(alice, out)
    assert stands is not None
    kinds = [row.kind for row in made.history(alice, out)]
    assert kinds.count("set") == kinds.count("replaced") + 1


def test_a_short_lock_of_somebody_else_is_waited_for(alice: Tenant) -> None:
    out = made.low(alice)
    is_locked, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with alice.writing() as session:
            pieces.lock(session, out.piece_id)
            is_locked.set()
            may_go.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_locked.wait(60)
    threading.Timer(0.1, may_go.set).start()
    report = made.check(alice)
    holder.join()
    assert [each["piece_id"] for each in report["triggered"]] == [out.piece_id]


def test_a_long_lock_is_told_and_the_other_pieces_are_checked(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSES", (0.01, 0.01))
    held, free = made.low(alice), made.low(alice)
    if alice.home.engine.dialect.name == "sqlite":
        _assert_told_on_sqlite(alice, [held, free])
        return
    with alice.writing() as session:
        pieces.lock(session, held.piece_id)
        report = made.check(alice)
    assert [each["piece_id"] for each in report["triggered"]] == [free.piece_id]
    told = "locked: somebody else is at work on it, check again in a moment"
    assert report["skipped"] == [{"piece_id": held.piece_id, "reason": told}]
    assert [each["piece_id"] for each in made.check(alice)["triggered"]] == [held.piece_id]


def _assert_told_on_sqlite(alice: Tenant, outs: list[made.Out]) -> None:
    """Another program holds the one write lock: that is waited for once, and told of every piece."""

    def hurry(connection: Any, *_more: Any) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    event.listen(alice.home.engine, "checkout", hurry)
    other = sqlite3.connect(alice.home.settings.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        report = made.check(alice)
        other.execute("ROLLBACK")
    finally:
        other.close()
        event.remove(alice.home.engine, "checkout", hurry)
    told = "locked: another program is writing for long, check again in a moment"
    assert report["skipped"] == [{"piece_id": out.piece_id, "reason": told} for out in outs]
    assert report["triggered"] == []
    assert len(made.check(alice)["triggered"]) == 2


def test_a_lock_that_cannot_be_had_at_once_is_told_as_one(alice: Tenant) -> None:
    error = sa.exc.OperationalError("SELECT", {}, Exception("could not obtain lock on row in relation pieces"))
    told = database.told(error)
    assert isinstance(told, errors.Unavailable)
    assert (told.code, told.is_permanent) == ("row_locked", False)
