"""The budget and what was used: balance, ledger, grants, usage."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from regrow.api.fields import Cursor, Given, Limit, Listed, Time, page
from regrow.domain import credits as rules
from regrow.edge import answers
from regrow.edge.answers import Answer
from regrow.edge.doors import OWNERS, DoorRoute, Entered
from regrow.kit import clock, pages
from regrow.services import credits
from regrow.store import credits as credit_store
from regrow.store import runs
from regrow.store.tables.credits import CreditEntry
from regrow.store.tables.runs import UsageRow
from regrow.store.tenancy import Session

router = APIRouter(prefix="/api", route_class=DoorRoute)


class Credits(BaseModel):
    """`balance` is null while the budget is unlimited; `held` is set aside for runs that have not ended."""

    balance: int | None
    is_unlimited: bool
    held: int


class Entry(BaseModel):
    """`amount` is what the balance changed by."""

    id: str
    kind: Literal["grant", "hold", "charge", "release"]
    amount: int
    balance: int
    what_for: str
    task_id: str | None
    actor_id: str
    at: Time


class Grant(Given):
    amount: Annotated[int, Field(ge=1, le=rules.MOST_CREDITS)]
    what_for: Annotated[str, Field(min_length=1, max_length=200)] = "granted by an owner"


class Usage(BaseModel):
    """One try at one model. `cost` is in US dollars, "unknown" when the price is."""

    id: str
    task_id: str
    context_id: str | None
    function: str
    provider: str
    model: str
    template: str
    template_version: int
    outcome: str
    detail: str
    input_tokens: int
    output_tokens: int
    cost: float | Literal["unknown"]
    duration_ms: int
    at: Time


class Totals(BaseModel):
    """`known_cost` leaves out what has no known price."""

    calls: int
    input_tokens: int
    output_tokens: int
    known_cost: float


class UsageList(Listed[Usage]):
    totals: Totals


@router.get("/credits", response_model=Credits, summary="The balance", tags=["credits"])
def get(door: Entered) -> Response:
    with door.reading() as session:
        return answers.ok(_account(session)).response()


@router.get(
    "/credits/ledger", response_model=Listed[Entry], summary="What moved the balance, newest first", tags=["credits"]
)
def ledger(door: Entered, limit: Limit = 50, cursor: Cursor = None) -> Response:
    with door.reading() as session:
        found = credit_store.ledger(session, limit, pages.decode(cursor))
        return answers.ok(page(found, _entry)).response()


@router.post(
    "/credits/grants",
    status_code=201,
    response_model=Credits,
    summary="Grant credits; the first grant ends an unlimited budget",
    tags=["credits"],
    openapi_extra=OWNERS,
)
async def grant(wanted: Grant, door: Entered) -> Response:
    def act(session: Session) -> Answer:
        credits.grant(session, door.actor, wanted.amount, wanted.what_for)
        return Answer(201, _account(session), {"Location": "/api/credits"})

    return await door.write(act)


@router.get("/usage", response_model=UsageList, summary="What model calls used, newest first", tags=["usage"])
def usage(
    door: Entered,
    limit: Limit = 50,
    cursor: Cursor = None,
    task_id: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    with door.reading() as session:
        found = runs.usage(session, limit, pages.decode(cursor), task_id)
        calls, input_tokens, output_tokens, micros = runs.usage_total(session)
    totals = {"calls": calls, "input_tokens": input_tokens, "output_tokens": output_tokens}
    return answers.ok({**page(found, _usage), "totals": {**totals, "known_cost": micros / 1_000_000}}).response()


def _account(session: Session) -> dict[str, Any]:
    account = credit_store.account(session)
    balance = None if account.is_unlimited else account.balance
    return {"balance": balance, "is_unlimited": account.is_unlimited, "held": credit_store.held_total(session)}


def _entry(row: CreditEntry) -> dict[str, Any]:
    names = ("id", "kind", "amount", "balance", "what_for", "task_id", "actor_id")
    return {**{name: getattr(row, name) for name in names}, "at": clock.iso(row.at)}


def _usage(row: UsageRow) -> dict[str, Any]:
    names = (
        *("id", "task_id", "context_id", "function", "provider", "model", "template", "template_version"),
        *("outcome", "detail", "input_tokens", "output_tokens", "duration_ms"),
    )
    cost = "unknown" if row.cost_micros is None else row.cost_micros / 1_000_000
    return {**{name: getattr(row, name) for name in names}, "cost": cost, "at": clock.iso(row.at)}
