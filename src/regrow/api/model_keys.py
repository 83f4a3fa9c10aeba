"""Model keys: what a workspace asks model providers with; given once, never shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api.fields import Cursor, Given, Limit, Listed, Name, ThingId, Time, page, time_or_none
from regrow.domain import models
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing, model_keys
from regrow.store import records
from regrow.store.tables.model_keys import ModelKey as Row
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api/model-keys", tags=["model keys"], route_class=DoorRoute)


class ModelKey(BaseModel):
    """`last_four` is enough to tell keys apart and not enough to use one."""

    id: str
    provider: str
    name: str
    last_four: str
    created_at: Time
    archived_at: Time | None


class NewModelKey(Given):
    provider: Annotated[str, Field(description=f"One of {', '.join(models.KEYED)}", max_length=60)]
    name: Name
    secret: Annotated[
        str,
        Field(
            description="The key itself; sealed at once and never given out",
            min_length=model_keys.SHORTEST_SECRET,
            max_length=model_keys.LONGEST_SECRET,
            repr=False,
        ),
    ]


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "provider": row.provider,
        "name": row.name,
        "last_four": row.last_four,
        "created_at": clock.iso(row.created_at),
        "archived_at": time_or_none(row.archived_at),
    }


@router.get("", response_model=Listed[ModelKey], summary="List the model keys, archived ones too")
def index(door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        found = records.page(session, Row, limit, pages.decode(cursor), has_archived=True)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=ModelKey, summary="Read what may be known of a model key")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "model key"))).response()


@router.post("", status_code=201, response_model=ModelKey, summary="Add a model key", openapi_extra=OWNERS)
async def create(new: NewModelKey, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        row = model_keys.create(session, door.actor, door.sealer, **new.values())
        return answers.created(router.prefix, shape(row))

    return await door.write(act)


@router.post("/{id}/archive", response_model=ModelKey, summary="Forget a model key", openapi_extra=OWNERS)
@router.delete("/{id}", response_model=ModelKey, summary="Forget a model key", name="delete", openapi_extra=OWNERS)
async def archive(id: ThingId, door: Entered) -> Response:
    return await door.write(lambda session: answers.ok(shape(model_keys.archive(session, door.actor, id))))
