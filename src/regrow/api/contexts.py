"""Contexts: what was tried, with how much confidence, and how it went."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from regrow.api.fields import Cursor, Limit, Listed, ThingId, Time, page, time_or_none
from regrow.domain.contexts import Complexity, Confidence, Validation
from regrow.edge import answers
from regrow.edge.doors import DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import editing
from regrow.store import contexts
from regrow.store.tables.contexts import Context as Row

router = APIRouter(prefix="/api/contexts", tags=["contexts"], route_class=DoorRoute)


class Context(BaseModel):
    """`finished_at` is null while it is open; `error_trace` holds no secrets."""

    id: str
    parent_id: str | None
    name: str
    phase: str
    complexity: Complexity
    inputs: dict[str, Any]
    note: str
    confidence: Confidence
    validation: Validation
    result: dict[str, Any] | None
    error_trace: str | None
    started_at: Time
    finished_at: Time | None
    version: int


def shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "parent_id": row.parent_id,
        "name": row.name,
        "phase": row.phase,
        "complexity": row.complexity,
        "inputs": row.inputs,
        "note": row.note,
        "confidence": row.confidence,
        "validation": row.validation,
        "result": row.result,
        "error_trace": row.error_trace,
        "started_at": clock.iso(row.started_at),
        "finished_at": time_or_none(row.finished_at),
        "version": row.version,
    }


@router.get("", response_model=Listed[Context], summary="List contexts, newest first")
def index(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    parent_id: Annotated[str | None, Query(max_length=60, description="Only those inside this one")] = None,
) -> Response:
    with door.reading() as session:
        found = contexts.page(session, limit, pages.decode(cursor), parent_id)
        return answers.ok(page(found, shape)).response()


@router.get("/{id}", response_model=Context, summary="Read a context")
def get(id: ThingId, door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(shape(editing.found(session, Row, id, "context"))).response()
