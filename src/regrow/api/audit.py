"""The record of every write."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api.fields import Cursor, Limit, Listed, Time, page
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.store import audit
from regrow.store.tables.audit import AuditRow as Row

router = APIRouter(prefix="/api/audit", tags=["audit"], route_class=DoorRoute)


class AuditRow(BaseModel):
    id: str
    actor_id: str
    action: str
    subject_id: str
    outcome: str
    detail: dict[str, Any]
    at: Time


def shape(row: Row) -> dict[str, Any]:
    names = ("id", "actor_id", "action", "subject_id", "outcome", "detail")
    return {**{name: getattr(row, name) for name in names}, "at": clock.iso(row.at)}


@router.get("", response_model=Listed[AuditRow], summary="List what was done, newest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    subject_id: Annotated[str | None, Query(max_length=60, description="Only what was done to this thing")] = None,
) -> Response:
    with door.reading() as session:
        found = audit.page(session, limit, pages.decode(cursor), subject_id)
        return answers.ok(page(found, shape)).response()
