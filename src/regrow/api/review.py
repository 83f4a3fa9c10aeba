"""The review queue: what waits for a person, the oldest first; drafts beside texts that are out among them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Cursor, Limit
from regrow.api.pieces import Medium
from regrow.api.replacements import Reviewed
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import pages
from regrow.services import beside
from regrow.store import replacing

router = APIRouter(prefix="/api/review", tags=["content"], route_class=DoorRoute)


class Queue(BaseModel):
    """`waiting` counts all pieces that fit, however many this page holds."""

    items: list[Reviewed]
    next_cursor: str | None
    waiting: int


@router.get("", response_model=Queue, summary="Drafts that wait for a decision, the oldest first")
def queue(
    door: Entered,
    limit: Limit = 20,
    cursor: Cursor = None,
    medium: Medium | None = None,
    campaign_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """Pieces that are approved or published are here as long as a new text waits beside theirs: `replacing` says which,
    what it is to replace and why.
    """
    narrowed: dict[str, Any] = {"medium": medium} if medium else {}
    narrowed |= {"campaign_id": campaign_id} if campaign_id else {}
    with door.reading() as session:
        found = replacing.queue(session, limit, pages.decode(cursor), **narrowed)
        told = beside.of_pieces(session, found.items)
        shaped = shapes.pieces(session, found.items)
        items = [{**each, "replacing": [one.as_dict() for one in told[each["id"]]]} for each in shaped]
        waiting = replacing.count_queue(session, **narrowed)
        return answers.ok({"items": items, "next_cursor": found.next_cursor, "waiting": waiting}).response()
