"""The durable engine behind a port: launch, steps, transactions, start, recover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, SetEnqueueOptions, SetWorkflowID, SQLAlchemyDatasource
from dbos._queue import QueueRateLimit
from dbos._serialization import DBOSPortableJSON

from regrow.domain.writing import Writer
from regrow.services.publishing import Outside
from regrow.store import database
from regrow.store.database import Engine, Sessions
from regrow.store.tenancy import Session

T = TypeVar("T")

NAME = "regrow"
VERSION = "regrow-1"
"""Constant: a version made from the source would strand running work after every edit."""
QUEUE = "functions"
TURNS = "functions_in_turn"
"""Runs here have a key; those of one key are done one after the other."""
LINES = "model_calls"
"""Model calls here wait in the line of their key, which lets so many through at once, and so many a minute."""
LOCAL = "local"
"""The executor of a home on SQLite; the home's lock sees to it that there is only one."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a launch needs. `system_engine` is given on SQLite, where the engine's tables have their own file."""

    url: str
    engine: Engine
    sessions: Sessions
    system_url: str
    system_engine: Engine | None
    isolation: str
    writer: Writer
    executor_id: str
    outside: Outside
    does_work: bool = True
    concurrency: int = 64
    poll_seconds: float = 0.1
    key_concurrency: int = 0
    key_calls_per_minute: int = 0
    grace_seconds: float = 900
    settle_seconds: float = 30

    @property
    def has_lines(self) -> bool:
        """Whether model calls are limited by key."""
        return bool(self.key_concurrency or self.key_calls_per_minute)


class _Live:
    """The one launch of this process; the durable engine is a singleton too."""

    setup: Setup | None = None
    datasource: Any = None
    observers: list[Callable[[str, str], None]] = []  # noqa: RUF012


def launch(setup: Setup) -> None:
    """Starts the engine; runs of the same executor that a crash cut short go on at once."""
    is_sqlite = setup.system_engine is not None
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": setup.system_url,
        "application_version": VERSION,
        "executor_id": setup.executor_id,
        "serializer": DBOSPortableJSON,
        "sys_db_pool_size": 20,
        "log_level": "CRITICAL",
        "run_migrations": is_sqlite,
        "enable_otlp": False,
        # A run that waits for a call in line keeps its thread, and the call needs one of its own.
        "max_executor_threads": setup.concurrency * (1 + setup.has_lines) + 8,
    }
    if setup.system_engine is not None:
        config["system_database_engine"] = setup.system_engine
    DBOS(config=config)
    _Live.datasource = SQLAlchemyDatasource.create(
        setup.url,
        engine=database.for_steps(setup.engine),
        sessionmaker=setup.sessions,
        serializer=DBOSPortableJSON,
        run_migrations=is_sqlite,
    )
    _Live.setup = setup
    if not setup.does_work:
        DBOS.listen_queues([])
    DBOS.launch()
    _register_queues(setup)


def _register_queues(setup: Setup) -> None:
    for queue, at_once in ((QUEUE, None), (TURNS, 1)):
        DBOS.register_queue(
            queue,
            worker_concurrency=setup.concurrency,
            partition_concurrency=at_once,
            polling_interval_sec=setup.poll_seconds,
            on_conflict="always_update",
        )
    if setup.has_lines:
        a_minute: QueueRateLimit = {"limit": setup.key_calls_per_minute, "period": 60.0}
        DBOS.register_queue(
            LINES,
            worker_concurrency=setup.concurrency,
            partition_concurrency=setup.key_concurrency or None,
            partition_limiter=a_minute if setup.key_calls_per_minute else None,
            polling_interval_sec=setup.poll_seconds,
            on_conflict="always_update",
        )


def live() -> Setup:
    if _Live.setup is None:
        raise RuntimeError("the durable engine is not launched in this process")
    return _Live.setup


def is_launched() -> bool:
    return _Live.setup is not None


def stop(wait_seconds: int = 0) -> None:
    """Ends the launch; runs in the air get `wait_seconds` to finish, the rest resume at the next launch."""
    if _Live.setup is not None:
        DBOS.destroy(workflow_completion_timeout_sec=wait_seconds)
        _Live.setup = None


def observe(observer: Callable[[str, str], None]) -> None:
    """Calls `observer(step, moment)` as each step goes by: begun, done, recorded."""
    _Live.observers.append(observer)


def step(name: str, act: Callable[[], T]) -> T:
    """Runs `act` at least once and records its plain JSON answer: a recorded one is never asked for again."""

    def observed() -> T:
        notice(name, "begun")
        answer = act()
        notice(name, "done")
        return answer

    answer = DBOS.run_step({"name": name}, observed)
    notice(name, "recorded")
    return answer


def transaction(name: str, act: Callable[[Session], T]) -> T:
    """Runs `act` in one transaction that also records its plain JSON answer: exactly once."""

    def observed() -> T:
        notice(name, "begun")
        answer = act(_Live.datasource.sql_session())
        notice(name, "done")
        return answer

    answer: T = _Live.datasource.run_tx_step({"name": name, "isolation_level": live().isolation}, observed)
    notice(name, "recorded")
    return answer


def wait(seconds: float) -> None:
    """A wait that survives a crash: what is left of it goes on after the restart."""
    DBOS.sleep(seconds)


def workflow(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return DBOS.workflow(name=name)


def start(work: Callable[..., Any], task_id: str, turn: str | None, *ids: str) -> None:
    """Queues a run under its own id: starting it twice starts it once. Runs of one `turn` wait for one another."""
    with SetWorkflowID(task_id):
        if turn is None:
            DBOS.enqueue_workflow(QUEUE, work, *ids)
            return
        with SetEnqueueOptions(queue_partition_key=turn):
            DBOS.enqueue_workflow(TURNS, work, *ids)


def in_line(work: Callable[..., T], line: str, *ids: str) -> T:
    """Runs a part of the run in the line of its own, and waits for its answer; both survive a crash."""
    with SetEnqueueOptions(queue_partition_key=line):
        handle = DBOS.enqueue_workflow(LINES, work, *ids)
    return handle.get_result()


def start_elsewhere(system: Engine, work: str, task_id: str, turn: str | None, *ids: str) -> None:
    """Hands a run to the process that holds the home, without launching an engine here."""
    client = DBOSClient(system_database_engine=system, serializer=DBOSPortableJSON, application_name=NAME)
    asked: EnqueueOptions = {
        "workflow_name": work,
        "queue_name": QUEUE,
        "workflow_id": task_id,
        "app_version": VERSION,
    }
    if turn is not None:
        asked = {**asked, "queue_name": TURNS, "queue_partition_key": turn}
    try:
        client.enqueue(asked, *ids)
    finally:
        client.destroy()


def recover(executor_ids: list[str]) -> int:
    """Takes over the runs of executors that are gone; gives back how many are still theirs."""
    DBOS._recover_pending_workflows(executor_ids)
    left = DBOS.list_workflows(status="PENDING", executor_id=executor_ids, load_input=False, load_output=False)
    return len(left)


def holders() -> set[str]:
    """The executors that hold runs which have not ended."""
    found = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {str(each.executor_id) for each in found}


def states(task_ids: list[str]) -> dict[str, str]:
    """What the engine says of runs: their status; those it never heard of are missing."""
    if not task_ids:
        return {}
    found = DBOS.list_workflows(workflow_ids=task_ids, load_input=False, load_output=False)
    return {each.workflow_id: str(each.status) for each in found}


def state(task_id: str) -> str | None:
    """The status of one run, None when the engine never heard of it."""
    return states([task_id]).get(task_id)


def steps(task_id: str) -> list[str]:
    """The names of the steps recorded for a run, in order."""
    return [str(each["function_name"]) for each in DBOS.list_workflow_steps(task_id, load_output=False)]


def notice(name: str, moment: str) -> None:
    """Tells observers how far a step is."""
    for observer in _Live.observers:
        observer(name, moment)
