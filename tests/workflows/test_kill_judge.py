"""kill -9 in every step of the judge's run: no sample paid twice, and every version ends with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from regrow.services import credits, generations, workspaces
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store.tables.content import Piece
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import Run, UsageRow
from regrow.testing.openai_server import OpenAIServer
from tests import homes, tries
from tests.homes import Tenant
from tests.workflows import processes

KEY = "sk-test-kill-judge"
CALLS = 6
"""Three samples of two variants."""


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    with homes.with_models(database_kind, tmp_path / "home", server.base_url, KEY) as found:
        yield found


@pytest.fixture
def piece_id(alice: Tenant) -> str:
    """A post written before there was a judge, in a workspace that has one since."""
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1}
    done = tries.begun(alice, generations.ask, **asked).done()
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"models.judge": "openai:strict"})
        credits.grant(session, alice.owner, 1_000, "to begin with")
        return content_store.pieces_of(session, [done["generation_id"]])[0].id


def spec(alice: Tenant, **more: Any) -> dict[str, Any]:
    return {"settings": processes.as_json(alice.home.settings), "workspace_id": alice.id, **more}


def judging(alice: Tenant) -> list[Run]:
    with alice.reading() as session:
        return list(session.scalars(select(Run).where(Run.function == "judge").order_by(Run.id)))


def test_kill_in_every_step_and_moment(alice: Tenant, piece_id: str, server: OpenAIServer) -> None:
    code, said = processes.run(spec(alice, edit=[piece_id, "The loaf is back, number 0."]))
    assert (code, said[0]["over"]) == (0, True)
    steps: list[str] = said[0]["steps"]
    assert [step for step in steps if step.startswith("call.")] == [
        f"call.judge.{v}.{n}" for v in "AB" for n in (1, 2, 3)
    ]
    assert server.calls == CALLS
    # Inside the first, a middle and the last sample, and inside the transaction that keeps the verdict.
    places = [
        (steps[0], "done"),
        ("call.judge.A.2", "begun"),
        ("call.judge.B.1", "recorded"),
        ("call.judge.B.3", "done"),
    ]
    places += [(steps[-1], moment) for moment in ("begun", "done", "recorded")]
    for number, (step, moment) in enumerate(places, 1):
        before = server.calls
        code, _said = processes.run(
            spec(alice, edit=[piece_id, f"The loaf is back, number {number}."], kill=[step, moment])
        )
        assert code == -9, (step, moment)
        task_id = judging(alice)[-1].id
        code, said = processes.run(spec(alice, finish=[task_id]))
        assert (code, said[0]["over"], said[0]["steps"]) == (0, True, steps), (step, moment, said)
        again = step.startswith("call.") and moment == "done"
        assert server.calls - before == CALLS + again, (step, moment)
        with alice.reading() as session:
            guard = session.get_one(Piece, piece_id).guard or {}
            assert (guard["judge"], guard["judge_task_id"], guard["method"]) == ("done", task_id, "rules+judge")
            used = select(func.count(UsageRow.id)).where(UsageRow.task_id == task_id)
            assert session.scalar(used) == CALLS
    with alice.reading() as session:
        held = session.scalars(select(CreditHold.task_id).where(CreditHold.status == "held")).all()
        assert held == []
        assert ledger.account(session).balance == 1_000 - 2 * (len(places) + 1)
