"""Progress while a model still writes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from regrow import wiring
from regrow.adapters.llm import loop
from regrow.services import generations
from regrow.store import runs as run_store
from regrow.testing.openai_server import OpenAIServer
from regrow.workflows import starting, telling
from tests import cluster, vaults
from tests.homes import Tenant, settings_for, tenant


@pytest.fixture
def alice(database_kind: str, tmp_path: Path) -> Iterator[Tenant]:
    with OpenAIServer(piece=600) as server:
        made = settings_for(
            database_kind,
            tmp_path / "home",
            models="openai:fault-trickle-0.6",
            openai_api_key=SecretStr("k-1"),
            openai_base_url=server.base_url,
        )
        home = wiring.open_home(made)
        alice = tenant(home, "alice")
        vaults.import_sample(alice)
        home.launch()
        yield alice
        home.close()
        if not made.is_sqlite:
            cluster.drop_database(made.owner_database_url.get_secret_value())


def test_percent_moves_with_what_has_arrived_and_at_most_once_a_second(alice: Tenant) -> None:
    with alice.writing() as session:
        run = generations.ask(session, alice.owner, media=["blog"])
    starting.start(run)
    assert vaults.wait_for(alice, run.id).status == "success"
    with alice.reading() as session:
        calling = [event for event in run_store.since(session, run.id, 0) if event.phase == "AI_CALL"]
    arrived = [event for event in calling if "characters so far" in event.message]
    assert len(arrived) >= 2
    assert [event.percent for event in calling] == sorted({event.percent for event in calling})
    assert all(20 < event.percent < 80 for event in arrived)
    gaps = [(b.at - a.at).total_seconds() for a, b in itertools.pairwise(arrived)]
    assert all(gap > 0.9 * loop.EACH_SECONDS for gap in gaps)


def test_progress_that_cannot_be_told_does_not_end_the_call(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from regrow.kit import errors

    def busy(*told: object) -> None:
        raise errors.Unavailable("the database is busy", "busy")

    monkeypatch.setattr(telling.run_store, "tell", busy)
    from regrow.domain import functions
    from regrow.testing import briefs

    listener = telling.listener("run_x", functions.WRITE_BLOG, briefs.bread(), 0, 1)
    assert listener(5_000) is None
