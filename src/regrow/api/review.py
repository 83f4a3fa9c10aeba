"""The review queue: drafts that wait for a person, the oldest first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Cursor, Limit
from regrow.api.pieces import Medium, Piece
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import pages
from regrow.store import content as content_store
from regrow.store import records
from regrow.store.tables.content import Piece as PieceRow

router = APIRouter(prefix="/api/review", tags=["content"], route_class=DoorRoute)


class Queue(BaseModel):
    """`waiting` counts all drafts that fit, however many this page holds."""

    items: list[Piece]
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
    narrowed: dict[str, Any] = {"status": "draft", **({"medium": medium} if medium else {})}
    narrowed |= {"campaign_id": campaign_id} if campaign_id else {}
    with door.reading() as session:
        found = records.page(session, PieceRow, limit, pages.decode(cursor), **narrowed)
        items = shapes.pieces(session, found.items)
        waiting = content_store.count_pieces(session, **narrowed)
        return answers.ok({"items": items, "next_cursor": found.next_cursor, "waiting": waiting}).response()
