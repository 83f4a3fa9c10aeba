"""For those who run the server: is it up, is it ready, what does it do. No key, and nothing of any workspace."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from regrow.kit import errors
from regrow.store import database, executors, migrate, tenancy
from regrow.store.database import Engine
from regrow.workflows import runtime

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


class Readiness(BaseModel):
    """Each check is `ok` or says what is wrong."""

    status: str
    checks: dict[str, str]


@router.get("/", response_model=dict[str, str], summary="What this is")
async def root() -> Response:
    return JSONResponse({"name": "regrow", "openapi": "/openapi.json", "health": "/healthz"})


@router.get("/healthz", response_model=Health, summary="The process answers")
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not ready"}},
    summary="Database, migrations and worker",
)
def readyz(request: Request) -> Response:
    engine: Engine = request.app.state.doors.reads
    checks = {"database": _database(engine), "worker": _worker(engine)}
    is_ready = all(said == "ok" for said in checks.values()) and not request.app.state.stopping.is_set()
    headers = {} if is_ready else {"Retry-After": "5"}
    return JSONResponse(
        {"status": "ready" if is_ready else "not_ready", "checks": checks}, 200 if is_ready else 503, headers
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}},
    summary="Counts for operators",
)
async def metrics(request: Request) -> Response:
    return Response(request.app.state.measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _database(engine: Engine) -> str:
    try:
        with database.telling():
            return "ok" if migrate.is_current(engine) else "the database is not up to date: run regrow migrate"
    except errors.RegrowError as error:
        return error.detail if error.kind == "unavailable" else "the database refuses to answer"


def _worker(engine: Engine) -> str:
    if runtime.is_launched() and runtime.live().does_work:
        return "ok"
    try:
        with tenancy.system(), database.reading(engine) as session:
            is_elsewhere = bool(executors.alive(session))
    except errors.RegrowError:
        return "unknown: the database does not answer"
    return "ok" if is_elsewhere else "no worker runs: start regrow worker, or serve with a worker"
