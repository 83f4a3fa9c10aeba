"""kill -9 in every step of a regeneration: it goes on, pays no recorded answer again, and leaves no half row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from regrow.domain.circuits.guardrails import RUNNING
from regrow.kit import ids
from regrow.services import circuit_replays, circuits
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.circuits import ContentVariantLineage as Lineage
from regrow.store.tables.content import Piece, PieceVersion, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing.openai_server import OpenAIServer
from tests import circuits as lost
from tests import tries
from tests.homes import Tenant
from tests.workflows import processes


@pytest.fixture(autouse=True)
def _models(funded: Tenant) -> None:
    lost.setting(funded, models__review="openai:quick")


def asked(made: lost.Lost, event_id: str) -> dict[str, Any]:
    return {"ask": circuits.task_of(event_id), "event_id": event_id, "circuit": made.body()}


def assert_whole(alice: Tenant, event_id: str, made: lost.Lost) -> None:
    """One variant, one version, one lineage row, one end; every gate once, and all of it agrees."""
    task_id = circuits.task_of(event_id)
    with alice.reading() as session:
        event = session.get_one(Event, event_id)
        assert event.status == "registered", event.failure_reason
        assert (event.cx08_approved, event.cx06_generated, event.cx05_validation_passed) == (True, True, True)
        assert session.get_one(Piece, made.piece_id).version == 2
        variants = content_store.variants_of(session, [made.piece_id])
        assert [row.id for row in variants if row.version == 2] == [event.new_variant_id]
        versions = select(PieceVersion).where(PieceVersion.piece_id == made.piece_id)
        assert len(session.scalars(versions).all()) == 2
        rows = session.scalars(select(Lineage).where(Lineage.regeneration_event_id == event_id)).all()
        assert [row.child_variant_id for row in rows] == [event.new_variant_id]
        ends = select(ProgressEvent).where(ProgressEvent.task_id == task_id, ProgressEvent.phase == "DONE")
        assert [row.status for row in session.scalars(ends)] == ["success"]
        open_contexts = select(Context.id).where(Context.owner == task_id, Context.finished_at.is_(None))
        assert session.scalars(open_contexts).all() == []
        audited = select(AuditRow).where(AuditRow.subject_id == event.new_variant_id)
        assert [row.action for row in session.scalars(audited)] == ["variant.regenerated"]
        assert circuit_replays.replay(session, event_id).is_same


def assert_nothing_left(alice: Tenant, count: int, calls: int) -> None:
    with alice.reading() as session:
        assert session.scalar(select(func.count(Event.id))) == count
        assert session.scalar(select(func.count(Event.id)).where(Event.status.in_(RUNNING))) == 0
        assert session.scalar(select(func.count(Lineage.id))) == count
        assert session.scalar(select(func.count(Variant.id)).where(Variant.parent_variant_id.is_not(None))) == count
        holds = session.scalars(select(CreditHold)).all()
        assert {hold.status for hold in holds} == {"charged"}
        assert ledger.account(session).balance == processes.GRANTED - sum(hold.amount for hold in holds)
        used = select(func.count(UsageRow.id)).where(UsageRow.function.in_(("review", "regenerate_variant", "judge")))
        assert session.scalar(used) == count * calls


def killed_everywhere(
    alice: Tenant, server: OpenAIServer, wanted: Sequence[str], moment: str, **models: str
) -> list[str]:
    """Each child first finishes what the one before was killed in, then is killed itself at the next place."""
    first, *tests = [lost.lost(alice) for _ in range(len(wanted) + 1)]
    # Named only now, or the pieces of these tests would be judged as well.
    lost.setting(alice, **models)
    event_id = ids.new("reg")
    before = server.calls
    code, said = processes.run(processes.spec(alice, **asked(first, event_id)))
    assert (code, said[0]["over"]) == (0, True)
    steps: list[str] = said[0]["steps"]
    calls = sum(step.startswith("call.") for step in steps)
    assert server.calls - before == calls
    assert_whole(alice, event_id, first)
    places = [(step, moment) for step in steps if step in wanted]
    begun = [(ids.new("reg"), made) for made in tests]
    before, killed = server.calls, list[str]()
    for (step, moment), (event_id, made) in zip(places, begun, strict=True):
        spec = processes.spec(alice, finish=killed[-1:], kill=[step, moment], **asked(made, event_id))
        code, said = processes.run(spec)
        assert code == -9, (step, moment)
        assert [(each["over"], each["steps"]) for each in said] == [(True, steps)] * len(killed[-1:])
        killed.append(spec["ask"])
    code, said = processes.run(processes.spec(alice, finish=killed))
    assert [(each["over"], each["steps"]) for each in said] == [(True, steps)] * len(places)
    for event_id, made in begun:
        assert_whole(alice, event_id, made)
    again = sum(step.startswith("call.") and moment == "done" for step, moment in places)
    assert server.calls - before == len(places) * calls + again
    assert_nothing_left(alice, len(places) + 1, calls)
    return steps


PLAIN = ("gate.review", "call.review", "gate.regenerate_variant", "call.regenerate_variant.social", "finish")
JUDGED = ("gate.judge", "call.judge.B.1", "call.judge.B.3", "finish")


@pytest.mark.parametrize("moment", processes.MOMENTS)
def test_kill_in_every_step(funded: Tenant, server: OpenAIServer, moment: str) -> None:
    assert killed_everywhere(funded, server, PLAIN, moment) == list(PLAIN)


def test_kill_while_a_judge_is_asked(funded: Tenant, server: OpenAIServer) -> None:
    steps = killed_everywhere(funded, server, JUDGED, "done", models__review="", models__judge="openai:strict")
    assert steps[2:] == ["gate.judge", *(f"call.judge.B.{number}" for number in (1, 2, 3)), "finish"]


def test_a_veto_survives_a_kill(funded: Tenant, server: OpenAIServer) -> None:
    """The transaction in which the gate refused is over, the run is not: nothing is refused, or paid, twice."""
    made, event_id = lost.lost(funded), ids.new("reg")
    before = server.calls
    told = asked(made, event_id)
    told["circuit"]["regeneration_instructions"] = "Copy the winner."
    assert processes.run(processes.spec(funded, kill=["gate.review", "recorded"], **told))[0] == -9
    assert tries.status(funded, told["ask"]) == "failed"
    code, said = processes.run(processes.spec(funded, finish=[told["ask"]]))
    assert (code, said[0]["over"], said[0]["steps"]) == (0, True, ["gate.review"])
    event = lost.event_of(funded, event_id)
    assert (event.status, server.calls) == ("cx08_rejected", before)
    with funded.reading() as session:
        refused = select(func.count(AuditRow.id)).where(AuditRow.action == "circuit.failed")
        assert session.scalar(refused) == 1


def test_asked_for_by_itself_and_never_started(funded: Tenant, server: OpenAIServer) -> None:
    """Whoever decided died before it could start what the decision asked for: the next one that works does it."""
    from datetime import timedelta

    from regrow.workflows import starting
    from tests import vaults

    made = lost.lost(funded, is_automatic=True)
    (event,) = lost.events(funded)
    assert event.status == "initiated"
    funded.home.launch()
    try:
        assert starting.sweep(funded.home.engine, timedelta(0)) == 1
        vaults.wait_for(funded, circuits.task_of(event.id))
    finally:
        funded.home.close()
    assert_whole(funded, event.id, made)
