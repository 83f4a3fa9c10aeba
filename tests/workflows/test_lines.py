"""Limits per key: so many model calls at once, so many a minute, and nothing lost when the process dies in line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from regrow import wiring
from regrow.adapters.sealing import FernetSealer
from regrow.kit import ids
from regrow.services import generations, model_keys, topics, workspaces
from regrow.store import runs as run_store
from regrow.store.tables.content import Generation
from regrow.store.tables.runs import UsageRow
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting
from tests import cluster, vaults
from tests.homes import Tenant, settings_for, tenant
from tests.workflows import processes


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@contextmanager
def limited(kind: str, folder: Path, server: OpenAIServer, **limits: Any) -> Iterator[Tenant]:
    made = settings_for(
        kind,
        folder / "home",
        models="openai:slow-0.4",
        openai_api_key=SecretStr("k-1"),
        openai_base_url=server.base_url,
        secret_key=SecretStr("s" * 40),
        **limits,
    )
    home = wiring.open_home(made)
    alice = tenant(home, "alice")
    vaults.import_sample(alice)
    try:
        yield alice
    finally:
        home.close()
        if not made.is_sqlite:
            cluster.drop_database(made.owner_database_url.get_secret_value())


def begun(alice: Tenant, count: int) -> list[str]:
    with alice.writing() as session:
        topic = topics.discover(session, alice.owner, random_seed=1)
    made = []
    for _ in range(count):
        with alice.writing() as session:
            made.append(generations.ask(session, alice.owner, topic_id=topic.id, media=["blog"]))
    for run in made:
        starting.start(run)
    return [run.id for run in made]


def test_calls_with_one_key_are_made_one_at_a_time(database_kind: str, tmp_path: Path, server: OpenAIServer) -> None:
    with limited(database_kind, tmp_path, server, key_concurrency=1) as alice:
        alice.home.launch()
        for task_id in begun(alice, 4):
            assert vaults.wait_for(alice, task_id).status == "success"
    assert (server.calls, server.most_open) == (4, 1)


def test_the_judge_waits_in_the_line_of_its_key(database_kind: str, tmp_path: Path, server: OpenAIServer) -> None:
    """Five posts of two variants: each post is judged by a run of its own, and all of them share the key."""
    with limited(database_kind, tmp_path, server, key_concurrency=1) as alice:
        named = {"models": "openai:delay-0.01", "models.judge": "openai:delay-0.02"}
        with alice.writing() as session:
            workspaces.change(session, alice.owner, alice.id, None, named)
            topic = topics.discover(session, alice.owner, random_seed=1)
        with alice.writing() as session:
            run = generations.ask(session, alice.owner, topic_id=topic.id, media=["social"])
        alice.home.launch()
        starting.start(run)
        done = vaults.wait_for(alice, run.id)
        judging = (done.result or {})["judging"]
        assert [vaults.wait_for(alice, task_id).status for task_id in judging] == ["success"] * 5
    assert (server.calls, server.most_open) == (1 + 5 * 6, 1)


def test_without_limits_calls_are_made_side_by_side(database_kind: str, tmp_path: Path, server: OpenAIServer) -> None:
    with limited(database_kind, tmp_path, server) as alice:
        alice.home.launch()
        for task_id in begun(alice, 4):
            assert vaults.wait_for(alice, task_id).status == "success"
    assert server.calls == 4
    assert server.most_open > 1


def test_no_more_calls_a_minute_than_the_key_allows(database_kind: str, tmp_path: Path, server: OpenAIServer) -> None:
    with limited(database_kind, tmp_path, server, key_calls_per_minute=2) as alice:
        alice.home.launch()
        tasks = begun(alice, 3)
        deadline = time.monotonic() + 30
        while server.calls < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(3)
        with alice.reading() as session:
            over = [run_store.last(session, task_id) for task_id in tasks]
    assert server.calls == 2
    assert sum(event is not None and event.phase == "DONE" for event in over) == 2


def test_each_key_has_a_line_of_its_own(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        sealer = FernetSealer("s" * 40, None)
        row = model_keys.create(session, alice.owner, sealer, "openai", "mine", "key-0123456789")
        assert model_keys.line(session, ["openai:a", "anthropic:b"]) == row.id
        assert model_keys.line(session, ["anthropic:b"]) == "anthropic"
        assert model_keys.line(session, ["offline:extractive", "openai:a"]) == ""
        assert model_keys.line(session, []) == ""
    with charlie.reading() as session:
        assert model_keys.line(session, ["openai:a"]) == "openai"


@pytest.mark.parametrize("place", [["line.write_blog", "recorded"], ["call.write_blog", "begun"]], ids=str)
def test_a_process_that_dies_in_line_loses_nothing(
    database_kind: str, tmp_path: Path, server: OpenAIServer, place: list[str]
) -> None:
    with limited(database_kind, tmp_path, server, key_concurrency=1) as alice:
        with alice.writing() as session:
            topic_id = topics.discover(session, alice.owner, random_seed=1).id
        task_id = ids.new("run")
        spec = {"settings": processes.as_json(alice.home.settings), "workspace_id": alice.id}
        code, _ = processes.run({**spec, "ask": task_id, "topic_id": topic_id, "kill": place})
        assert code == -9
        code, said = processes.run({**spec, "finish": [task_id]})
        assert (code, said[0]["over"]) == (0, True)
        with alice.reading() as session:
            assert session.scalar(select(func.count(Generation.id))) == 1
            assert session.scalar(select(func.count(UsageRow.id))) == 2
    assert server.calls == 2
