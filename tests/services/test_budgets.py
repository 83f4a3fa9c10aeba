"""What a workspace has spent this month, and the refusal before a call that its budget does not cover."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from regrow.adapters.llm.candidates import OWN_BASE_URLS, Candidate
from regrow.adapters.llm.gateway import Gateway
from regrow.adapters.llm.offline import OfflineWriter
from regrow.domain.writing import Attempt
from regrow.kit import clock, errors, ids
from regrow.services import budgets, workspaces
from regrow.store import runs as run_store
from regrow.store.tables.runs import Run
from regrow.testing import briefs
from tests.homes import Tenant

MINI = Candidate("openai", "gpt-5-mini", OWN_BASE_URLS["openai"])
WRITER = Gateway((MINI,), OfflineWriter(), lambda provider: None)
NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)


def booked(tenant: Tenant, at: datetime, *attempts: Attempt) -> None:
    with tenant.writing() as session:
        run = Run(id=ids.new("run"), function="f", actor_id="a", role="owner", request={}, created_at=at)
        session.add(run)
        session.flush()
        run_store.used(session, run, None, "write_blog", ("t", 1), attempts, at)


def spent(tenant: Tenant, now: datetime = NOW) -> int:
    with tenant.reading() as session:
        return budgets.spent_micros(session, WRITER, now)


def check(tenant: Tenant, models: str = "") -> None:
    with tenant.reading() as session:
        budgets.refuse_beyond(session, WRITER, dataclasses.replace(briefs.blog_call(), models=models))


def budget(tenant: Tenant, cents: int) -> None:
    with tenant.writing() as session:
        workspaces.change(session, tenant.owner, tenant.id, None, {"budget_usd_per_month_cents": cents})


def test_this_months_attempts_count_whatever_became_of_them(alice: Tenant, charlie: Tenant) -> None:
    assert spent(alice) == 0
    failed = Attempt("openai", "x", "invalid_output", 1, 1, 30)
    booked(alice, NOW, Attempt("openai", "gpt-5-mini", "ok", 10, 10, 700), failed)
    booked(alice, NOW - timedelta(days=40), Attempt("openai", "gpt-5-mini", "ok", 1, 1, 5_000))
    booked(charlie, NOW, Attempt("openai", "gpt-5-mini", "ok", 1, 1, 9_000))
    assert spent(alice) == 730
    broken_off = Attempt("openai", "gpt-5-mini", "truncated", 1_000, 500, None)
    booked(alice, NOW, broken_off, Attempt("vllm", "m", "ok", 9, 9, None))
    assert spent(alice) == 730 + 250 + 1_000
    assert spent(alice, datetime(2027, 1, 1, tzinfo=UTC)) == 0


def test_without_a_budget_nobody_is_asked_for_a_price(alice: Tenant) -> None:
    check(alice)
    check(alice, "ollama:llama3")
    assert spent(alice) == 0


def test_a_budget_refuses_unknown_prices_and_calls_beyond_it(alice: Tenant) -> None:
    budget(alice, 10)
    check(alice)
    check(alice, "offline:extractive")
    with pytest.raises(errors.Conflict) as unknown:
        check(alice, "openai:gpt-5-mini,ollama:llama3")
    assert (unknown.value.code, "ollama:llama3" in unknown.value.detail) == ("price_unknown", True)
    booked(alice, clock.now(), Attempt("openai", "gpt-5-mini", "ok", 1, 1, 99_000))
    with pytest.raises(errors.LimitReached) as reached:
        check(alice)
    assert reached.value.code == "budget_reached"
    assert 0 < reached.value.retry_after_seconds <= 31 * 86_400
    budget(alice, 0)
    check(alice)
