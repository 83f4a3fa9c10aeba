"""Generations and pieces: reading them, and a person's yes or no to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Cursor, Given, IfMatch, Limit, Listed, ThingId
from regrow.api.pieces import Generation, Medium, Piece, PieceStatus
from regrow.domain.workspaces import Actor
from regrow.edge import answers
from regrow.edge.doors import REVIEWERS, Door, DoorRoute, Entered
from regrow.kit import pages
from regrow.services import editing, pieces
from regrow.store import records
from regrow.store.tables.content import Generation as GenerationRow
from regrow.store.tables.content import Piece as PieceRow
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)

Label = Annotated[str, Path(max_length=20, description="The label of a variant, such as B")]
Narrow = Annotated[str | None, Query(max_length=60)]
Decide = Callable[[Session, Actor, str, str, bool, int | None], PieceRow]


class Decision(Given):
    """Nothing needs to be said. `override` decides against the guard: owners only, and only with a reason."""

    reason: Annotated[str, Field(max_length=2_000, description="Kept for whoever writes it again")] = ""
    override: bool = False


@router.get("/generations", response_model=Listed[Generation], summary="List generations with their current pieces")
def generations(
    door: Entered, limit: Limit = 50, cursor: Cursor = None, topic_id: Narrow = None, campaign_id: Narrow = None
) -> Response:
    with door.reading() as session:
        narrowed = _given(topic_id=topic_id, campaign_id=campaign_id)
        found = records.page(session, GenerationRow, limit, pages.decode(cursor), **narrowed)
        items = shapes.generations(session, found.items)
        return answers.ok({"items": items, "next_cursor": found.next_cursor}).response()


@router.get("/generations/{id}", response_model=Generation, summary="Read a generation with its current pieces")
def generation(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        row = editing.found(session, GenerationRow, id, "generation")
        return answers.ok(shapes.generations(session, [row])[0]).response()


@router.get("/pieces", response_model=Listed[Piece], summary="List pieces with the newest version of each variant")
def list_pieces(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: PieceStatus | None = None,
    medium: Medium | None = None,
    generation_id: Narrow = None,
    campaign_id: Narrow = None,
) -> Response:
    narrowed = _given(status=status, medium=medium, generation_id=generation_id, campaign_id=campaign_id)
    with door.reading() as session:
        found = records.page(session, PieceRow, limit, pages.decode(cursor), **narrowed)
        items = shapes.pieces(session, found.items)
        return answers.ok({"items": items, "next_cursor": found.next_cursor}).response()


@router.get("/pieces/{id}", response_model=Piece, summary="Read a piece with the newest version of each variant")
def piece(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(_piece(session, editing.found(session, PieceRow, id, "piece"))).response()


@router.post("/pieces/{id}/approve", response_model=Piece, summary="Approve a piece", openapi_extra=REVIEWERS)
async def approve(id: ThingId, door: Entered, said: Decision | None = None, if_match: IfMatch = None) -> Response:
    """With `If-Match`, only the version that was read: 412 when somebody changed it since."""
    return await door.write(partial(_decide, door, pieces.approve, id, said, if_match))


@router.post("/pieces/{id}/reject", response_model=Piece, summary="Reject a piece", openapi_extra=REVIEWERS)
async def reject(id: ThingId, door: Entered, said: Decision | None = None, if_match: IfMatch = None) -> Response:
    """With `If-Match`, only the version that was read: 412 when somebody changed it since."""
    return await door.write(partial(_decide, door, pieces.reject, id, said, if_match))


@router.post("/pieces/{id}/reopen", response_model=Piece, summary="Take a yes or no back", openapi_extra=REVIEWERS)
async def reopen(id: ThingId, door: Entered) -> Response:
    """The piece is a draft again, and may be changed or written again."""
    return await door.write(lambda session: answers.ok(_piece(session, pieces.reopen(session, door.actor, id))))


@router.post(
    "/pieces/{id}/variants/{label}/select",
    response_model=Piece,
    summary="Let only this variant be published",
    openapi_extra=REVIEWERS,
)
async def select(id: ThingId, label: Label, door: Entered) -> Response:
    return await door.write(partial(_select, door, id, label.upper()))


@router.delete(
    "/pieces/{id}/variants/{label}/select",
    response_model=Piece,
    summary="Let all variants be published again",
    openapi_extra=REVIEWERS,
)
async def deselect(id: ThingId, label: Label, door: Entered) -> Response:
    return await door.write(partial(_select, door, id, None))


@router.post(
    "/variants/{id}/approve", response_model=Piece, summary="Approve the piece of a variant", openapi_extra=REVIEWERS
)
async def approve_variant(id: ThingId, door: Entered, said: Decision | None = None) -> Response:
    """Decides on the whole piece: all of its variants become live, not this one alone."""
    return await door.write(partial(_decide_by_variant, door, pieces.approve, id, said))


@router.post(
    "/variants/{id}/reject", response_model=Piece, summary="Reject the piece of a variant", openapi_extra=REVIEWERS
)
async def reject_variant(id: ThingId, door: Entered, said: Decision | None = None) -> Response:
    """Decides on the whole piece: none of its variants may go out, not this one alone."""
    return await door.write(partial(_decide_by_variant, door, pieces.reject, id, said))


def _decide(
    door: Door, decide: Decide, id: str, said: Decision | None, if_match: str | None, session: Session
) -> answers.Answer:
    heard, expected = said or Decision(), answers.expected_version(if_match)
    return answers.ok(_piece(session, decide(session, door.actor, id, heard.reason, heard.override, expected)))


def _decide_by_variant(door: Door, decide: Decide, id: str, said: Decision | None, session: Session) -> answers.Answer:
    return _decide(door, decide, pieces.of_variant(session, id), said, None, session)


def _select(door: Door, id: str, label: str | None, session: Session) -> answers.Answer:
    return answers.ok(_piece(session, pieces.select(session, door.actor, id, label)))


def _piece(session: Session, row: PieceRow) -> dict[str, Any]:
    return shapes.pieces(session, [row])[0]


def _given(**narrowed: str | None) -> dict[str, Any]:
    return {name: value for name, value in narrowed.items() if value is not None}
