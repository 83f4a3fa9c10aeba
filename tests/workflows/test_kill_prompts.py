"""kill -9 in a comparison, and a prompt changed in the middle of a run that was killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from regrow import wiring
from regrow.adapters.llm.prompter import FilePrompter
from regrow.kit import ids
from regrow.services import prompts
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing.openai_server import OpenAIServer
from tests import cluster, tries
from tests.homes import Tenant, settings_for, tenant
from tests.workflows import processes

PLACES = (
    ("call.write_blog.before", "done"),
    ("call.write_blog.before", "recorded"),
    ("call.write_blog.after", "begun"),
    ("call.write_blog.after", "done"),
    ("finish", "done"),
    ("finish", "recorded"),
)
"""Where something could be paid twice, or saved twice, or not at all."""


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=["sk-test-kill"]) as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    made = settings_for(
        database_kind,
        tmp_path / "home",
        models="openai:quick",
        openai_api_key=SecretStr("sk-test-kill"),
        openai_base_url=server.base_url,
    )
    home = wiring.open_home(made)
    yield tenant(home, "alice")
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def spec(alice: Tenant, **more: Any) -> dict[str, Any]:
    return {"settings": processes.as_json(alice.home.settings), "workspace_id": alice.id, **more}


def own(alice: Tenant, first: str) -> str:
    told = FilePrompter().starting_text("write_blog").replace("=== system ===", f"=== system ===\n{first}")
    with alice.writing() as session:
        return f"workspace-{prompts.change(session, alice.owner, alice.home.prompter, 'write_blog', told).version}"


def assert_compared_once(alice: Tenant, task_id: str) -> None:
    """One comparison with both texts, charged once, with nothing left open."""
    with alice.reading() as session:
        (row,) = session.scalars(select(PromptTrial).where(PromptTrial.task_id == task_id)).all()
        events = session.scalars(select(ProgressEvent).where(ProgressEvent.task_id == task_id)).all()
        used = session.scalars(select(UsageRow).where(UsageRow.task_id == task_id).order_by(UsageRow.id)).all()
        hold = session.get_one(CreditHold, task_id)
        left = select(Context.id).where(Context.owner == task_id, Context.finished_at.is_(None))
        assert session.scalars(left).all() == []
    assert [event.status for event in events if event.phase == "DONE"] == ["success"]
    assert [row.sides[side]["template"] for side in ("before", "after")] == ["write_blog", "workspace/write_blog"]
    assert [(each.template, each.template_version) for each in used] == [("write_blog", 3), ("workspace/write_blog", 1)]
    assert hold.status == "charged"


def test_kill_in_a_comparison(alice: Tenant, server: OpenAIServer) -> None:
    """Each child first finishes what the one before was killed in, then is killed itself at the next place."""
    topic, version = tries.topic(alice), own(alice, "Laugh.")
    asked = {"compare": ["write_blog", "shipped", version], "topic_id": topic}
    first = ids.new("run")
    code, said = processes.run(spec(alice, ask=first, **asked))
    assert (code, said[0]["over"], server.calls) == (0, True, 2)
    steps = said[0]["steps"]
    assert {step for step, _moment in PLACES} <= set(steps)
    killed: list[str] = []
    for step, moment in PLACES:
        task_id = ids.new("run")
        code, said = processes.run(spec(alice, finish=killed[-1:], ask=task_id, kill=[step, moment], **asked))
        assert code == -9, (step, moment)
        assert all(each["over"] and each["steps"] == steps for each in said)
        killed.append(task_id)
    code, said = processes.run(spec(alice, finish=killed))
    assert code == 0
    for task_id in [first, *killed]:
        assert_compared_once(alice, task_id)
    asked_again = sum(step.startswith("call.") and moment == "done" for step, moment in PLACES)
    assert server.calls == 2 * (len(PLACES) + 1) + asked_again
    with alice.reading() as session:
        assert session.scalar(select(func.count(PromptTrial.id))) == len(PLACES) + 1
        assert session.scalar(select(func.count(Piece.id))) == 0


@pytest.mark.parametrize("moment", ["begun", "done"])
def test_a_prompt_changed_after_a_crash_is_not_mixed_into_the_run(
    alice: Tenant, server: OpenAIServer, moment: str
) -> None:
    topic, task_id = tries.topic(alice), ids.new("run")
    own(alice, "Laugh.")
    code, _said = processes.run(spec(alice, ask=task_id, topic_id=topic, kill=["call.write_blog", moment]))
    assert code == -9
    own(alice, "Weep.")
    code, said = processes.run(spec(alice, finish=[task_id]))
    assert (code, said[0]["over"]) == (0, True)
    told = [asked.system.split("\n")[0] for asked in server.asked if "blog articles" in asked.system]
    assert set(told) == {"Laugh."}
    assert len(told) == (1 if moment == "begun" else 2)
    with alice.reading() as session:
        assert session.scalar(select(func.count(Generation.id))) == 1
        (blog,) = session.scalars(select(Piece).where(Piece.medium == "blog")).all()
    assert (blog.provenance["template"], blog.provenance["template_version"]) == ("workspace/write_blog", 1)
