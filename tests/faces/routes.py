"""The application's own route table, with the lowest role for each route and something real to ask it for."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from fastapi.routing import APIRoute

from regrow.api.app import ROUTERS
from regrow.domain.workspaces import Role

OPEN = {"/", "/healthz", "/readyz", "/metrics"}
REVIEWED = re.compile(
    r"/(approve|reject|reopen|select|publish|pause|resume|cancel|move|resolve|remove|replay|test)$"
    r"|^/api/experiments/\{id\}/decisions$"
)
OWNED = re.compile(
    r"^/api/(members|keys|model-keys|workspaces|credits/grants|prompts/\{name\}(/rollback|/reset)?$)"
    r"|^/api/channels(/\{id\}(/archive)?)?$"
)
CHECKS = {"/api/check_trigger", "/api/check_trigger/"}
"""Read by address, and yet they do something."""
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/notes": {"title": "n", "body": "b"},
    "POST /api/personas": {"name": "p"},
    "POST /api/personas/{id}/learn": {"texts": ["We bake bread every day, and people walk far to buy some. " * 40]},
    "POST /api/campaigns": {"name": "c"},
    "POST /api/members": {"name": "m", "role": "viewer"},
    "POST /api/keys": {"name": "k", "role": "viewer"},
    "POST /api/model-keys": {"provider": "openai", "name": "k", "secret": "sk-0123456789abcdef"},
    "POST /api/workspaces": {"name": "Another one"},
    "POST /api/credits/grants": {"amount": 1},
    "POST /api/feedback": {"piece_id": "pie_000000000000000", "rating": "good"},
    "POST /api/topics": {"note_ids": ["not_000000000000000"]},
    "POST /api/guard": {"text": "A loaf."},
    "POST /api/sites": {"name": "s"},
    "POST /api/channels": {"kind": "site", "name": "c"},
    "POST /api/content/pieces/{id}/publish": {"channel_id": "chn_000000000000000"},
    "POST /api/posts": {"platform": "x", "piece_id": "pie_000000000000000"},
    "POST /api/experiments": {"piece_id": "pie_000000000000000", "metric": "click_rate"},
    "POST /api/experiments/{id}/observations": {
        "batch_id": "b",
        "at": "2026-01-01T00:00:00Z",
        "arms": [{"variant_id": "var_000000000000000", "exposures": 1, "conversions": 0}],
    },
    "POST /api/experiments/{id}/decisions": {
        **{"variant_id": "var_000000000000000", "decision": "continue", "confidence": 0.5, "delta": 0.1},
        **{"evidence": "randomised", "reason": "r", "source": "acme"},
    },
    "POST /api/circuits/content/regenerate": {
        **{"ab_test_id": "exp_000000000000000", "losing_variant_id": "var_000000000000000"},
        **{"circuit_execution_id": "cxe_000000000000000", "termination_reason": "r"},
        **{"confidence_score": 0.97, "performance_delta": -0.1},
    },
    "PUT /api/content/pieces/{id}/trigger": dict(trigger_condition="likes", trigger_comparison="<", trigger_value=5),
    "POST /api/posts/{id}/metrics": {"counts": {"likes": 1}},
    "POST /api/posts/{id}/resolve": {"answer": "found"},
    "POST /api/content/pieces/{id}/restore": {"version": 1},
    "PUT /api/prompts/{name}": {"text": "x"},
    "POST /api/prompts/{name}/check": {"text": "x"},
    "POST /api/prompts/{name}/rollback": {"version": "shipped"},
    "POST /api/prompts/{name}/compare": {"before": "shipped-2", "after": "shipped"},
}
WHICH = {"abTestId": "exp_000000000000000", "variantId": "var_000000000000000"}
QUERIES: dict[str, dict[str, Any]] = {
    "GET /api/circuits/content/eligibility": WHICH,
    "GET /api/circuits/content/lineage": WHICH,
}
"""What an address must be asked with."""
PARTS = {"{label}": "A", "{medium}": "blog", "{delivery_id}": "dlv_000000000000000"}
"""What stands in an address besides the id of a thing."""


class Route(NamedTuple):
    method: str
    path: str

    @property
    def role(self) -> Role:
        """The lowest role that contracts give this to."""
        if self.method == "GET":
            return Role.EDITOR if self.path in CHECKS else Role.VIEWER
        if OWNED.search(self.path):
            return Role.OWNER
        return Role.REVIEWER if REVIEWED.search(self.path) else Role.EDITOR

    @property
    def query(self) -> dict[str, Any]:
        return QUERIES.get(f"{self.method} {self.path}", {})

    @property
    def body(self) -> dict[str, Any] | None:
        if self.method == "PATCH":
            return {}
        return BODIES.get(f"{self.method} {self.path}")


ROUTES = [
    Route(method, route.path)
    for feature in ROUTERS
    for route in feature.router.routes
    if isinstance(route, APIRoute) and route.path not in OPEN
    for method in sorted(route.methods)
]
WITH_ID = [route for route in ROUTES if "{" in route.path and "{name}" not in route.path]
"""Those that lead to a thing of one workspace; what every workspace has is found by its name."""


def address(route: Route, things: dict[str, str]) -> str:
    if "{" not in route.path:
        return route.path
    id = things[route.path.partition("{")[0]]
    return re.sub(r"\{\w+\}", lambda part: PARTS.get(part.group(), id), route.path)
