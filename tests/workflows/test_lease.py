"""Three workers on PostgreSQL, one killed for good: the others finish its runs, and nobody does anything twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from regrow import wiring
from regrow.kit import errors
from regrow.services import generations, regenerating, topics
from regrow.store import database, executors, tenancy
from regrow.store.tables.content import Generation
from regrow.store.tables.executors import Executor
from regrow.store.tables.runs import Run, UsageRow
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import lease, starting
from tests import cluster, conftest, vaults
from tests.homes import Tenant, settings_for, tenant
from tests.workflows import again, processes

RUNS = 6


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=["sk-test-lease"]) as running:
        yield running


@pytest.fixture
def alice(tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    conftest.require_postgres()
    made = settings_for(
        "postgres",
        tmp_path / "home",
        models="openai:slow-1s",
        openai_api_key=SecretStr("sk-test-lease"),
        openai_base_url=server.base_url,
        concurrency=2,
    )
    home = wiring.open_home(made)
    alice = tenant(home, "alice")
    vaults.import_sample(alice)
    yield alice
    home.close()
    cluster.drop_database(made.owner_database_url.get_secret_value())


def _ask(alice: Tenant, seed: int) -> Run:
    with alice.writing() as session:
        topic = topics.discover(session, alice.owner, random_seed=seed)
    with alice.writing() as session:
        return generations.ask(session, alice.owner, topic_id=topic.id, media=["blog"])


def _executors(alice: Tenant) -> dict[str, str]:
    with tenancy.system(), database.reading(alice.home.engine) as session:
        return {row.id: row.state for row in session.scalars(select(Executor))}


@pytest.mark.postgres
def test_two_workers_finish_what_the_third_began(alice: Tenant, server: OpenAIServer) -> None:
    asked = [_ask(alice, seed) for seed in range(RUNS)]
    spec = {"settings": processes.as_json(alice.home.settings), "workspace_id": alice.id, "finish": ["run_of_nobody"]}
    workers = [processes.start(spec) for _ in range(3)]
    try:
        _until(lambda: list(_executors(alice).values()).count("alive") == 3)
        alice.home.launch(does_work=False)
        for run in asked:
            starting.start(run)
        _until(lambda: server.calls >= 4)
        workers[0].kill()
        for run in asked:
            assert vaults.wait_for(alice, run.id, 60).status == "success"
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
        alice.home.close()
    with alice.reading() as session:
        assert session.scalar(select(func.count(Generation.id))) == RUNS
        assert session.scalar(select(func.count(UsageRow.id))) == RUNS
    assert RUNS <= server.calls <= RUNS + 2
    states = list(_executors(alice).values())
    assert "done" in states


@pytest.mark.postgres
def test_the_turn_is_kept_when_another_worker_takes_over(alice: Tenant, server: OpenAIServer) -> None:
    """The first call hangs until its worker is killed: until then nobody goes on with that generation, and afterwards
    each run is told what the one before it wrote. Other generations do not wait.
    """
    first, other = (again.base(alice, media=["social"], social_count=1) for _ in range(2))
    asked = [_ask_again(alice, first) for _ in range(3)]
    before = server.calls
    server.faults.append("hang")
    spec = {"settings": processes.as_json(alice.home.settings), "workspace_id": alice.id, "finish": ["run_of_nobody"]}
    workers = [processes.start(spec)]
    try:
        alice.home.launch(does_work=False)
        for run in asked:
            starting.start(run)
        _until(lambda: server.calls == before + 1)
        workers.append(processes.start(spec))
        _until(lambda: list(_executors(alice).values()).count("alive") == 3)
        beside = _ask_again(alice, other)
        starting.start(beside)
        assert vaults.wait_for(alice, beside.id, 60).status == "success"
        assert (server.calls, again.counts(alice, first)) == (before + 2, (0, 3))
        workers[0].kill()
        for run in asked:
            assert vaults.wait_for(alice, run.id, 60).status == "success"
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
        alice.home.close()
    again.assert_lines(alice)
    again.assert_ended_once(alice, [run.id for run in (*asked, beside)])
    assert (server.calls, again.counts(alice, first)) == (before + 5, (3, 0))
    again.assert_in_turn(alice, first, list(server.asked)[before + 2 :])


def _ask_again(alice: Tenant, generation_id: str) -> Run:
    with alice.writing() as session:
        return regenerating.ask_medium(session, alice.owner, generation_id, "social")


@pytest.mark.postgres
def test_whoever_was_declared_dead_is_told(alice: Tenant) -> None:
    with tenancy.system(), database.writing(alice.home.engine) as session:
        executors.register(session, "exe_patient", 3600)
        executors.register(session, "exe_hasty", 0)
    with tenancy.system(), database.writing(alice.home.engine) as session:
        assert executors.beat(session, "exe_hasty")
        assert executors.declare_dead(session) == ["exe_hasty"]
        assert not executors.beat(session, "exe_hasty")
        assert executors.beat(session, "exe_patient")


@pytest.mark.postgres
def test_there_is_one_leader(alice: Tenant) -> None:
    with executors.leading(alice.home.engine) as first, executors.leading(alice.home.engine) as second:
        assert (first, second) == (True, False)
    with executors.leading(alice.home.engine) as again:
        assert again


def test_a_home_on_sqlite_is_launched_once(tmp_path: Path) -> None:
    made = settings_for("sqlite", tmp_path / "home")
    first, second = wiring.open_home(made), wiring.open_home(made)
    first.take_lock()
    with pytest.raises(errors.Conflict) as caught:
        second.take_lock()
    assert caught.value.code == "home_in_use"
    first.close()
    second.take_lock()
    second.close()


def _until(is_so: object, seconds: float = 30) -> None:
    assert callable(is_so)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that in time")


def test_a_lease_that_cannot_sign_off_gives_its_connections_back_all_the_same(tmp_path: Path) -> None:
    made = database.engine(f"sqlite:///{tmp_path / 'empty.sqlite'}", 3)
    kept = lease.Lease(made, "exe_1", 2)
    before = kept.engine.pool
    with pytest.raises(errors.Unavailable, match="not set up"):
        kept.stop()
    assert kept.engine.pool is not before
    made.dispose()
