"""Functions: every kind of model call there is, with its limits and its price."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from regrow.domain import content, credits, functions, writing
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered

router = APIRouter(prefix="/api/functions", tags=["functions"], route_class=DoorRoute)


class Price(BaseModel):
    rule: str
    words_per_credit: int


class Function(BaseModel):
    name: str
    description: str
    medium: str
    phases: dict[str, tuple[int, int]]
    limits: dict[str, Any]
    price: Price


class Functions(BaseModel):
    items: list[Function]
    next_cursor: None


def shape(function: functions.Function) -> dict[str, Any]:
    limits: dict[str, Any] = {"max_output_tokens": function.max_output_tokens, "variants": len(content.LABELS)}
    if function.medium == "social":
        limits |= {"posts": content.MOST_SOCIAL, "characters": writing.PLATFORM_LENGTHS}
    return {
        "name": function.name,
        "description": function.description,
        "medium": function.medium,
        "phases": functions.PHASES,
        "limits": limits,
        "price": {
            "rule": f"one credit for each {credits.WORDS_PER_CREDIT} words asked for, over all texts; at least one",
            "words_per_credit": credits.WORDS_PER_CREDIT,
        },
    }


@router.get("", response_model=Functions, summary="List the functions")
def index(door: Entered) -> Response:
    with door.reading():
        return answers.ok({"items": [shape(each) for each in functions.FUNCTIONS], "next_cursor": None}).response()
