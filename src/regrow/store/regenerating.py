"""Tries at writing once more: adding one, and how many of a day count."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select

from regrow.store.tables.regenerating import Try
from regrow.store.tables.runs import ProgressEvent
from regrow.store.tenancy import Session

_ENDS = (
    select(ProgressEvent.status, func.count(Try.task_id))
    .select_from(Try)
    .outerjoin(ProgressEvent, (ProgressEvent.task_id == Try.task_id) & (ProgressEvent.phase == "DONE"))
    .where(Try.generation_id == bindparam("generation_id"), Try.day == bindparam("day"))
    .group_by(ProgressEvent.status)
)


def counts(session: Session, generation_id: str, day: str) -> tuple[int, int]:
    """Tries of this day that succeeded, and tries that have not ended; what failed is in neither."""
    rows: list[Any] = list(session.execute(_ENDS, {"generation_id": generation_id, "day": day}))
    succeeded = sum(int(count) for status, count in rows if status == "success")
    running = sum(int(count) for status, count in rows if status is None)
    return succeeded, running


def add(session: Session, task_id: str, generation_id: str, day: str) -> None:
    session.add(Try(task_id=task_id, generation_id=generation_id, day=day))
    session.flush()
