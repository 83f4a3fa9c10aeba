"""Generations and pieces: reading them, and a person's yes or no to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api import published, replacements
from regrow.api.fields import Cursor, Given, IfMatch, Limit, Listed, ThingId
from regrow.api.pieces import Generation, Medium, Piece, PieceStatus
from regrow.api.replacements import DecidedPiece
from regrow.edge import answers
from regrow.edge.doors import REVIEWERS, Door, DoorRoute, Entered
from regrow.kit import pages
from regrow.services import editing, pieces, replacing, taking_back
from regrow.services.publishing import Planned
from regrow.services.replacing import Decided, Said
from regrow.store import records
from regrow.store.tables.content import Generation as GenerationRow
from regrow.store.tables.content import Piece as PieceRow
from regrow.store.tables.posts import Post as PostRow
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)

Label = Annotated[str, Path(max_length=20, description="The label of a variant, such as B")]
Narrow = Annotated[str | None, Query(max_length=60)]
Act = Callable[[Session, Said], Decided]


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


@router.post("/pieces/{id}/approve", response_model=DecidedPiece, summary="Approve a piece", openapi_extra=REVIEWERS)
async def approve(
    id: ThingId, request: Request, door: Entered, said: Decision | None = None, if_match: IfMatch = None
) -> Response:
    """With `If-Match`, only the version that was read: 412 when somebody changed it since.

    Where earlier texts of the piece are out, the new ones take their place: posts are planned where those stand on the
    site, and `replacing` says what came of it.
    """
    outside = published.outside(door)

    def act(session: Session, heard: Said) -> Decided:
        return replacing.approve(session, door.actor, outside, id, heard)

    return await _decide(request, door, act, said, if_match)


@router.post("/pieces/{id}/reject", response_model=DecidedPiece, summary="Reject a piece", openapi_extra=REVIEWERS)
async def reject(
    id: ThingId, request: Request, door: Entered, said: Decision | None = None, if_match: IfMatch = None
) -> Response:
    """With `If-Match`, only the version that was read: 412 when somebody changed it since.

    Where earlier texts of the piece are out, its drafts are rejected and the piece is what it was before them.
    """

    def act(session: Session, heard: Said) -> Decided:
        return replacing.reject(session, door.actor, id, heard)

    return await _decide(request, door, act, said, if_match)


@router.post("/pieces/{id}/reopen", response_model=Piece, summary="Take a yes or no back", openapi_extra=REVIEWERS)
async def reopen(id: ThingId, door: Entered) -> Response:
    """The piece is a draft again, and may be changed or written again."""
    return await door.write(lambda session: answers.ok(_piece(session, taking_back.reopen(session, door.actor, id))))


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
    "/variants/{id}/approve", response_model=DecidedPiece, summary="Approve a new text", openapi_extra=REVIEWERS
)
async def approve_variant(id: ThingId, request: Request, door: Entered, said: Decision | None = None) -> Response:
    """A draft that waits beside texts that are out goes live by itself: a post of it is planned where the text before
    it stands on the site, it joins the running experiment that one lost in, and `replacing` says what came of it. Any
    other variant stands for its whole piece.
    """
    outside = published.outside(door)

    def act(session: Session, heard: Said) -> Decided:
        return replacing.approve_variant(session, door.actor, outside, id, heard)

    return await _decide(request, door, act, said, None)


@router.post("/variants/{id}/reject", response_model=DecidedPiece, summary="Reject a new text", openapi_extra=REVIEWERS)
async def reject_variant(id: ThingId, request: Request, door: Entered, said: Decision | None = None) -> Response:
    """A draft that waits beside texts that are out does not come back, and those stay. Any other variant stands for its
    whole piece.
    """

    def act(session: Session, heard: Said) -> Decided:
        return replacing.reject_variant(session, door.actor, id, heard)

    return await _decide(request, door, act, said, None)


async def _decide(request: Request, door: Door, act: Act, said: Decision | None, if_match: str | None) -> Response:
    """Posts that the decision planned are started once it is committed, and waited for a moment."""
    given = said or Decision()
    heard = Said(given.reason, given.override, answers.expected_version(if_match))
    kept: list[Decided] = []

    def plan(session: Session) -> Planned:
        kept[:] = [act(session, heard)]
        return Planned(kept[0].posts)

    def shape(session: Session, rows: Sequence[PostRow], _note: str) -> dict[str, Any]:
        piece = _piece(session, editing.found(session, PieceRow, kept[0].piece.id, "piece"))
        return piece if not kept[0].variants else {**piece, "replacing": replacements.shape(session, kept[0], rows)}

    return await published.started(request, door, plan, 200, shape)


def _select(door: Door, id: str, label: str | None, session: Session) -> answers.Answer:
    return answers.ok(_piece(session, pieces.select(session, door.actor, id, label)))


def _piece(session: Session, row: PieceRow) -> dict[str, Any]:
    return shapes.pieces(session, [row])[0]


def _given(**narrowed: str | None) -> dict[str, Any]:
    return {name: value for name, value in narrowed.items() if value is not None}
