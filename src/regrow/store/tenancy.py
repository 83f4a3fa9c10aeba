"""The first tenancy lock (session events), and the setting that the second one (row-level security) reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from regrow.store.tables.base import Scoped

_workspace: ContextVar[str | None] = ContextVar("workspace", default=None)

SYSTEM = "*system*"
LET_THROUGH = frozenset({"datasource_outputs"})
"""Tables of the durable engine that share our transactions; they hold step results, keyed by run."""


class Unscoped(RuntimeError):
    """A statement that the first lock cannot narrow to one workspace. Always a bug of ours."""


@contextmanager
def workspace(workspace_id: str) -> Iterator[None]:
    """Sessions opened inside see this workspace only."""
    token = _workspace.set(workspace_id)
    try:
        yield
    finally:
        _workspace.reset(token)


def entered() -> str | None:
    """The workspace entered, None outside of any."""
    found = _workspace.get()
    return None if found == SYSTEM else found


@contextmanager
def system() -> Iterator[None]:
    """Sessions opened inside see only tables that belong to no workspace (the register, the executors)."""
    with workspace(SYSTEM):
        yield


class Session(orm.Session):
    """A session of one workspace: the one given, or the one entered.

    The durable engine opens sessions before our code runs, so they cannot be handed one.
    """

    def __init__(self, *args: Any, workspace_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace_id = workspace_id or _workspace.get()

    def _execute_internal(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_orm(statement) and not _is_let_through(statement):
            raise Unscoped(f"not an ORM statement: {str(statement)[:120]}")
        return super()._execute_internal(statement, *args, **kwargs)

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        raise Unscoped("the bulk methods walk around the lock: use session.execute(insert(Table), rows)")

    bulk_insert_mappings = bulk_save_objects
    bulk_update_mappings = bulk_save_objects


def _is_orm(statement: Any) -> bool:
    attributes: Mapping[str, Any] = getattr(statement, "_propagate_attrs", {})
    return attributes.get("compile_state_plugin") == "orm"


def _is_let_through(statement: Any) -> bool:
    table = getattr(statement, "table", None)
    return isinstance(table, sa.Table) and table.name in LET_THROUGH


def _entered(session: Any, what: object) -> str:
    entered: str | None = session.workspace_id
    if entered is None:
        raise Unscoped(f"no workspace entered: {str(what)[:120]}")
    return entered


@lru_cache(maxsize=1024)
def _criteria(entered: str) -> ExecutableOption:
    """Built once for each workspace: building it costs as much as a small query."""
    return with_loader_criteria(Scoped, lambda row: row.workspace_id == entered, include_aliases=True)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    entered = _entered(state.session, state.statement)
    if entered == SYSTEM:
        _refuse_scoped(state)
        return
    if state.is_insert:
        _refuse_upsert(state.statement)
        _stamp_rows(state, entered)
        return
    if state.is_update:
        _refuse_moving(state)
    if state.is_update or state.is_delete:
        _refuse_by_key(state)
    state.statement = state.statement.options(_criteria(entered))


def _refuse_scoped(state: ORMExecuteState) -> None:
    for mapper in state.all_mappers:
        if issubclass(mapper.class_, Scoped):
            raise Unscoped(f"{mapper.class_.__name__} belongs to a workspace; this is a system session")
    for table in sa.sql.visitors.iterate(cast(Any, state.statement)):
        if isinstance(table, sa.Table) and "workspace_id" in table.c:
            raise Unscoped(f"{table.name} belongs to a workspace; this is a system session")


def _refuse_upsert(statement: Any) -> None:
    """ON CONFLICT DO UPDATE would change a row that the caller cannot even see."""
    if hasattr(getattr(statement, "_post_values_clause", None), "update_values_to_set"):
        raise Unscoped("ON CONFLICT DO UPDATE walks around the lock: read the row, then change it")


def _refuse_by_key(state: ORMExecuteState) -> None:
    """An update by primary keys, or one past the ORM, takes no criteria: it would reach rows of others."""
    strategy = state.execution_options.get("dml_strategy", "auto")
    if strategy not in ("auto", "orm") or (strategy == "auto" and isinstance(state.parameters, list)):
        raise Unscoped("an update of many rows by key walks around the lock: use execution_options(dml_strategy='orm')")


def _refuse_moving(state: ORMExecuteState) -> None:
    given: Any = state.parameters or {}
    rows = given if isinstance(given, list) else [given]
    columns = [*(getattr(state.statement, "_values", None) or ()), *(key for row in rows for key in row)]
    if any(getattr(column, "key", column) == "workspace_id" for column in columns):
        raise Unscoped("a row cannot be moved to another workspace")


def _stamp_rows(state: ORMExecuteState, entered: str) -> None:
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Scoped):
        return
    if not state.parameters:
        raise Unscoped("INSERT without a parameter list: use session.add or session.execute(insert(Table), rows)")
    given: Any = state.parameters
    for row in given if isinstance(given, list) else [given]:
        if row.setdefault("workspace_id", entered) != entered:
            raise Unscoped(f"{mapper.class_.__name__} of another workspace")


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    for row in (*session.new, *session.dirty):
        if isinstance(row, Scoped):
            entered = _entered(session, type(row).__name__)
            owner: str | None = row.workspace_id
            if owner is None:
                row.workspace_id = owner = entered
            if owner != entered:
                raise Unscoped(f"{type(row).__name__} of another workspace")


@event.listens_for(Session, "after_begin")
def _second_lock(session: Session, _transaction: Any, connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        entered = _entered(session, "begin")
        connection.exec_driver_sql("SELECT set_config('app.workspace_id', %s, true)", (entered,))
