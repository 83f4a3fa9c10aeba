"""Runs, their progress and what they used."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from regrow.domain.budgets import Unmeasured
from regrow.domain.writing import Attempt
from regrow.kit import clock, ids, pages
from regrow.store.tables.runs import ProgressEvent, Run, UsageRow
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell of a run; `result` and `error` come with its end."""

    phase: str
    percent: int
    message: str
    status: str = "running"
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


_LAST = (
    select(ProgressEvent)
    .where(ProgressEvent.task_id == bindparam("task_id"))
    .order_by(ProgressEvent.sequence.desc())
    .limit(1)
)
_REACHED = _LAST.with_only_columns(ProgressEvent.sequence, ProgressEvent.percent)


def last(session: Session, task_id: str) -> ProgressEvent | None:
    return session.scalars(_LAST, {"task_id": task_id}).first()


def since(session: Session, task_id: str, sequence: int) -> list[ProgressEvent]:
    wanted = select(ProgressEvent).where(ProgressEvent.task_id == task_id, ProgressEvent.sequence > sequence)
    return list(session.scalars(wanted.order_by(ProgressEvent.sequence)))


def tell(session: Session, task_id: str, *events: Event) -> None:
    """Adds what is new of a run's progress: a step that runs again has nothing to tell that is not further on."""
    newest = session.execute(_REACHED, {"task_id": task_id}).first()
    sequence, percent = newest or (0, -1)
    new = [event for event in events if event.percent > percent]
    told = {"task_id": task_id, "at": clock.now()}
    rows = [{**told, "sequence": number, **asdict(event)} for number, event in enumerate(new, sequence + 1)]
    if rows:
        session.execute(insert(ProgressEvent).execution_options(dml_strategy="raw", render_nulls=True), rows)


def used(
    session: Session,
    run: Run,
    context_id: str | None,
    function: str,
    template: tuple[str, int],
    attempts: Sequence[Attempt],
    at: datetime,
) -> None:
    rows = [
        {
            "id": ids.new("use"),
            "task_id": run.id,
            "context_id": context_id,
            "function": function,
            "provider": attempt.provider,
            "model": attempt.model,
            "template": attempt.template or template[0],
            "template_version": attempt.template_version if attempt.template else template[1],
            "outcome": attempt.outcome,
            "detail": attempt.detail,
            "input_tokens": attempt.input_tokens,
            "output_tokens": attempt.output_tokens,
            "cost_micros": attempt.cost_micros,
            "duration_ms": attempt.duration_ms,
            "at": at,
        }
        for attempt in attempts
    ]
    if rows:
        session.execute(insert(UsageRow), rows)


def usage(session: Session, limit: int, after: str | None = None, task_id: str | None = None) -> pages.Page[UsageRow]:
    """Newest first."""
    wanted = select(UsageRow).order_by(UsageRow.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(UsageRow.id < after)
    if task_id:
        wanted = wanted.where(UsageRow.task_id == task_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def usage_total(session: Session) -> tuple[int, int, int, int]:
    """Calls, input tokens, output tokens, and the known cost in millionths of a US dollar."""
    row = session.execute(
        select(
            func.count(UsageRow.id),
            func.coalesce(func.sum(UsageRow.input_tokens), 0),
            func.coalesce(func.sum(UsageRow.output_tokens), 0),
            func.coalesce(func.sum(UsageRow.cost_micros), 0),
        )
    ).one()
    calls, input_tokens, output_tokens, cost_micros = (int(each or 0) for each in row)
    return calls, input_tokens, output_tokens, cost_micros


def costs_since(session: Session, at: datetime) -> tuple[int, list[Unmeasured]]:
    """What attempts since then cost in millionths of a US dollar, and the tokens of those whose cost nobody told."""
    mine = UsageRow.at >= at
    known = session.scalar(select(func.coalesce(func.sum(UsageRow.cost_micros), 0)).where(mine))
    tokens = (func.sum(UsageRow.input_tokens), func.sum(UsageRow.output_tokens))
    rows = session.execute(
        select(UsageRow.provider, UsageRow.model, *tokens)
        .where(mine, UsageRow.cost_micros.is_(None))
        .group_by(UsageRow.provider, UsageRow.model)
    )
    return int(known or 0), [Unmeasured(provider, model, int(i), int(o)) for provider, model, i, o in rows]


def unfinished(session: Session, before: datetime) -> list[Run]:
    """Runs asked for before this time that have not ended, oldest first."""
    wanted = select(Run).where(Run.finished_at.is_(None), Run.created_at < before)
    return list(session.scalars(wanted.order_by(Run.id)))


def of_tasks(session: Session, task_ids: Collection[str]) -> dict[str, Run]:
    """These runs, by their ids."""
    return {row.id: row for row in session.scalars(select(Run).where(Run.id.in_(task_ids)))}
