"""One table from kinds of errors to HTTP answers, all of them problem+json."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from regrow.kit import errors, redaction

log = structlog.get_logger()

STATUS: Mapping[str, int] = {
    "not_found": 404,
    "conflict": 409,
    "forbidden": 403,
    "unauthorised": 401,
    "invalid": 400,
    "stale": 412,
    "insufficient_credits": 402,
    "limit_reached": 429,
    "unavailable": 502,
    "bug": 500,
}
STATUS_OF_CODE: Mapping[str, int] = {
    "idempotency_key_reused": 422,
    **dict.fromkeys(
        (
            "busy",
            "stopping",
            "database_locked",
            "database_away",
            "database_damaged",
            "disk_full",
            "disk_failed",
            "not_writable",
            "not_migrated",
            "save_failed",
            "abandoned",
        ),
        503,
    ),
}
"""Codes that say more than their kind: what is unavailable is a model (502) unless it is something of ours (503)."""

UNKNOWN = "something went wrong inside; it was logged. Try again, and tell whoever runs this server if it stays"
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as an HTTP answer."""

    status: int
    code: str
    detail: str
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """`{"type","title","status","detail","code"}`, and what else the error had to say."""
        title = HTTPStatus(self.status).phrase
        said = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, "code": self.code}
        return {**self.more, **said}

    def response(self) -> Response:
        content = json.dumps(self.body(), ensure_ascii=False, default=str).encode("utf-8", "replace")
        return Response(content, self.status, self.headers, "application/problem+json")


def of(error: errors.RegrowError) -> Problem:
    """The problem that an error of ours stands for; a bug shows nothing of the inside."""
    status = STATUS_OF_CODE.get(error.code, STATUS.get(error.kind, 500))
    if status == 500:
        log.error("request.failed", code=error.code, reason=redaction.redact(error.detail))
        return Problem(500, "bug", UNKNOWN)
    return Problem(status, error.code, redaction.redact(error.detail), _more(error), _headers(error, status))


def _more(error: errors.RegrowError) -> dict[str, Any]:
    """What else the error says; problems told as texts (`place: rule`) become objects."""
    problems = error.more.get("problems")
    if not isinstance(problems, list):
        return error.more
    split = [each.partition(": ") if isinstance(each, str) else each for each in problems]
    return {
        **error.more,
        "problems": [each if isinstance(each, dict) else {"at": each[0], "rule": each[2]} for each in split],
    }


def _headers(error: errors.RegrowError, status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="regrow"'}
    wait: float | None = getattr(error, "retry_after_seconds", None)
    if wait is None and status == 503:
        wait = RETRY_SECONDS
    return {} if wait is None else {"Retry-After": str(max(1, math.ceil(wait)))}


def of_http(error: HTTPException) -> Problem:
    """What the framework refuses by itself: unknown paths, methods, bodies."""
    codes = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
    details = {404: "there is nothing at this address", 405: "this address does not take that method"}
    detail = details.get(error.status_code, str(error.detail))
    code = codes.get(error.status_code, "bad_request")
    return Problem(error.status_code, code, detail, {}, dict(error.headers or {}))


def of_validation(error: RequestValidationError) -> Problem:
    """Everything that is wrong with the request, each with its place and its rule."""
    return malformed((_place(each["loc"]), str(each["msg"])) for each in error.errors())


def malformed(problems: Iterable[tuple[str, str]]) -> Problem:
    listed = [{"at": at, "rule": rule} for at, rule in problems]
    told = "; ".join(f"{each['at']}: {each['rule']}" for each in listed)
    return Problem(400, "bad_request", redaction.shorten(redaction.redact(told), 2_000), {"problems": listed})


def of_anything(error: Exception) -> Problem:
    """A bug: logged without secrets, answered without internals."""
    reason = redaction.shorten(redaction.redact(str(error)), 500)
    place = _where(error)
    log.error("request.failed", error=type(error).__name__, reason=reason, place=place)
    return Problem(500, "bug", UNKNOWN)


def _where(error: Exception) -> list[str]:
    places = []
    trace = error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-8:]


def _allowed(request: Request) -> list[str]:
    """Every method of this address; the framework knows only those of the first route that matched."""
    path = request.url.path
    here = [route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(path)]
    return sorted({method for route in here for method in route.methods or ()})


def _place(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where) or "request"


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem+json answer."""

    async def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.RegrowError)
        return of(error).response()

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = of_http(error).response()
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(_allowed(request))
        return answer

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return of_validation(error).response()

    app.add_exception_handler(errors.RegrowError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
