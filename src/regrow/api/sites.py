"""Sites: where content is published, and how the built-in one looks."""

from __future__ import annotations

from typing import Annotated, Any

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
    ThingId,
    Time,
    page,
    time_or_none,
)
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, sites
from regrow.store import records
from regrow.store.tables.sites import Site as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/sites", tags=["sites"], route_class=DoorRoute)

Zone = Annotated[str, StringConstraints(max_length=60), Field(description="Such as Europe/Berlin")]
Address = Annotated[str, StringConstraints(max_length=300), Field(description="In front of the server; empty: its own")]
Tagline = Annotated[str, StringConstraints(max_length=300)]
Disclosure = Annotated[
    str, StringConstraints(max_length=1_000), Field(description="A line under every article, such as on the use of AI")
]
Language = Annotated[str, StringConstraints(max_length=20), Field(description="Such as en or de-AT")]
Look = Annotated[
    dict[Annotated[str, StringConstraints(max_length=40)], Annotated[str, StringConstraints(max_length=7)]],
    Field(description="Colours by name, such as #2f6b3c", max_length=20),
]


class Site(BaseModel):
    """`is_served`: it stands at /s/<workspace>/. A workspace has one such site."""

    id: str
    name: str
    title: str
    tagline: str
    language: str
    time_zone: str
    address: str
    disclosure: str
    look: dict[str, str]
    is_served: bool
    version: int
    created_at: Time
    updated_at: Time
    archived_at: Time | None


class NewSite(Given):
    name: Name
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    tagline: Tagline = ""
    language: Language = "en"
    time_zone: Zone = "UTC"
    address: Address = ""
    disclosure: Disclosure = ""
    look: Look = {}  # noqa: RUF012
    is_served: bool = False


class SiteChange(Change):
    name: Name = ""
    title: Name = ""
    tagline: Tagline = ""
    language: Language = ""
    time_zone: Zone = ""
    address: Address = ""
    disclosure: Disclosure = ""
    look: Look = {}  # noqa: RUF012
    is_served: bool = False


def shape(row: Row) -> dict[str, Any]:
    plain = ("id", "name", "title", "tagline", "language", "time_zone", "address", "disclosure", "look", "is_served")
    return {
        **{name: getattr(row, name) for name in plain},
        "version": row.version,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[Site], summary="List the sites in use")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None, archived: Archived = False) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), archived)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Site, summary="Read a site")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "site"))).response()


@router.post("", status_code=201, response_model=Site, summary="Create a site")
async def create(new: NewSite, door: Entered) -> Response:
    return await door.write(
        lambda session: answers.created(router.prefix, shape(sites.create(session, door.actor, new.values())))
    )


@router.patch("/{id}", response_model=Site, summary="Change a site")
async def change(id: ThingId, wanted: SiteChange, door: Entered, if_match: IfMatch = None) -> Response:
    expected = answers.expected_version(if_match)

    def act(session: Session) -> answers.Answer:
        row = changes.apply(session, door.actor, Row, "site", id, expected, wanted.values(), sites.change)
        return answers.ok(shape(row))

    return await door.write(act)


@router.post("/{id}/archive", response_model=Site, summary="Take a site out of use")
@router.delete("/{id}", response_model=Site, summary="Take a site out of use", name="delete")
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(sites.archive(session, door.actor, id))))
