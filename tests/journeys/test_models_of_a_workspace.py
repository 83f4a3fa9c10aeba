"""A workspace's own models, keys and money, all the way through the durable engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from regrow import wiring
from regrow.kit import errors
from regrow.services import generations, model_keys, runs, workspaces
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing.openai_server import OpenAIServer
from regrow.testing.vendor_servers import AnthropicServer
from regrow.workflows import starting
from tests import cluster, vaults
from tests.homes import Tenant, settings_for, tenant

SECRET = "workspace_key_0123456789_WXYZ"
SHARED = "installation_key_0123456789"


@pytest.fixture
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def anthropic() -> Iterator[OpenAIServer]:
    with AnthropicServer() as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, openai: OpenAIServer, anthropic: OpenAIServer) -> Iterator[Tenant]:
    made = settings_for(
        database_kind,
        tmp_path / "home",
        models="openai:small",
        openai_api_key=SecretStr(SHARED),
        openai_base_url=openai.base_url,
        anthropic_base_url=anthropic.base_url,
        secret_key=SecretStr("s" * 40),
    )
    (tmp_path / "home" / "prices").mkdir(parents=True)
    listed = f'base_url = "{openai.base_url}"\n[models]\nsmall = {{ input = 1, output = 2 }}\n'
    (tmp_path / "home" / "prices" / "openai.here.toml").write_text(listed, encoding="utf-8")
    home = wiring.open_home(made)
    alice = tenant(home, "alice")
    vaults.import_sample(alice)
    home.launch()
    yield alice
    # A run is told as done a moment before its thread gives its connection back.
    home.close(wait_seconds=0 if made.is_sqlite else 30)
    if not made.is_sqlite:
        cluster.drop_database(made.owner_database_url.get_secret_value())


def wish(alice: Tenant, **settings: object) -> None:
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, settings)


def generate(alice: Tenant, *media: str) -> ProgressEvent:
    with alice.writing() as session:
        run = generations.ask(session, alice.owner, media=list(media))
    starting.start(run)
    return vaults.wait_for(alice, run.id)


def used(alice: Tenant) -> list[tuple[str, str, str, int | None]]:
    with alice.reading() as session:
        rows = session.scalars(select(UsageRow).order_by(UsageRow.id)).all()
    return [(row.function, f"{row.provider}:{row.model}", row.outcome, row.cost_micros) for row in rows]


def test_each_function_is_asked_of_the_models_the_workspace_names(
    alice: Tenant, openai: OpenAIServer, anthropic: OpenAIServer
) -> None:
    wish(alice, **{"models": "openai:other", "models.write_social": "anthropic:claude"})
    assert generate(alice, "blog", "social").status == "success"
    assert sorted(row[:3] for row in used(alice)) == [
        ("write_blog", "openai:other", "ok"),
        ("write_social", "anthropic:claude", "ok"),
    ]
    assert (openai.by_model["other"], anthropic.by_model["claude"]) == (1, 1)
    wish(alice, **{"models": "", "models.write_social": ""})
    assert generate(alice, "blog").status == "success"
    assert openai.by_model["small"] == 1


def test_a_model_whose_server_has_no_address_is_told(alice: Tenant) -> None:
    wish(alice, models="vllm:llama")
    end = generate(alice, "blog")
    assert end.error is not None
    assert (end.error["code"], "VLLM_BASE_URL" in end.error["detail"]) == ("base_url", True)


def test_the_workspaces_own_key_goes_before_the_installations(alice: Tenant, openai: OpenAIServer) -> None:
    generate(alice, "blog")
    with alice.writing() as session:
        row = model_keys.create(session, alice.owner, alice.home.sealer, "openai", "mine", SECRET)
    generate(alice, "blog")
    with alice.writing() as session:
        model_keys.archive(session, alice.owner, row.id)
    generate(alice, "blog")
    prints = [hashlib.sha256(key.encode()).hexdigest()[:8] for key in (SHARED, SECRET, SHARED)]
    assert [asked.key_fingerprint for asked in openai.asked] == prints


def test_a_key_that_cannot_be_read_ends_the_call_and_says_why(alice: Tenant, openai: OpenAIServer) -> None:
    with alice.writing() as session:
        row = model_keys.create(session, alice.owner, alice.home.sealer, "openai", "mine", SECRET)
        row.sealed = "sealed by somebody else"
    end = generate(alice, "blog")
    assert end.error is not None
    assert (end.error["code"], "REGROW_SECRET_KEY" in end.error["detail"]) == ("key_missing", True)
    assert openai.calls == 0


@pytest.mark.parametrize("faults", [[], ["echo-key"], ["401"], ["malformed"] * 3])
def test_the_key_is_nowhere_in_what_is_stored(alice: Tenant, openai: OpenAIServer, faults: list[str]) -> None:
    with alice.writing() as session:
        model_keys.create(session, alice.owner, alice.home.sealer, "openai", "mine", SECRET)
    openai.faults.extend(faults)
    generate(alice, "blog")
    assert openai.calls
    assert SECRET not in everything_stored(alice)


def everything_stored(alice: Tenant) -> str:
    """All that the databases hold, those of the durable engine too."""
    if alice.home.settings.is_sqlite:
        files = alice.home.settings.home.glob("*.sqlite*")
        return "".join(file.read_bytes().decode("utf-8", errors="replace") for file in files)
    with alice.home.engine.connect() as connection:
        connection.execute(text("SELECT set_config('app.workspace_id', :w, false)"), {"w": alice.id})
        tables: list[Any] = list(
            connection.execute(
                text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')")
            )
        )
        assert len(tables) > 20
        return "".join(str(connection.execute(text(f'SELECT * FROM "{a}"."{b}"')).all()) for a, b in tables)


def test_a_model_without_a_price_is_not_asked_when_there_is_a_budget(alice: Tenant, openai: OpenAIServer) -> None:
    wish(alice, budget_usd_per_month_cents=500, models="openai:dear")
    end = generate(alice, "blog")
    assert end.error is not None
    assert end.error["code"] == "price_unknown"
    assert "budget_usd_per_month_cents" in end.error["detail"]
    assert (openai.calls, used(alice)) == (0, [])
    with pytest.raises(errors.Conflict), alice.reading() as session:
        runs.outcome(session, end.task_id)


def test_what_is_spent_counts_until_the_budget_is_reached(alice: Tenant, openai: OpenAIServer) -> None:
    wish(alice, budget_usd_per_month_cents=5)
    assert generate(alice, "blog").status == "success"
    (row,) = used(alice)
    assert row[3] is not None
    assert row[3] > 1_000
    wish(alice, budget_usd_per_month_cents=1)
    end = generate(alice, "blog")
    assert end.error is not None
    assert (end.error["code"], openai.calls) == ("budget_reached", 1)
    assert end.error["retry_after_seconds"] > 0
    with pytest.raises(errors.LimitReached), alice.reading() as session:
        runs.outcome(session, end.task_id)


def test_a_model_that_costs_nothing_is_asked_whatever_the_budget(alice: Tenant) -> None:
    wish(alice, budget_usd_per_month_cents=1, models="offline:extractive")
    assert generate(alice, "blog").status == "success"
