"""Versions of pieces: changed by hand, restored, compared, and told from the first on; and those of generations."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api import pieces as shapes
from regrow.api.fields import Change, Given, Id, IfMatch, ThingId
from regrow.api.histories import GenerationHistory, PieceHistory
from regrow.api.pieces import Piece
from regrow.domain.versions import LONGEST, MOST_HASHTAGS
from regrow.edge import answers
from regrow.edge.doors import Door, DoorRoute, Entered
from regrow.services import comparing, histories, versions
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)

Line = Annotated[str, Field(max_length=LONGEST["body"])]
Tag = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
NumberAsked = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class TextChange(Change):
    """What of a text is to change; which fields there are depends on the medium."""

    title: Line = ""
    subject: Line = ""
    preheader: Line = ""
    body: Line = ""
    cta: Line = ""
    cta_url: Line = ""
    hashtags: Annotated[list[Tag], Field(default_factory=list, max_length=MOST_HASHTAGS)]


class PieceChange(TextChange):
    """Fields at the top belong to variant A, or to the one that `label` names; `variants` changes several at once."""

    label: Annotated[str, Field(max_length=4)] = "A"
    variants: Annotated[dict[str, TextChange], Field(default_factory=dict, max_length=10)]

    def by_label(self) -> dict[str, dict[str, Any]]:
        """The changes of each variant."""
        found = {label: change.values() for label, change in self.variants.items()}
        top = {name: value for name, value in self.values().items() if name not in ("label", "variants")}
        if top:
            found[self.label] = {**found.get(self.label, {}), **top}
        return found


class Restored(Given):
    """A version of this piece, or of the piece that `piece_id` names among those it came from."""

    version: Number
    piece_id: Id | None = None


class Part(BaseModel):
    op: Literal["equal", "insert", "delete"]
    text: str


class Side(BaseModel):
    piece_id: str
    version: int


class Difference(BaseModel):
    """Word by word: `equal` and `delete` joined give the text before, `equal` and `insert` the one after."""

    label: str
    before: Side
    after: Side
    similarity: float
    words_added: int
    words_removed: int
    fields: dict[str, list[Part]]


@router.patch("/pieces/{id}", response_model=Piece, summary="Change a piece by hand: a new version")
async def change(id: ThingId, wanted: PieceChange, door: Entered, if_match: IfMatch = None) -> Response:
    """Drafts and rejected pieces can be changed; a rejected one becomes a draft again. What changes nothing makes no
    version.
    """
    expected = answers.expected_version(if_match)
    return await begun.judged(door, partial(_change, door, id, expected, wanted))


@router.post("/pieces/{id}/restore", response_model=Piece, summary="Make an earlier version the newest one")
async def restore(id: ThingId, wanted: Restored, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)
    return await begun.judged(door, partial(_restore, door, id, expected, wanted))


@router.get("/pieces/{id}/history", response_model=PieceHistory, summary="Every version of a piece, oldest first")
def piece_history(id: ThingId, door: Entered) -> Response:
    """Begins with the piece that it first came from."""
    with door.reading() as session:
        return answers.ok(versions.history(session, id).as_dict()).response()


@router.get(
    "/generations/{id}/history", response_model=GenerationHistory, summary="Every try at a generation, oldest first"
)
def generation_history(id: ThingId, door: Entered) -> Response:
    """Those that it came from and itself, each with all its pieces, replaced ones too."""
    with door.reading() as session:
        return answers.ok(histories.history(session, id).as_dict()).response()


@router.get("/pieces/{id}/diff", response_model=Difference, summary="What differs between two versions, word by word")
def diff(
    id: ThingId,
    door: Entered,
    before: Annotated[NumberAsked, Query(alias="from", description="The one before `to` when left out")] = None,
    after: Annotated[NumberAsked, Query(alias="to", description="The newest when left out")] = None,
    from_piece: Annotated[str | None, Query(max_length=60, description="`from` is a version of this piece")] = None,
    to_piece: Annotated[str | None, Query(max_length=60, description="`to` is a version of this piece")] = None,
    label: Annotated[str, Query(max_length=4)] = "A",
) -> Response:
    """Both sides are versions of this piece, or of others of its history. Without `from`, the first version of a piece
    is compared with what it replaced.
    """
    with door.reading() as session:
        wanted = comparing.Wanted(before, after, from_piece, to_piece, label)
        return answers.ok(comparing.compare(session, id, wanted).as_dict()).response()


def _change(door: Door, id: str, expected: int | None, wanted: PieceChange, session: Session) -> answers.Answer:
    row = versions.edit(session, door.actor, id, expected, wanted.by_label())
    return answers.ok(shapes.pieces(session, [row])[0])


def _restore(door: Door, id: str, expected: int | None, wanted: Restored, session: Session) -> answers.Answer:
    row = versions.restore(session, door.actor, id, wanted.version, wanted.piece_id, expected)
    return answers.ok(shapes.pieces(session, [row])[0])
