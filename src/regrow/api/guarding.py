"""The brand guard over HTTP: any text, or a piece once more."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api import pieces as shapes
from regrow.api.fields import Given, Id, ThingId
from regrow.api.pieces import Medium, Piece
from regrow.domain import personas
from regrow.domain.versions import LONGEST, MOST_HASHTAGS
from regrow.domain.writing import Platform
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import errors
from regrow.services import guarding
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api", tags=["guard"], route_class=DoorRoute)

Line = Annotated[str, Field(max_length=LONGEST["body"])]
Tag = Annotated[str, Field(max_length=200)]
Language = Annotated[str, Field(max_length=20, pattern=r"^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3})?$")]


class Content(Given):
    """The fields of a variant, as pieces have them."""

    title: Line = ""
    subject: Line = ""
    preheader: Line = ""
    body: Line = ""
    cta: Line = ""
    cta_url: Line = ""
    hashtags: Annotated[list[Tag], Field(default_factory=list, max_length=MOST_HASHTAGS)]


class Asked(Given):
    """Either `text`, or `content` with its fields. Without a persona the default one sets the rules."""

    text: Line | None = None
    content: Content | None = None
    medium: Medium = "blog"
    platform: Platform | None = None
    persona_id: Id | None = None
    language: Annotated[Language, Field(description=f"Such as {', '.join(personas.LANGUAGES)}")] = ""
    judge: Annotated[
        bool, Field(description="Asks the judge too, where the workspace names one; that costs credits")
    ] = False


class Found(BaseModel):
    """`quote` stands word for word at `start` of the field; it is empty when something is missing."""

    check: str
    severity: Literal["veto", "major", "minor"]
    quote: str
    field: str
    start: int
    label: str
    how: str


class Criterion(BaseModel):
    """The median of the samples that count, 0..1, and what each of these said."""

    label: str
    criterion: str
    score: float | None
    votes: list[Literal["yes", "partly", "no"]]
    lost: int


class Verdict(BaseModel):
    """What stands below `needs_person` is there only where a judge was asked; a voice score only where it answered."""

    score: float
    passed: bool
    method: Literal["rules", "rules+judge"]
    findings: list[Found]
    judge: Literal["none", "pending", "done", "failed"]
    needs_person: bool
    judge_detail: str = ""
    judge_score: float | None = None
    rule_score: float | None = None
    voice_score: float | None = None
    criteria: Annotated[list[Criterion], Field(default_factory=list)]
    doubts: Annotated[list[str], Field(default_factory=list)]
    judges: Annotated[list[str], Field(default_factory=list)]


@router.post(
    "/guard",
    response_model=Verdict,
    responses=begun.ACCEPTED,
    summary="Check any text against a persona's guidelines",
)
async def check(wanted: Asked, door: Entered, request: Request, wait: begun.Wait = True) -> Response:
    """Nothing is kept, with a judge no longer than it takes. A text has no sources here, so its figures are not
    compared with any. Where the judge fails, the rules decide and `judge_detail` says why.
    """
    loose = guarding.Loose(_content(wanted), wanted.medium, wanted.platform or "", wanted.persona_id, wanted.language)
    if wanted.judge:
        return await begun.answered(request, door, lambda session: guarding.ask_text(session, door.actor, loose), wait)
    return await door.write(lambda session: answers.ok(guarding.check_text(session, door.actor, loose)))


@router.post("/content/pieces/{id}/guard", response_model=Piece, summary="Check a piece once more")
async def again(id: ThingId, door: Entered) -> Response:
    """With the guidelines, the voice and the notes as they are now. Its status stays what it is. Where the workspace
    names a judge, that is asked once more too: see `guard.judge`.
    """

    def judge(session: Session) -> answers.Answer:
        return answers.ok(shapes.pieces(session, [guarding.again(session, door.actor, id)])[0])

    return await begun.judged(door, judge)


def _content(wanted: Asked) -> dict[str, Any]:
    if (wanted.text is None) == (wanted.content is None):
        problem = "body: give either text or content"
        raise errors.Invalid(problem, "bad_request", problems=[problem])
    return {"body": wanted.text} if wanted.content is None else wanted.content.model_dump()
