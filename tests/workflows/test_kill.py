"""kill -9 in every step of a generation: nothing paid twice, nothing saved twice, nothing left behind."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from regrow.kit import ids
from regrow.services import topics
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import vaults
from tests.homes import Tenant
from tests.workflows import processes


def _topic(alice: Tenant, seed: int) -> str:
    with alice.writing() as session:
        return topics.discover(session, alice.owner, random_seed=seed).id


def _steps(alice: Tenant) -> list[str]:
    """What the engine itself recorded for a whole, undisturbed generation."""
    task_id = ids.new("run")
    code, said = processes.run(processes.spec(alice, ask=task_id, topic_id=_topic(alice, 1)))
    assert (code, said[0]["over"]) == (0, True)
    _assert_whole(alice, task_id)
    steps: list[str] = said[0]["steps"]
    assert len(steps) >= 3
    return steps


def _assert_whole(alice: Tenant, task_id: str) -> None:
    with alice.reading() as session:
        generation = vaults.generation_of(session, task_id)
        assert generation is not None
        pieces = content_store.pieces_of(session, [generation.id])
        assert [piece.medium for piece in pieces].count("blog") == 1
        assert [piece.medium for piece in pieces].count("social") == 5
        variants = content_store.newest_variants(session, [piece.id for piece in pieces])
        assert {len(each) for each in variants.values()} == {2}
        events = session.scalars(
            select(ProgressEvent).where(ProgressEvent.task_id == task_id).order_by(ProgressEvent.sequence)
        ).all()
        assert [event.phase for event in events if event.phase == "DONE"] == ["DONE"]
        assert events[-1].status == "success"
        percents = [event.percent for event in events]
        assert percents == sorted(percents)
        open_contexts = select(Context.id).where(Context.owner == task_id, Context.finished_at.is_(None))
        assert session.scalars(open_contexts).all() == []


def _assert_nothing_left(alice: Tenant, generations: int) -> None:
    with alice.reading() as session:
        assert session.scalar(select(func.count(Generation.id))) == generations
        assert session.scalar(select(func.count(Piece.id))) == generations * 6
        assert session.scalar(select(func.count(Variant.id))) == generations * 12
        assert session.scalars(select(CreditHold.task_id).where(CreditHold.status == "held")).all() == []
        charged = session.scalar(select(func.sum(CreditHold.amount)))
        assert ledger.account(session).balance == processes.GRANTED - (charged or 0)


def test_kill_in_every_step_and_moment(funded: Tenant, server: OpenAIServer) -> None:
    """Each child first finishes what the one before was killed in, then is killed itself at the next place."""
    vaults.import_sample(funded)
    steps = _steps(funded)
    calls = sum(step.startswith("call.") for step in steps)
    assert server.calls == calls
    places = [(step, moment) for step in steps for moment in processes.MOMENTS]
    killed: list[str] = []
    for number, (step, moment) in enumerate(places, start=2):
        task_id, before = ids.new("run"), server.calls
        spec = processes.spec(
            funded, finish=killed[-1:], ask=task_id, topic_id=_topic(funded, number), kill=[step, moment]
        )
        code, said = processes.run(spec)
        assert code == -9, (step, moment)
        killed.append(task_id)
        for each in said:
            assert (each["over"], each["steps"]) == (True, steps), (places[number - 3], each)
        assert server.calls - before <= 2 * calls + 1
    code, said = processes.run(processes.spec(funded, finish=killed))
    assert code == 0
    assert [(each["over"], each["steps"]) for each in said] == [(True, steps)] * len(places)
    for task_id in killed:
        _assert_whole(funded, task_id)
    generations = len(places) + 1
    _assert_nothing_left(funded, generations)
    asked_again = sum(step.startswith("call.") and moment == "done" for step, moment in places)
    assert server.calls == generations * calls + asked_again
    with funded.reading() as session:
        assert session.scalar(select(func.count(UsageRow.id))) == generations * calls


def test_asked_for_but_never_started(funded: Tenant, server: OpenAIServer) -> None:
    vaults.import_sample(funded)
    task_id = ids.new("run")
    spec = processes.spec(funded, ask=task_id, topic_id=_topic(funded, 1), die_before_start=True)
    assert processes.run(spec) == (-9, [])
    with funded.reading() as session:
        assert vaults.generation_of(session, task_id) is None
    funded.home.launch()
    try:
        starting.sweep(funded.home.engine, timedelta(0))
        vaults.wait_for(funded, task_id)
    finally:
        funded.home.close()
    _assert_whole(funded, task_id)
    assert server.calls == 2
