"""A workspace with a judge on loopback, and what tests do with it: write, judge, approve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import generations, pieces, versions, workspaces
from regrow.store.tables.content import Piece
from regrow.store.tables.runs import Run
from regrow.testing.openai_server import OpenAIServer
from tests import homes, tries
from tests.homes import Tenant

KEY = "sk-test-judge"
GOOD = "Weigh the flour, let the dough rest for an hour, and bake it hot."
POOR = "This revolutionary dough rests by itself. Bake it hot."


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    """A workspace with a judge."""
    with homes.with_models(database_kind, tmp_path / "home", server.base_url, KEY) as found:
        judge(found, "openai:strict")
        yield found


def judge(alice: Tenant, named: str) -> None:
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"models.judge": named})


def generated(alice: Tenant, **more: Any) -> dict[str, Any]:
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1, **more}
    return tries.begun(alice, generations.ask, **asked).done()


@pytest.fixture
def piece_id(alice: Tenant) -> str:
    """A post in two variants that the judge is to judge."""
    return at(alice, generated(alice)["judging"][0]).request["piece_id"]


def at(alice: Tenant, task_id: str) -> Run:
    with alice.reading() as session:
        return session.get_one(Run, task_id)


def guard(alice: Tenant, id: str) -> dict[str, Any]:
    with alice.reading() as session:
        return session.get_one(Piece, id).guard or {}


def under_way(alice: Tenant, id: str) -> tries.Underway:
    return tries.Underway(alice, guard(alice, id)["judge_task_id"])


def judged(alice: Tenant, id: str) -> dict[str, Any]:
    run = under_way(alice, id)
    run.write()
    run.finish()
    return guard(alice, id)


def edit(alice: Tenant, id: str, body: str, label: str = "A") -> dict[str, Any]:
    with alice.writing() as session:
        return versions.edit(session, alice.owner, id, None, {label: {"body": body}}).guard or {}


def approve(alice: Tenant, id: str, *given: Any, role: Role = Role.REVIEWER) -> str:
    with alice.writing() as session:
        return pieces.approve(session, alice.actor(role), id, *given).status


def refused(alice: Tenant, id: str) -> str:
    with pytest.raises(errors.Conflict) as caught:
        approve(alice, id)
    return caught.value.code
