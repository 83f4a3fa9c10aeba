"""Deliveries to webhooks: the log, sending a message once more, and trying a channel."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api.fields import Cursor, Limit, Listed, ThingId, Time, page
from regrow.domain.publishing.channel import Outcome
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import REVIEWERS, Door, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import deliveries, editing
from regrow.services.deliveries import Again
from regrow.services.publishing import Outside
from regrow.store import deliveries as delivery_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.channels import Delivery as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/channels/{id}", tags=["channels"], route_class=DoorRoute)

DeliveryId = Annotated[str, Path(description="The id of an attempt")]
Result = Literal["delivered", "again", "dead", "unknown"]


class Delivery(BaseModel):
    """One attempt. `status` is the answer's, 0 when there was none; `dead` is not tried again by itself."""

    id: str
    channel_id: str
    post_id: str | None
    message_id: str
    attempt: int
    outcome: Result
    status: int
    detail: str
    answer: str
    milliseconds: int
    at: Time


@router.get("/deliveries", response_model=Listed[Delivery], summary="List attempts to deliver, newest first")
def index(
    id: ThingId,
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    outcome: Annotated[Result | None, Query(description="Only attempts that came to this")] = None,
) -> Response:
    with door.reading() as session:
        editing.found(session, Channel, id, "channel")
        found = delivery_store.page(session, id, limit, pages.decode(cursor), outcome)
        return answers.ok(page(found, _shape)).response()


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=201,
    response_model=Delivery,
    summary="Send a message once more",
    openapi_extra=REVIEWERS,
)
async def replay(id: ThingId, delivery_id: DeliveryId, door: Entered) -> Response:
    """With the key it had, so that the receiver takes it once; a post that was given up is published by it."""

    def work() -> tuple[Again, Outcome]:
        with door.reading() as session:
            again = deliveries.replay(session, door.actor, _outside(door), id, delivery_id)
        return again, again.channel.post(again.outgoing)

    def note(session: Session, done: tuple[Again, Outcome]) -> Answer:
        return Answer(201, _shape(deliveries.replayed(session, door.actor, *done)))

    return await door.beside(work, note)


@router.post(
    "/test",
    status_code=201,
    response_model=Delivery,
    summary="Send a message that publishes nothing",
    openapi_extra=REVIEWERS,
)
async def test(id: ThingId, door: Entered) -> Response:
    def work() -> tuple[str, Outcome]:
        with door.reading() as session:
            channel, message_id = deliveries.trial(session, door.actor, _outside(door), id)
        return message_id, channel.test(message_id)

    def note(session: Session, done: tuple[str, Outcome]) -> Answer:
        return Answer(201, _shape(deliveries.tried(session, door.actor, id, *done)))

    return await door.beside(work, note)


def _outside(door: Door) -> Outside:
    return Outside(door.channels, door.sealer)


def _shape(row: Row) -> dict[str, Any]:
    plain = ("id", "channel_id", "post_id", "message_id", "attempt", "outcome", "status", "detail", "answer")
    return {**{name: getattr(row, name) for name in (*plain, "milliseconds")}, "at": clock.iso(row.at)}
