"""Starting posts that a request planned, and waiting a moment for those that are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from fastapi import Request
from starlette.responses import Response

from regrow.edge import waiting
from regrow.edge.answers import Answer
from regrow.edge.doors import Door, Kept
from regrow.kit import clock
from regrow.services.publishing import Outside, Planned
from regrow.store import records
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session
from regrow.workflows import publishing, runtime

PATIENCE_SECONDS = 10.0
"""Most channels answer sooner; who wants to know later reads the posts."""
Shape = Callable[[Session, Sequence[Post], str], Any]


def outside(door: Door) -> Outside:
    return Outside(door.channels, door.sealer)


async def started(
    request: Request, door: Door, plan: Callable[[Session], Planned], status: int, shape: Shape, wait: bool = True
) -> Response:
    """Commits the plan, starts what is due, and answers the posts as they stand once they went out, or soon after."""
    planned: list[Planned] = []

    def act(session: Session) -> Answer:
        done = plan(session)
        session.flush()
        planned[:] = [done]
        return Answer(status, shape(session, done.posts, done.note))

    answer = await door.commit(act)
    if isinstance(answer, Kept) or not planned:
        return answer.response()
    due = [row for row in planned[0].posts if row.status == "planned" and row.due_at <= clock.now()]
    if not due or not runtime.is_launched():
        return answer.response()
    await door.aside(partial(_start, due))
    if wait:
        seconds = min(PATIENCE_SECONDS, request.app.state.wait_seconds)
        await waiting.until(partial(_settled, door, due), seconds, request, request.app.state.stopping)
    answer = Answer(status, await door.aside(partial(_shaped, door, planned[0], shape)))
    await door.aside(partial(door.keep, answer))
    return answer.response()


def _start(rows: Sequence[Post]) -> None:
    for row in rows:
        publishing.start(row)


def _settled(door: Door, rows: Sequence[Post]) -> bool | None:
    """True once none of them is on its way any more; None while one is. One that waits for another try is planned."""
    with door.reading() as session:
        now = [records.get(session, Post, row.id) for row in rows]
    return None if any(_is_on_its_way(*each) for each in zip(rows, now, strict=True)) else True


def _is_on_its_way(before: Post, row: Post | None) -> bool:
    """In another round it was put off, such as by a channel that is paused."""
    if row is None or row.round != before.round:
        return False
    return row.status == "sending" or (row.status == "planned" and row.attempts == before.attempts)


def _shaped(door: Door, planned: Planned, shape: Shape) -> Any:
    with door.reading() as session:
        rows = [records.get(session, Post, row.id) for row in planned.posts]
        return shape(session, [row for row in rows if row is not None], planned.note)
