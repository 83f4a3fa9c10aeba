"""Runs that a request begins: waited for as long as the caller likes, and answered in the shape of what they made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.domain import regenerating as rules
from regrow.domain.brand import deciding
from regrow.domain.regenerating import Scope
from regrow.edge import errors as edge_errors
from regrow.edge import waiting
from regrow.edge.answers import Answer
from regrow.edge.doors import Door
from regrow.kit import clock, errors
from regrow.services import (
    circuit_registering,
    circuits,
    editing,
    generations,
    judging,
    prompt_sides,
    prompt_trials,
    regenerating,
    runs,
)
from regrow.store import content as content_store
from regrow.store import records
from regrow.store.tables.circuits import ContentRegenerationEvent
from regrow.store.tables.content import Generation
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import runtime, starting

GENERATIONS = "/api/content/generations"
TRIALS = "/api/prompt-trials"
Wait = Annotated[bool, Query(description="false: answer 202 at once")]


class Accepted(BaseModel):
    """The run goes on; `status_url` tells how it stands."""

    task_id: str
    status_url: str


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Accepted, "description": "Still being written: see status_url"}
}


async def answered(request: Request, door: Door, ask: Callable[[Session], Run], wait: bool) -> Response:
    """Begins the run that `ask` asks for, and answers what it made, or 202 when that takes longer than is waited."""
    return await followed(request, door, lambda session: Answer(202, None, task_id=ask(session).id), wait)


async def followed(request: Request, door: Door, act: Callable[[Session], Answer], wait: bool) -> Response:
    """As `answered`, for an `act` that may also answer at once, without a run."""
    begun = await door.commit(act)
    if begun.task_id is None:
        return begun.response()
    await door.aside(partial(_start, door, begun.task_id))
    state = request.app.state
    state.measures.run("asked")
    seconds = state.wait_seconds if wait else 0
    look = partial(_look, door, begun.task_id)
    found = await waiting.until(look, seconds, request, state.stopping) if seconds else None
    state.measures.run(_heard(found))
    if found is None:
        return _accepted(begun.task_id).response()
    await door.aside(partial(door.keep, found))
    return found.response()


async def judged(door: Door, act: Callable[[Session], Answer]) -> Response:
    """Answers with the piece that `act` wrote, and begins the run of its judge, where one is set, without waiting."""
    answer = await door.commit(act)
    guard = answer.body.get("guard") if isinstance(answer.body, dict) else None
    if guard is not None and deciding.is_pending(guard):
        await door.aside(partial(_start, door, guard["judge_task_id"]))
    return answer.response()


async def automatic(door: Door, decisions: Sequence[str]) -> None:
    """Starts what these decisions asked for by themselves."""
    if decisions:
        await door.aside(partial(_start_automatic, door, decisions))


def _start_automatic(door: Door, decisions: Sequence[str]) -> None:
    with door.reading() as session:
        begun = circuits.automatic(session, decisions)
    for run in begun if runtime.is_launched() else ():
        starting.start(run)


def _accepted(task_id: str) -> Answer:
    place = f"/api/task-progress/{task_id}/"
    return Answer(202, {"task_id": task_id, "status_url": place}, {"Location": place})


def _start(door: Door, task_id: str) -> None:
    """Queues the run; one that nobody can start here is found by the next process that works."""
    with door.reading() as session:
        run = records.get(session, Run, task_id)
    if run is not None and run.finished_at is None and runtime.is_launched():
        starting.start(run)


def _look(door: Door, task_id: str) -> Answer | None:
    """The answer of a run that has ended, else None. What keeps us from looking is raised: the run goes on."""
    with door.reading() as session:
        try:
            result = runs.outcome(session, task_id)
            if result is None:
                return None
            return _SHAPES[editing.found(session, Run, task_id, "run").function](session, task_id, result)
        except errors.RegrowError as error:
            if (kept := _kept(session, task_id)) is not None:
                return kept
            problem = edge_errors.of(error)
            return Answer(problem.status, problem.body(), problem.headers)


def _generated(session: Session, _task_id: str, result: Mapping[str, Any]) -> Answer:
    row = editing.found(session, Generation, str(result["generation_id"]), "generation")
    body = shapes.generations(session, [row])[0]
    return Answer(201, body, {"Location": f"{GENERATIONS}/{body['id']}"})


def _regenerated(session: Session, task_id: str, result: Mapping[str, Any]) -> Answer:
    """Pieces as a list, or one by itself when one was asked for."""
    wanted = rules.from_json(editing.found(session, Run, task_id, "run").request)
    if wanted.scope == Scope.GENERATION:
        return _generated(session, task_id, result)
    rules.refuse_nothing_replaced(result)
    made = {row.id: row for row in content_store.pieces(session, result["piece_ids"])}
    found = shapes.pieces(session, [made[id] for id in result["piece_ids"]])
    return Answer(200, found[0] if wanted.scope == Scope.PIECE else found)


def _checked(session: Session, task_id: str, _result: Mapping[str, Any]) -> Answer:
    return Answer(200, judging.verdict_of(session, task_id))


def _circled(session: Session, task_id: str, _result: Mapping[str, Any]) -> Answer:
    run = editing.found(session, Run, task_id, "run")
    event = editing.found(session, ContentRegenerationEvent, str(run.request["event_id"]), "regeneration")
    told = {"workspace_id": run.workspace_id, "regeneration_result": circuit_registering.result(event)}
    return Answer(200, {**told, "timestamp": clock.iso(clock.now())})


def _kept(session: Session, task_id: str) -> Answer | None:
    """What stands although the run failed: the verdict of the rules without a judge, and why a gate did not open."""
    run = records.get(session, Run, task_id)
    if run is not None and run.function == circuits.NAME:
        return _circled(session, task_id, {})
    return _checked(session, task_id, {}) if run is not None and run.function == judging.NAME else None


def _compared(session: Session, _task_id: str, result: Mapping[str, Any]) -> Answer:
    row = editing.found(session, PromptTrial, str(result["trial_id"]), "comparison")
    return Answer(201, prompt_sides.written(row), {"Location": f"{TRIALS}/{row.id}"})


_SHAPES: Mapping[str, Callable[[Session, str, Mapping[str, Any]], Answer]] = {
    generations.NAME: _generated,
    regenerating.NAME: _regenerated,
    judging.NAME: _checked,
    prompt_trials.NAME: _compared,
    circuits.NAME: _circled,
}


def _heard(found: Answer | None) -> str:
    if found is None:
        return "unfinished"
    return "success" if found.status < 400 else "failed"
