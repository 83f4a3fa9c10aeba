"""The OpenAPI document: what the framework finds, with keys, errors and common parameters added."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people: what to do next"},
        "code": {"type": "string", "description": "For machines: stable"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "rule"],
                "properties": {"at": {"type": "string"}, "rule": {"type": "string"}},
            },
        },
    },
}
ANY = {
    "400": "Malformed: every problem is listed",
    "401": "No key, or one that does not work",
    "404": "Not here",
    "503": "Busy or the database is away: see Retry-After",
}
WRITES = {
    "402": "The credits left do not cover this",
    "403": "The role of the key may not do this",
    "409": "Not in this state",
    "412": "Somebody changed it meanwhile",
    "413": "The body is too large",
    "422": "The Idempotency-Key was used for another request",
    "429": "A limit is reached: see Retry-After",
    "502": "The model failed",
}
WORKSPACE: dict[str, Any] = {
    "name": "workspaceId",
    "in": "query",
    "description": "Must be the workspace of the key",
    "schema": {"type": "string"},
}
IDEMPOTENCY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and request again get the same answer, for a day",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}


def operation_id(route: APIRoute) -> str:
    tag = str(route.tags[0]) if route.tags else "regrow"
    return f"{tag}_{route.name}"


def install(app: FastAPI) -> None:
    """Serves the completed document at /openapi.json."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _completed(found)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    components = found.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "rk.<workspace>.<secret>"}
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    return found


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if not path.startswith("/api/"):
        return
    operation["security"] = [{"key": []}]
    parameters = operation.setdefault("parameters", [])
    parameters.append(WORKSPACE)
    if method != "get":
        parameters.append(IDEMPOTENCY)
    for status, text in (ANY if method == "get" else {**ANY, **WRITES}).items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses.setdefault(status, {"description": text, "content": content})
