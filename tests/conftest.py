"""What every test stands on: no network but loopback, no settings or keys from outside, and both databases."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from tests import cluster

KEPT = ("REGROW_TEST_", "REGROW_REQUIRE_POSTGRES", "REGROW_REQUIRE_CHROMIUM")
DROPPED = ("REGROW_", "DBOS_", "OTEL_", "LOGFIRE_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_", "OPENROUTER_", "PG")
DROPPED_ENDINGS = ("_API_KEY", "_API_TOKEN", "_PROXY")


class NetworkRefused(AssertionError):
    """A test reached for an address beyond loopback."""


def _isolate_environment() -> None:
    for name in list(os.environ):
        upper = name.upper()
        if upper.startswith(DROPPED) or upper.endswith(DROPPED_ENDINGS):
            if not upper.startswith(KEPT):
                del os.environ[name]


def _is_loopback(host: Any) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if text == "localhost" or text.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        # A path or None is a local socket, or one that is connected already.
        host = args[1][0] if isinstance(args[1], tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_loopback(host):
        raise NetworkRefused(f"{event}: tests may reach loopback only, not {host!r}")


_isolate_environment()
# A machine may be slow or busy: how long an example takes says nothing about whether it is right.
property_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("patient")
# An audit hook, since it also sees sockets made by libraries that were imported before it, and nothing takes it off.
sys.addaudithook(_refuse_network)


class DatabaseUrls(NamedTuple):
    """The application's address of an empty database, and its owner's for migrations (on SQLite the same)."""

    url: str
    owner_url: str


def require_postgres() -> None:
    """Skip the test, saying why, when there is no PostgreSQL; fail it where one is promised."""
    reason = cluster.unavailable()
    if reason and os.environ.get("REGROW_REQUIRE_POSTGRES"):
        pytest.fail(f"PostgreSQL is required here: {reason}")
    if reason:
        pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture
def postgres_urls() -> Iterator[DatabaseUrls]:
    """An empty PostgreSQL database of this test's own."""
    require_postgres()
    urls = DatabaseUrls(*cluster.new_database())
    yield urls
    cluster.drop_database(urls.owner_url)


@pytest.fixture
def sqlite_urls(tmp_path: Path) -> DatabaseUrls:
    """A SQLite database of this test's own, not yet created."""
    url = f"sqlite:///{tmp_path / 'regrow.db'}"
    return DatabaseUrls(url, url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_urls(request: pytest.FixtureRequest) -> DatabaseUrls:
    """Run the test once on each kind of database."""
    urls: DatabaseUrls = request.getfixturevalue(f"{request.param}_urls")
    return urls


from tests.homes import alice, charlie, database_kind, home  # noqa: E402, F401
