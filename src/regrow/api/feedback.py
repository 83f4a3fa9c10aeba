"""Feedback: what people think of pieces, and what highly and poorly rated ones had in common."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import pieces as shapes
from regrow.api.fields import Cursor, Given, Id, Limit, Listed, Time, page
from regrow.domain.contexts import Confidence, Validation
from regrow.domain.feedback import MOST_COMMENT
from regrow.domain.feedback import Rating as Named
from regrow.domain.feedback import Summary as SummaryFacts
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import feedback
from regrow.services.feedback import Kind, OfPiece
from regrow.store import feedback as feedback_store
from regrow.store.tables.contexts import Context as ContextRow
from regrow.store.tables.feedback import RatingRow
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/feedback", tags=["feedback"], route_class=DoorRoute)


class NewFeedback(Given):
    """Replaces what the same person said of the piece before."""

    piece_id: Id
    rating: Annotated[Named, Field(strict=False)]
    comment: Annotated[str, Field(max_length=MOST_COMMENT, description="Why, in the person's own words")] = ""


class Rating(BaseModel):
    """`by` is a member, or the key itself when it belongs to nobody; of one person the newest rating counts."""

    id: str
    piece_id: str
    piece_version: int
    rating: Named
    comment: str
    by: str
    at: Time


class Summary(BaseModel):
    """The newest rating of each person: `rating` is their lower median, null while nobody has rated."""

    rating: Named | None
    people: int
    counts: dict[str, int]


class Judged(BaseModel):
    """The context that the piece was written in, as people judge it now."""

    id: str
    validation: Validation
    confidence: Confidence


class Feedback(Rating):
    summary: Summary
    context: Judged | None


class Ratings(Listed[Rating]):
    """`summary` is null unless the list is of one piece."""

    summary: Summary | None


class RatedPiece(BaseModel):
    """`comments` are those ratings that count and say something, the newest first."""

    piece: shapes.Piece
    summary: Summary
    comments: list[Rating]


class Rated(Listed[RatedPiece]):
    in_common: list[str]


@router.post("", status_code=201, response_model=Feedback, summary="Rate a piece, or change one's mind about it")
async def give(said: NewFeedback, door: Entered) -> Response:
    """Saying the same of the same version again adds nothing and answers as before."""

    def act(session: Session) -> Answer:
        given = feedback.give(session, door.actor, said.piece_id, said.rating, said.comment)
        body = {**_rating(given.row), "summary": _summary(given.summary), "context": _judged(given.context)}
        return Answer(201, body, {"Location": f"/api/feedback?piece_id={given.row.piece_id}"})

    return await door.write(act)


@router.get("", response_model=Ratings, summary="List all that was ever said, newest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    piece_id: Annotated[str | None, Query(max_length=60, description="Only of this piece, with its summary")] = None,
) -> Response:
    with door.reading() as session:
        summed = None if piece_id is None else _summary(feedback.of_piece(session, piece_id).summary)
        found = feedback_store.page(session, limit, pages.decode(cursor), piece_id)
        return answers.ok({**page(found, _rating), "summary": summed}).response()


@router.get("/rated", response_model=Rated, summary="List pieces rated high or low, and what they had in common")
def rated(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    rating: Annotated[Kind, Query(description="high: excellent or good; low: poor or unacceptable")] = "high",
) -> Response:
    """`in_common` compares the newest 200 pieces rated high with the newest 200 rated low, on every page alike."""
    with door.reading() as session:
        found = feedback.rated(session, rating, limit, cursor)
        pieces = shapes.pieces(session, [each.piece for each in found.items])
        items = [_rated(each, piece) for each, piece in zip(found.items, pieces, strict=True)]
        told = list(feedback.in_common(session, rating))
        return answers.ok({"items": items, "next_cursor": found.next_cursor, "in_common": told}).response()


def _rating(row: RatingRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "piece_id": row.piece_id,
        "piece_version": row.piece_version,
        "rating": row.rating,
        "comment": row.comment,
        "by": row.actor_id,
        "at": clock.iso(row.at),
    }


def _summary(summed: SummaryFacts) -> dict[str, Any]:
    return {"rating": summed.rating, "people": summed.people, "counts": dict(summed.counts)}


def _judged(context: ContextRow | None) -> dict[str, Any] | None:
    if context is None:
        return None
    return {"id": context.id, "validation": context.validation, "confidence": context.confidence}


def _rated(found: OfPiece, piece: dict[str, Any]) -> dict[str, Any]:
    return {"piece": piece, "summary": _summary(found.summary), "comments": [_rating(row) for row in found.comments]}
