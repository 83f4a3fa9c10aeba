"""The OpenAPI document: kept as a snapshot, and held against what the server really answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from regrow.api.app import make_app
from tests.faces.conftest import Face
from tests.faces.routes import ROUTES, Route
from tests.house import tree

SNAPSHOT = tree.ROOT / "docs" / "openapi.json"
EXAMPLES = int(os.environ.get("REGROW_TEST_EXAMPLES", "10"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FATAL = {Route("POST", "/api/workspaces/{id}/archive"), Route("DELETE", "/api/workspaces/{id}")}
"""With the id of the workspace they would end the session of the caller."""
SHARED = {"name": "write_blog", "version": "shipped-1"}
"""What every workspace has, found by its name."""
TRIED = [route for route in ROUTES if not route.path.endswith(("/events", "{task_id}", "/check_trigger"))]
"""All in the document that answers at once: a stream is read to its end, and has its own tests.

What has two addresses stands in it with one.
"""


def test_the_document_is_the_one_in_the_repository(face: Face) -> None:
    served = face.client.get("/openapi.json").json()
    if os.environ.get("REGROW_TEST_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(served, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(served)), "run it again with REGROW_TEST_WRITE_SNAPSHOT=1 and review the diff"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_operation_is_described(face: Face) -> None:
    for path, method, operation in operations(face.client.get("/openapi.json").json()):
        assert operation["summary"], path
        assert operation["tags"], path
        if path.startswith("/api/"):
            assert operation["security"] == [{"key": []}]
            assert {"400", "401", "404", "503"} <= operation["responses"].keys(), (method, path)


class Documented(NamedTuple):
    """The document as the generator of requests reads it, and its line to the application."""

    schema: Any
    session: Any


@pytest.fixture(scope="module")
def documented(face: Face) -> Iterator[Documented]:
    app = make_app(face.home)
    with asgi.get_client(app, max_stream_events=1) as session:
        yield Documented(schemathesis.openapi.from_asgi("/openapi.json", app), session)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", TRIED, ids=lambda route: f"{route.method} {route.path}")
def test_no_request_of_the_document_breaks_the_server(
    face: Face, documented: Documented, things: dict[str, str], route: Route, mode: GenerationMode
) -> None:
    operation = documented.schema[route.path][route.method]

    @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
    @settings(
        max_examples=EXAMPLES if face.home.settings.is_sqlite else max(3, EXAMPLES // 5),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: Any, is_real: bool) -> None:
        (case.query or {}).pop("workspaceId", None)
        if is_real and "{" in route.path and route not in FATAL:
            id = things.get(route.path.partition("{")[0], "")
            case.path_parameters = {name: SHARED.get(name, id) for name in case.path_parameters}
        case.call_and_validate(session=documented.session, headers=face.bearer("owner"), checks=CHECKS)

    try:
        tried()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing to get wrong in a request without any field
