"""How a run stands: once, or as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from regrow.edge import answers, waiting
from regrow.edge.doors import Door, DoorRoute, Entered
from regrow.edge.waiting import Stopping, Streams
from regrow.kit import errors
from regrow.services import editing
from regrow.store import runs
from regrow.store.tables.runs import ProgressEvent, Run

router = APIRouter(prefix="/api/task-progress", tags=["progress"], route_class=DoorRoute)

PING_SECONDS = 15
TaskId = Annotated[str, Path(description="The task_id of a run")]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="Go on after this event")]


class Progress(BaseModel):
    task_id: str
    function: str
    phase: Literal["INIT", "PREP", "AI_CALL", "PARSE", "SAVE", "DONE"]
    percent: int
    message: str
    status: Literal["pending", "running", "success", "failed", "cancelled"]
    result: dict[str, Any] | None
    error: dict[str, Any] | None


def shape(run: Run, event: ProgressEvent | None) -> dict[str, Any]:
    """A run that nobody has picked up yet is pending."""
    if event is None:
        told: dict[str, Any] = {"phase": "INIT", "percent": 0, "message": "", "status": "pending"}
        return {"task_id": run.id, "function": run.function, **told, "result": None, "error": None}
    return {
        "task_id": run.id,
        "function": run.function,
        "phase": event.phase,
        "percent": event.percent,
        "message": event.message,
        "status": "pending" if event.phase == "INIT" and event.status == "running" else event.status,
        "result": event.result,
        "error": event.error,
    }


@router.get("/{task_id}", include_in_schema=False)
@router.get("/{task_id}/", response_model=Progress, summary="How a run stands")
def get(task_id: TaskId, door: Entered) -> Response:
    with door.reading() as session:
        run = editing.found(session, Run, task_id, "run")
        return answers.ok(shape(run, runs.last(session, task_id))).response()


@router.get(
    "/{task_id}/events",
    response_class=EventSourceResponse,
    summary="Progress of a run as server-sent events, until it ends",
    responses={
        200: {"description": "Events named progress; data as of the run's status", "content": {"text/event-stream": {}}}
    },
)
async def events(
    task_id: TaskId, request: Request, door: Entered, last_event_id: LastEventId = None
) -> EventSourceResponse:
    streams: Streams = request.app.state.streams
    streams.refuse_more()
    after = _sequence(last_event_id)
    await to_thread.run_sync(partial(_since, door, task_id, after))
    told = _told(door, task_id, after, streams, request.app.state.stopping)
    return EventSourceResponse(told, ping=PING_SECONDS, headers={"X-Accel-Buffering": "no"})


async def _told(
    door: Door, task_id: str, after: int, streams: Streams, stopping: Stopping
) -> AsyncIterator[ServerSentEvent]:
    with streams.one():
        pause = waiting.FIRST_LOOK_SECONDS
        while not stopping.is_set():
            try:
                run, found = await to_thread.run_sync(partial(_since, door, task_id, after))
            except errors.RegrowError:
                return  # the key stopped working, or the database went away: the client asks anew and is told why
            for event in found:
                yield ServerSentEvent(answers.written(shape(run, event)), event="progress", id=str(event.sequence))
                after, pause = event.sequence, waiting.FIRST_LOOK_SECONDS
                if event.phase == "DONE":
                    return
            if run.finished_at is not None and not found:
                return
            await asyncio.sleep(pause)
            pause = min(pause * waiting.GROWTH, waiting.LONGEST_LOOK_SECONDS)


def _since(door: Door, task_id: str, after: int) -> tuple[Run, list[ProgressEvent]]:
    with door.reading() as session:
        return editing.found(session, Run, task_id, "run"), runs.since(session, task_id, after)


def _sequence(last_event_id: str | None) -> int:
    text = (last_event_id or "0").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise errors.Invalid("Last-Event-ID: the id of an event of this stream, a whole number", "bad_last_event_id")
    return int(text)
