"""What is counted for operators: requests, their times, and runs; nothing of any workspace."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.types import Scope

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measures:
    """One registry for each app, so that two of them in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "regrow_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "regrow_http_request_seconds", "Time to answer", ("route",), buckets=SECONDS, registry=self.registry
        )
        self._runs = Counter(
            "regrow_runs", "Runs asked for here, by what was heard", ("status",), registry=self.registry
        )

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        place = getattr(route, "path_format", None) or "(none)"
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(method, place, str(status)).inc()
        self._seconds.labels(place).observe(seconds)

    def run(self, status: str) -> None:
        """`status` is asked, success, failed or unfinished (still running when its caller was answered)."""
        self._runs.labels(status).inc()

    def text(self) -> bytes:
        """All of it in the Prometheus text format."""
        return generate_latest(self.registry)
