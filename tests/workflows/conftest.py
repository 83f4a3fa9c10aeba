"""What the kill tests share: a workspace with credits, whose models are served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from regrow import wiring
from regrow.services import credits, workspaces
from regrow.testing.openai_server import OpenAIServer
from tests import cluster
from tests.homes import Tenant, settings_for, tenant
from tests.workflows import processes

KEY = "sk-test-kill"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        yield running


@pytest.fixture
def funded(database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    made = settings_for(
        database_kind,
        tmp_path / "home",
        models="openai:quick",
        openai_api_key=SecretStr(KEY),
        openai_base_url=server.base_url,
    )
    home = wiring.open_home(made)
    alice = tenant(home, "alice")
    with alice.writing() as session:
        credits.grant(session, alice.owner, processes.GRANTED, "to begin with")
        workspaces.change(session, alice.owner, alice.id, None, {"regenerations_per_day": 50})
    yield alice
    home.close()
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())
