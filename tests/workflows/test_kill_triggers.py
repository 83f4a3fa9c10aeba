"""kill -9 in every step of a trigger's run: nothing is paid twice, all of it is written or nothing, and that once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from regrow.store import credits as ledger
from regrow.store.tables.content import Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import triggers as made
from tests import vaults
from tests.homes import Tenant
from tests.triggers import Out
from tests.workflows import processes

BEFORE = [("A", 1, "live"), ("B", 1, "live")]
AFTER = [*BEFORE, ("A", 2, "draft"), ("B", 2, "draft")]
PATIENCE = 180.0
"""Seconds that a child may take on a busy machine."""
STEPS = ["call.analyse", "gate.write_social", "call.write_social", "finish"]


def prepared(alice: Tenant, places: int) -> list[Out]:
    """Pieces that a trigger would be met by, one for each place to be killed in."""
    return [made.disliked(alice) for _ in range(places)]


def assert_whole(alice: Tenant, out: Out, task_id: str) -> None:
    assert made.statuses(alice, out) == AFTER
    assert (made.piece(alice, out).status, made.piece(alice, out).version) == ("draft", 2)
    assert made.stands(alice, out) is None
    assert [row.kind for row in made.history(alice, out)] == ["set", "fired", "written"]
    with alice.reading() as session:
        wanted = select(ProgressEvent).where(ProgressEvent.task_id == task_id).order_by(ProgressEvent.sequence)
        events = session.scalars(wanted).all()
        assert [event.status for event in events if event.phase == "DONE"] == ["success"], events[-1].error
        assert (events[-1].result or {})["analysis"]["root_cause"]
        left = select(Context.id).where(Context.owner == task_id, Context.finished_at.is_(None))
        assert session.scalars(left).all() == []
        assert session.scalar(select(func.count(UsageRow.id)).where(UsageRow.task_id == task_id)) == 2


def test_the_steps_are_those_that_the_engine_recorded(funded: Tenant, server: OpenAIServer) -> None:
    (out,) = prepared(funded, 1)
    paid = server.calls
    code, said = processes.run(processes.spec(funded, trigger=out.piece_id))
    assert (code, said[0]["over"], said[0]["steps"]) == (0, True, STEPS)
    assert_whole(funded, out, said[0]["task_id"])
    assert server.calls - paid == 2


@pytest.mark.parametrize("step", STEPS)
def test_kill_in_every_step_and_moment(funded: Tenant, server: OpenAIServer, step: str) -> None:
    """Each child sets a trigger, begins its run and is killed; the next one finishes it and is killed itself."""
    outs = prepared(funded, len(processes.MOMENTS))
    paid, finish = server.calls, list[str]()
    for moment, out in zip(processes.MOMENTS, outs, strict=True):
        spec = processes.spec(funded, finish=finish, trigger=out.piece_id, kill=[step, moment])
        code, said = processes.run(spec, PATIENCE)
        assert code == -9, (step, moment)
        assert [(each["over"], each["steps"]) for each in said] == [(True, STEPS)] * len(finish)
        is_saved = (step, moment) == ("finish", "recorded")
        assert made.statuses(funded, out) == (AFTER if is_saved else BEFORE), (step, moment)
        stands = made.stands(funded, out)
        assert (stands is None) is is_saved
        assert stands is None or (stands.status, stands.firings) == ("firing", 1)
        finish = [str(made.history(funded, out)[1].detail["task_id"])]
    code, said = processes.run(processes.spec(funded, finish=finish), PATIENCE)
    assert (code, [(each["over"], each["steps"]) for each in said]) == (0, [(True, STEPS)])
    for out in outs:
        assert_whole(funded, out, str(made.history(funded, out)[1].detail["task_id"]))
    # A call whose answer was not recorded yet is the only one that is made again.
    assert server.calls - paid == 2 * len(outs) + step.startswith("call.")
    _assert_settled(funded, len(outs))


def _assert_settled(alice: Tenant, pieces: int) -> None:
    with alice.reading() as session:
        assert session.scalars(select(CreditHold.task_id).where(CreditHold.status == "held")).all() == []
        charged = session.scalar(select(func.sum(CreditHold.amount)))
        assert ledger.account(session).balance == processes.GRANTED - (charged or 0)
        assert session.scalar(select(func.count(Variant.id))) == 4 * pieces


def test_killed_before_its_run_was_started_it_goes_on_at_the_next_launch(funded: Tenant) -> None:
    (out,) = prepared(funded, 1)
    spec = processes.spec(funded, trigger=out.piece_id, die_before_start=True)
    assert processes.run(spec) == (-9, [])
    task_id = str(made.history(funded, out)[1].detail["task_id"])
    assert made.statuses(funded, out) == BEFORE
    funded.home.launch()
    try:
        starting.sweep(funded.home.engine, timedelta(0))
        assert vaults.wait_for(funded, task_id).status == "success"
    finally:
        funded.home.close()
    assert_whole(funded, out, task_id)
