"""Personas: the voices that write."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
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
from regrow.domain.brand import guidelines
from regrow.domain.brand.voice import Learned as Found
from regrow.edge import answers, bodies
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, learning, personas
from regrow.store import records
from regrow.store.tables.personas import Persona as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/personas", tags=["personas"], route_class=DoorRoute)


class Learned(BaseModel):
    """What texts said of the voice: `told` in words, and in numbers. `suggestions` are settings per medium."""

    at: Time
    medium: str | None
    told: list[str]
    suggestions: dict[str, dict[str, Any]]
    language: str
    is_language_guessed: bool
    texts: int
    characters: int
    words: int
    sentences: int
    digest: str
    is_cut: bool
    left_out: dict[str, int]
    features: dict[str, Any]
    vocabulary: list[str]
    openings: list[tuple[str, float]]
    paragraph_openings: list[tuple[str, float]]
    phrases: list[str]
    examples: list[str]


class Persona(BaseModel):
    id: str
    name: str
    description: str
    voice: dict[str, dict[str, Any]]
    guidelines: dict[str, list[str]]
    learned: Learned | None
    is_default: bool
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class NewPersona(Given):
    """`voice` maps a medium to its settings, `guidelines` holds lists of words and phrases: `use`, `avoid`, `required`,
    `forbidden`, `claims`, `disclaimers`, `competitors` and `disclosure`.
    """

    name: Name
    description: Text = ""
    voice: dict[str, dict[str, Any]] = Field(default_factory=dict)
    guidelines: dict[str, list[str]] = Field(default_factory=dict)
    is_default: bool = False


class Examples(Given):
    """The passages that stand for the voice; all else that was learned is measured and cannot be written."""

    examples: list[str]


class PersonaChange(Change):
    name: Name = ""
    description: Text = ""
    voice: dict[str, dict[str, Any]] = Field(default_factory=dict)
    guidelines: dict[str, list[str]] = Field(default_factory=dict)
    learned: Examples = Field(default_factory=lambda: Examples(examples=[]))
    is_default: bool = False

    def values(self) -> dict[str, Any]:
        values = super().values()
        return {**values, "learned": self.learned.model_dump()} if "learned" in values else values


class OwnTexts(Given):
    """Somebody's own texts, as Markdown or plain text; `apply` takes over the settings that they suggest.

    With a `medium` they are texts of that medium, which says how long such texts are.
    """

    texts: list[Annotated[str, StringConstraints(max_length=bodies.LARGEST_BYTES)]] = Field(
        min_length=1, max_length=10_000
    )
    language: Annotated[str, StringConstraints(min_length=2, max_length=20)] | None = None
    medium: Literal["blog", "social", "email", "article"] | None = None
    apply: bool = False


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "voice": row.voice,
        "guidelines": guidelines.complete(row.guidelines),
        "learned": learning.shown(row.learned, row.voice),
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


@router.post("/{id}/learn", response_model=Persona, summary="Learn a persona's voice from its owner's texts")
async def learn(id: ThingId, own: OwnTexts, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def read() -> Found:
        with door.reading() as session:
            row = editing.found(session, Row, id, "persona")
            editing.refuse_stale(row, expected, "persona")
            editing.refuse_archived(row, "persona")
        return learning.from_all(own.texts, own.language)

    def keep(session: Session, found: Found) -> answers.Answer:
        row = personas.learn(session, door.actor, id, expected, found, own.medium, own.apply)
        return answers.ok(shape(row))

    return await door.beside(read, keep)


@router.post("/{id}/forget", response_model=Persona, summary="Take away what a persona has learned")
async def forget(id: ThingId, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)
    return await door.write(lambda session: answers.ok(shape(personas.forget(session, door.actor, id, expected))))


@router.post("/{id}/archive", response_model=Persona, summary="Take a persona out of use")
@router.delete("/{id}", response_model=Persona, summary="Take a persona out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(personas.archive(session, door.actor, id))))
