"""Asking for content, and waiting for it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Given, Id
from regrow.api.pieces import Generation
from regrow.domain import content, functions
from regrow.edge import errors as edge_errors
from regrow.edge import waiting
from regrow.edge.answers import Answer
from regrow.edge.doors import Door, DoorRoute, Entered
from regrow.kit import errors
from regrow.services import generations
from regrow.store import records
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import runtime, starting

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)


def _medium(name: str) -> str:
    if name not in functions.BY_MEDIUM:
        raise ValueError(f"no medium that can be written yet, use {', '.join(functions.BY_MEDIUM)}")
    return name


Media = Annotated[
    list[Annotated[str, AfterValidator(_medium)]],
    Field(min_length=1, max_length=10, description=f"Any of {', '.join(functions.BY_MEDIUM)}"),
]


class NewGeneration(Given):
    """Without `topic_id` a topic is discovered first."""

    topic_id: Id | None = None
    persona_id: Id | None = None
    campaign_id: Id | None = None
    media: Media = Field(default_factory=lambda: ["blog", "social"])
    variants: Annotated[int, Field(ge=1, le=len(content.LABELS))] = 2
    social_count: Annotated[int, Field(ge=1, le=content.MOST_SOCIAL)] = 5
    instructions: Annotated[str, Field(max_length=2_000)] = ""


class Accepted(BaseModel):
    """The run goes on; `status_url` tells how it stands."""

    task_id: str
    status_url: str


@router.post(
    "/generate",
    status_code=201,
    response_model=Generation,
    responses={202: {"model": Accepted, "description": "Still being written: see status_url"}},
    summary="Write drafts from a topic, and wait for them",
)
async def generate(
    request: Request,
    door: Entered,
    wanted: NewGeneration | None = None,
    wait: Annotated[bool, Query(description="false: answer 202 at once")] = True,
) -> Response:
    asked = wanted.values() if wanted else {}
    begun = await door.commit(partial(_ask, door, asked))
    if begun.task_id is None:
        return begun.response()
    await door.aside(partial(_start, door, begun.task_id))
    state = request.app.state
    state.measures.run("asked")
    seconds = state.wait_seconds if wait else 0
    found = (
        await waiting.until(partial(_look, door, begun.task_id), seconds, request, state.stopping) if seconds else None
    )
    state.measures.run(_heard(found))
    if found is None:
        return accepted(begun.task_id).response()
    await door.aside(partial(door.keep, found))
    return found.response()


def accepted(task_id: str) -> Answer:
    place = f"/api/task-progress/{task_id}/"
    return Answer(202, {"task_id": task_id, "status_url": place}, {"Location": place})


def _ask(door: Door, asked: dict[str, Any], session: Session) -> Answer:
    return Answer(202, None, task_id=generations.ask(session, door.actor, **asked).id)


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
            row = generations.outcome(session, task_id)
        except errors.RegrowError as error:
            problem = edge_errors.of(error)
            return Answer(problem.status, problem.body(), problem.headers)
        if row is None:
            return None
        body = shapes.generations(session, [row])[0]
    return Answer(201, body, {"Location": f"{router.prefix}/generations/{body['id']}"})


def _heard(found: Answer | None) -> str:
    if found is None:
        return "unfinished"
    return "success" if found.status < 400 else "failed"
