"""Publishing a piece on a channel, now or later."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from regrow.api import posts, published
from regrow.api.fields import Given, Id, ThingId
from regrow.edge.doors import REVIEWERS, DoorRoute, Entered
from regrow.services import publishing
from regrow.services.publishing import Planned
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["posts"], route_class=DoorRoute)


class Publication(Given):
    """Without `at` it goes out now."""

    channel_id: Id
    at: posts.At | None = None


@router.post(
    "/pieces/{id}/publish",
    status_code=201,
    response_model=list[posts.Post],
    summary="Publish a piece: one post for each live variant",
    openapi_extra=REVIEWERS,
)
async def publish(
    id: ThingId,
    said: Publication,
    request: Request,
    door: Entered,
    wait: Annotated[bool, Query(description="false: answer at once, without a look at how it went")] = True,
) -> Response:
    """The posts are planned in any case; those that go out now are waited for a few seconds.

    A post that is `unknown` was sent and nobody can tell whether it was taken: it is never sent again by itself.
    """

    def plan(session: Session) -> Planned:
        return publishing.publish(session, door.actor, published.outside(door), id, said.channel_id, said.at)

    return await published.started(request, door, plan, 201, posts.shapes, wait)
