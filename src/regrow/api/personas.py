"""Personas: the voices that write."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api import changes
from regrow.api.fields import (
    Archived,
    Change,
    Cursor,
    Given,
    IfMatch,
    Limit,
    Listed,
    Name,
    Text,
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, personas
from regrow.store import records
from regrow.store.tables.personas import Persona as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/personas", tags=["personas"], route_class=DoorRoute)


class Persona(BaseModel):
    id: str
    name: str
    description: str
    voice: dict[str, dict[str, Any]]
    guidelines: dict[str, list[str]]
    is_default: bool
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class NewPersona(Given):
    """`voice` maps a medium to its settings, `guidelines` holds lists of words to `use` and to `avoid`."""

    name: Name
    description: Text = ""
    voice: dict[str, dict[str, Any]] = Field(default_factory=dict)
    guidelines: dict[str, list[str]] = Field(default_factory=dict)
    is_default: bool = False


class PersonaChange(Change):
    name: Name = ""
    description: Text = ""
    voice: dict[str, dict[str, Any]] = Field(default_factory=dict)
    guidelines: dict[str, list[str]] = Field(default_factory=dict)
    is_default: bool = False


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "voice": row.voice,
        "guidelines": row.guidelines,
        "is_default": row.is_default,
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Persona], summary="List the personas in use")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Persona, summary="Read a persona")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "persona"))).response()


@router.post("", status_code=201, response_model=Persona, summary="Create a persona")
async def create(new: NewPersona, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.created(router.prefix, shape(personas.create(session, door.actor, **new.values())))
    )


@router.patch("/{id}", response_model=Persona, summary="Change a persona")
async def change(id: ThingId, wanted: PersonaChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        values = wanted.values()
        row = changes.apply(session, door.actor, Row, "persona", id, expected, values, personas.change)
        return answers.ok(shape(row))

    return await door.write(act)


@router.post("/{id}/archive", response_model=Persona, summary="Take a persona out of use")
@router.delete("/{id}", response_model=Persona, summary="Take a persona out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(personas.archive(session, door.actor, id))))
