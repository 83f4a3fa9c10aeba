"""Two versions of a prompt on the same inputs: begun, listed and read."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api.begun import ACCEPTED, Wait
from regrow.api.fields import Cursor, Given, Id, Limit, Listed, ThingId, Time, page
from regrow.api.prompt_shapes import Named, PromptName
from regrow.api.versions import Part
from regrow.domain import content
from regrow.edge import answers
from regrow.edge.doors import Door, DoorRoute, Entered
from regrow.kit import pages
from regrow.services import editing, prompt_sides, prompt_trials
from regrow.services.prompt_previews import Inputs
from regrow.services.prompt_trials import Wanted
from regrow.store import prompts as store
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

router = APIRouter(tags=["prompts"], route_class=DoorRoute)


class NewComparison(Given):
    """Both versions are given the same inputs; without `topic_id` those of the newest topic."""

    before: Named
    after: Named
    topic_id: Id | None = None
    persona_id: Id | None = None
    variants: Annotated[int, Field(ge=1, le=len(content.LABELS))] = 2
    social_count: Annotated[int, Field(ge=1, le=content.MOST_SOCIAL)] = 5
    instructions: Annotated[str, Field(max_length=2_000)] = ""


class Told(BaseModel):
    system: str
    user: str
    characters: int
    tokens: int


class PromptSide(BaseModel):
    """`cost` is US dollars or unknown, `score` the guard's lowest. `told` is given where nothing was written."""

    version: str
    template: str
    template_version: int
    model: str | None
    origin: str | None
    settings: dict[str, Any] | None
    cost: float | str | None
    input_tokens: int | None
    output_tokens: int | None
    score: float | None
    passed: bool | None
    pieces: list[dict[str, Any]]
    told: Told | None


class PromptDifference(BaseModel):
    """Of one text, named by its platform (empty for articles and mails) and label; `prompt` are the prompts."""

    what: str
    label: str
    similarity: float
    words_added: int
    words_removed: int
    fields: dict[str, list[Part]]


class Trial(BaseModel):
    """`warning` says when a writer read no prompt. Without an `id` nothing was written, and nothing is kept."""

    id: str | None
    task_id: str | None
    prompt: str
    topic_id: str
    persona_id: str
    before: PromptSide
    after: PromptSide
    differences: list[PromptDifference]
    warning: str
    created_at: Time | None


@router.post(
    "/api/prompts/{name}/compare",
    status_code=201,
    response_model=Trial,
    responses={**ACCEPTED, 200: {"model": Trial, "description": "Only the prompts: the writer reads none"}},
    summary="Two versions on the same inputs, side by side",
)
async def compare(
    name: PromptName, wanted: NewComparison, request: Request, door: Entered, wait: Wait = True
) -> Response:
    """Two calls in one run, paid like any other; no piece comes of it. The offline writer is not asked."""
    given = wanted.model_dump(exclude={"before", "after"})
    asked = Wanted(name, wanted.before, wanted.after, Inputs(**given))
    alone = await door.aside(partial(_alone, door, asked))
    if alone is not None:
        return alone.response()
    return await begun.answered(request, door, partial(_ask, door, asked), wait)


@router.get("/api/prompt-trials", response_model=Listed[Trial], summary="List the comparisons, newest first")
def index(door: Entered, limit: Limit = 20, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        return answers.ok(page(store.trials(session, limit, pages.decode(cursor)), prompt_sides.written)).response()


@router.get("/api/prompt-trials/{id}", response_model=Trial, summary="Read a comparison")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(prompt_sides.written(editing.found(session, PromptTrial, id, "comparison"))).response()


def _alone(door: Door, wanted: Wanted) -> answers.Answer | None:
    with door.reading() as session:
        found = prompt_sides.if_deaf(session, door.writer, door.prompter, wanted)
        return None if found is None else answers.Answer(200, found)


def _ask(door: Door, wanted: Wanted, session: Session) -> Run:
    return prompt_trials.ask(session, door.actor, door.prompter, wanted)
