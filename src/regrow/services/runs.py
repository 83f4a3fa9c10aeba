"""Runs: begun with credits held and contexts open, ended with everything settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain import contexts as context_rules
from regrow.domain import functions
from regrow.domain.contexts import Confidence
from regrow.domain.functions import Function
from regrow.domain.workspaces import Actor, Role
from regrow.domain.writing import Answer
from regrow.kit import clock, errors, ids
from regrow.services import contexts, credits, prompts
from regrow.store import audit, runs
from regrow.store import contexts as context_store
from regrow.store.runs import Event
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

TEXTS = ("analysis",)
"""What of a result is no business of the audit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is going to do, and at what price in credits. Without `prompts` it is put in those in force."""

    name: str
    calls: Sequence[Function]
    request: dict[str, Any]
    price: int
    inputs: dict[str, Any]
    sources: int
    prompts: Mapping[str, str] | None = None


def begin(session: Session, actor: Actor, plan: Plan, task_id: str | None = None) -> Run:
    """Holds the credits, opens a context for the run and one for each call, and tells INIT."""
    actor.must(Role.EDITOR)
    task = task_id or ids.new("run")
    complexity = context_rules.complexity_of(len(plan.calls), plan.sources)
    context_id = contexts.open_context(session, actor, plan.name, plan.inputs, complexity, task)
    for call in plan.calls:
        contexts.open_context(session, actor, call.name, plan.inputs, complexity, task, context_id)
    run = Run(
        id=task,
        function=plan.name,
        actor_id=actor.id,
        role=actor.role,
        request=plan.request,
        prompts=dict(plan.prompts or prompts.fixed(session, [call.name for call in plan.calls])),
        context_id=context_id,
        created_at=clock.now(),
    )
    session.add(run)
    session.flush()
    credits.hold(session, actor, task, plan.price, plan.name)
    audit.add(session, actor, f"{plan.name}.asked", task, price=plan.price)
    runs.tell(session, task, Event("INIT", functions.percent("INIT", 1, 2), "Asked for; credits set aside"))
    return run


def actor_of(run: Run) -> Actor:
    """Who asked for the run, with the role held then."""
    return Actor(run.workspace_id, run.actor_id, Role(run.role))


def call_contexts(session: Session, run: Run) -> dict[str, str]:
    """The context of each call of the run, by function name."""
    return {row.name: row.id for row in context_store.of_owner(session, run.id) if row.parent_id == run.context_id}


def succeed(session: Session, run: Run, answers: Mapping[str, Answer], result: dict[str, Any]) -> None:
    """Charges the hold, books what the calls used, closes the contexts, and tells DONE."""
    actor = actor_of(run)
    _book(session, run, answers)
    recording = contexts.Recording(run.context_id or "", confidence=Confidence.HYPOTHESIS, result=result)
    contexts.close_done(session, recording)
    held = credits.held(session, run.id)
    credits.settle(session, actor, run.id, held.amount if held else 0, run.function)
    told = {name: value for name, value in result.items() if name not in TEXTS}
    audit.add(session, actor, f"{run.function}.done", run.id, **told)
    parsed = Event("PARSE", functions.percent("PARSE", 1, 2), "What came back is sound")
    saved = Event("SAVE", functions.percent("SAVE", 1, 2), "Saved")
    _end(session, run, parsed, saved, Event("DONE", 100, "Done", "success", result=result))


def fail(session: Session, run: Run, answers: Mapping[str, Answer], error: dict[str, Any], trace: str = "") -> None:
    """Gives the hold back, books what was used all the same, closes the contexts as failed, and tells DONE."""
    actor = actor_of(run)
    _book(session, run, answers)
    for row in context_store.of_owner(session, run.id):
        contexts.close_failed(session, row.id, trace or f"{error['code']}: {error['detail']}")
    credits.settle(session, actor, run.id, 0, run.function)
    audit.add(session, actor, f"{run.function}.failed", run.id, "failed", code=error["code"])
    _end(session, run, Event("DONE", 100, error["detail"][:500], "failed", error=error))


def _book(session: Session, run: Run, answers: Mapping[str, Answer]) -> None:
    opened = call_contexts(session, run)
    for call, answer in answers.items():
        name = functions.called(call).name
        context = opened.get(call) or opened.get(name)
        template = (answer.template, answer.template_version)
        runs.used(session, run, context, name, template, answer.attempts, clock.now())
        if not answer.failure and context is not None:
            used = {"model": answer.model, "origin": answer.origin, "attempts": len(answer.attempts)}
            contexts.close_done(session, contexts.Recording(context, result=used))


def _end(session: Session, run: Run, *events: Event) -> None:
    run.finished_at = clock.now()
    runs.tell(session, run.id, *events)


def outcome(session: Session, task_id: str) -> dict[str, Any] | None:
    """The result of a finished run; None while it runs. Raises what made it fail."""
    end = runs.last(session, task_id)
    if end is None or end.phase != "DONE":
        return None
    if end.status != "success":
        raise failure(end.error or {})
    return end.result or {}


def failure(error: dict[str, Any]) -> errors.RegrowError:
    """What a failed run raises to whoever waited for it."""
    detail, code = str(error.get("detail", "the run failed")), str(error.get("code", "failed"))
    if code == "not_enough_source" or error.get("kind") == errors.Conflict.kind:
        return errors.Conflict(detail, code)
    if error.get("kind") == errors.LimitReached.kind:
        return errors.LimitReached(detail, code, int(error.get("retry_after_seconds") or 60))
    if error.get("kind") == errors.NotFound.kind:
        return errors.NotFound(detail, code)
    return errors.Unavailable(detail, code, error.get("retry_after_seconds"), is_permanent=True)
