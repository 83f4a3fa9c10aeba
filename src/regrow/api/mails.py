"""E-mail pieces as the messages that mail programs take."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from regrow.api.fields import ThingId
from regrow.edge.doors import DoorRoute, Entered
from regrow.services import letters

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)

Label = Annotated[str, Query(min_length=1, max_length=4, description="Which version")]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}},
    409: {
        "description": "A piece of another medium",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


class Message(Response):
    media_type = "message/rfc822"


@router.get(
    "/pieces/{id}/email", response_class=Message, responses=ANSWERS, summary="Read an e-mail piece as a message"
)
def message(id: ThingId, door: Entered, label: Label = "A") -> Response:
    """The newest version of the label, with plain text and HTML; whoever sends it adds sender and recipient."""
    with door.reading() as session:
        letter = letters.of_piece(session, id, label)
    # The name is ASCII letters, digits and hyphens only, so it needs no quoting of its own.
    return Message(letter.message.as_bytes(), headers={"Content-Disposition": f'attachment; filename="{letter.name}"'})
