"""Asking for content from a topic."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from starlette.responses import Response

from regrow.api import begun
from regrow.api.begun import ACCEPTED, Wait
from regrow.api.fields import Given, Id
from regrow.api.pieces import Generation
from regrow.domain import content, functions
from regrow.edge.doors import Door, DoorRoute, Entered
from regrow.services import generations
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/content", tags=["content"], route_class=DoorRoute)


def _medium(name: str) -> str:
    if name not in functions.BY_MEDIUM:
        raise ValueError(f"no medium that can be written yet, use {', '.join(functions.BY_MEDIUM)}")
    return name


Media = Annotated[
    list[Annotated[str, AfterValidator(_medium)]],
    Field(min_length=1, max_length=10, description=f"Any of {', '.join(functions.BY_MEDIUM)}"),
]


class NewGeneration(Given):
    """Without `topic_id` a topic is discovered first."""

    topic_id: Id | None = None
    persona_id: Id | None = None
    campaign_id: Id | None = None
    media: Media = Field(default_factory=lambda: ["blog", "social"])
    variants: Annotated[int, Field(ge=1, le=len(content.LABELS))] = 2
    social_count: Annotated[int, Field(ge=1, le=content.MOST_SOCIAL)] = 5
    instructions: Annotated[str, Field(max_length=2_000)] = ""


@router.post(
    "/generate",
    status_code=201,
    response_model=Generation,
    responses=ACCEPTED,
    summary="Write drafts from a topic, and wait for them",
)
async def generate(request: Request, door: Entered, wanted: NewGeneration | None = None, wait: Wait = True) -> Response:
    asked = wanted.values() if wanted else {}
    return await begun.answered(request, door, partial(_ask, door, asked), wait)


def _ask(door: Door, asked: dict[str, Any], session: Session) -> Run:
    return generations.ask(session, door.actor, **asked)
