"""The peer of a generation: a bare workflow of the durable engine whose steps are transactions with one INSERT each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID, SQLAlchemyDatasource
from dbos._serialization import DBOSPortableJSON
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.contexts import bare_table
from benchmarks.homes import Bench
from regrow.kit import ids
from regrow.store import database
from regrow.workflows import runtime

PAYLOAD = {"text": "a plain value of some length " * 4}


class BareRuns:
    """Made before the engine is launched, because it takes no datasource after that."""

    def __init__(self, bench: Bench, steps: int) -> None:
        self._engine = database.engine(bench.home.settings.url, 20)
        self._table = bare_table(bench, "bench_steps")
        self._isolation = database.transaction_isolation(self._engine)
        self._source: Any = SQLAlchemyDatasource.create(
            bench.home.settings.url,
            engine=self._engine,
            sessionmaker=sessionmaker(expire_on_commit=False),
            serializer=DBOSPortableJSON,
            run_migrations=bench.home.settings.is_sqlite,
        )
        self.workflow = DBOS.workflow(name=ids.new("bench"))(self._body(steps))

    def ask(self) -> str:
        """One INSERT in a transaction of its own, as an asked-for run needs at least; gives back the run's id."""
        task_id = ids.new("run")
        with Session(self._engine) as session, session.begin():
            self._insert(session, task_id, 0)
        return task_id

    def work(self, task_id: str) -> None:
        """Runs the workflow here and now."""
        with SetWorkflowID(task_id):
            self.workflow(task_id)

    def enqueue(self, task_id: str) -> None:
        runtime.start(self.workflow, task_id, None, task_id)

    def close(self) -> None:
        self._engine.dispose()

    def _body(self, steps: int) -> Callable[[str], str]:
        def body(task_id: str) -> str:
            for number in range(1, steps + 1):
                self._step(task_id, number)
            return "success"

        return body

    def _step(self, task_id: str, number: int) -> None:
        def act() -> str:
            self._insert(self._source.sql_session(), task_id, number)
            return "done"

        self._source.run_tx_step({"name": f"step_{number}", "isolation_level": self._isolation}, act)

    def _insert(self, session: Session, task_id: str, number: int) -> None:
        row = {"id": f"{task_id}-{number}", "value": PAYLOAD, "at": time.time()}
        session.execute(sa.insert(self._table), row)
