"""Beacons of the built-in site: the script that sends them, and the door they come to."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi import Path as InPath
from starlette.responses import Response

from regrow.domain.visits import assignment, beacons, readers
from regrow.domain.visits.beacons import Ticket, Told
from regrow.domain.visits.counting import Mark
from regrow.kit import clock, errors
from regrow.web import visiting
from regrow.web.visiting import Visiting

router = APIRouter(include_in_schema=False)

LARGEST_BYTES = 1_000
SCRIPT = (Path(__file__).parent / "static" / "seen.js").read_bytes()
SCRIPT_TAG = f'"{hashlib.sha256(SCRIPT).hexdigest()[:20]}"'
Slug = Annotated[str, InPath(max_length=200)]


@router.get("/s/{workspace}/seen.js")
async def script(request: Request, workspace: Slug) -> Response:
    """The same for every workspace; asked for again once an hour at most."""
    headers = {"Cache-Control": "public, max-age=3600", "ETag": SCRIPT_TAG}
    if request.headers.get("if-none-match") == SCRIPT_TAG:
        return Response(status_code=304, headers=headers)
    return Response(SCRIPT, media_type="text/javascript; charset=utf-8", headers=headers)


@router.post("/s/{workspace}/seen")
async def seen(request: Request, workspace: Slug) -> Response:
    """Takes a beacon. The answer is 204 whatever becomes of it, so that nobody learns how to be counted twice; 503
    only when it could not be stored.
    """
    every = visiting.of(request)
    body = await _body(request)
    workspace_id = await to_thread.run_sync(every.workspace_id, workspace)
    if workspace_id is None:
        return Response(status_code=204)
    try:
        mark = _checked(request, every, workspace_id, body)
        if isinstance(mark, Mark):
            await asyncio.wrap_future(every.recorder.mark(workspace_id, mark))
        else:
            every.recorder.tally(workspace_id, *mark)
    except errors.Unavailable as error:
        return Response(status_code=503, headers={"Retry-After": str(int(error.retry_after_seconds or 5))})
    return Response(status_code=204)


async def _body(request: Request) -> bytes:
    """The beginning of the body; one byte more than a beacon may have is enough to refuse it."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_BYTES:
            return b""
    return found


def _checked(request: Request, every: Visiting, workspace_id: str, body: bytes) -> Mark | tuple[str, str]:
    """What is to be counted, or the piece (empty when the beacon cannot be believed) and why not."""
    if not every.beacons.allows(visiting.address_of(request), time.monotonic()):
        return "", "too_many_beacons"
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "", "cross_site"
    told = beacons.read(body)
    if told is None:
        return "", "malformed"
    ticket = beacons.opened(every.keys(workspace_id).signing, workspace_id, told.token, clock.now())
    if not isinstance(ticket, Ticket):
        return "", ticket
    mark = _reason(request, every, ticket, told) or beacons.mark(ticket, told, clock.now())
    return mark if isinstance(mark, Mark) else (ticket.piece_id, mark)


def _reason(request: Request, every: Visiting, ticket: Ticket, told: Told) -> str | None:
    """Why the sender is not counted although their token is good."""
    if told.kind == beacons.AUTOMATED:
        return "headless"
    reason = readers.reason_not_to_count(request.method, request.headers, every.crawlers)
    if reason is not None:
        return reason
    id = visiting.cookie_of(request)
    naming = every.keys(ticket.workspace_id).naming
    is_theirs = id is not None and assignment.pseudonym(naming, ticket.piece_id, id) == ticket.visitor
    return None if is_theirs else "no_cookie"
