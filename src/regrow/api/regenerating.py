"""Another try on the same notes: a whole generation, one medium of it, or one piece."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api.begun import ACCEPTED, Wait
from regrow.api.fields import Given, Id, ThingId
from regrow.api.pieces import Generation, Piece
from regrow.domain import functions
from regrow.domain.regenerating import LONGEST_INSTRUCTIONS
from regrow.edge.doors import DoorRoute, Entered
from regrow.services import regenerating
from regrow.services.regenerating import Wish
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)

MediumName = Annotated[str, Path(alias="medium", max_length=60, description=f"One of {', '.join(functions.BY_MEDIUM)}")]


class Again(Given):
    """Nothing needs to be said. The persona is the one that wrote before, as it is now, unless another is named."""

    instructions: Annotated[
        str, Field(max_length=LONGEST_INSTRUCTIONS, description="Such as: shorter, lead with the number")
    ] = ""
    persona_id: Id | None = None


@router.post(
    "/generations/{id}/regenerate",
    status_code=201,
    response_model=Generation,
    responses=ACCEPTED,
    summary="Write a new generation from the same notes",
)
async def generation(
    id: ThingId, request: Request, door: Entered, said: Again | None = None, wait: Wait = True
) -> Response:
    """The old one stays as it is. Five times a day for each generation, unless the workspace sets another limit."""

    def ask(session: Session) -> Run:
        return regenerating.ask_generation(session, door.actor, id, _wish(said))

    return await begun.answered(request, door, ask, wait)


@router.post(
    "/generations/{id}/regenerate/{medium}",
    response_model=list[Piece],
    responses=ACCEPTED,
    summary="Write the pieces of one medium again",
)
async def medium(
    id: ThingId, medium: MediumName, request: Request, door: Entered, said: Again | None = None, wait: Wait = True
) -> Response:
    """Replaces drafts and rejected pieces, which stay in history; what is approved or published is never touched."""

    def ask(session: Session) -> Run:
        return regenerating.ask_medium(session, door.actor, id, medium, _wish(said))

    return await begun.answered(request, door, ask, wait)


@router.post("/pieces/{id}/regenerate", response_model=Piece, responses=ACCEPTED, summary="Write one piece again")
async def piece(id: ThingId, request: Request, door: Entered, said: Again | None = None, wait: Wait = True) -> Response:
    def ask(session: Session) -> Run:
        return regenerating.ask_piece(session, door.actor, id, _wish(said))

    return await begun.answered(request, door, ask, wait)


def _wish(said: Again | None) -> Wish:
    return Wish(**said.values()) if said else Wish()
