"""Money: prices, what is spent, and when a call is refused."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import budgets, models
from regrow.domain.budgets import Facts, Unmeasured
from regrow.domain.prices import Price
from regrow.domain.workspaces import checked_settings, shown_settings
from regrow.kit import errors
from regrow.testing import briefs

MINI = Price(0.25, 0.025, 2.0)
FACTS = Facts(100, 0, {"openai:gpt-5-mini": MINI}, 10_000, 16_000, 3_600)
NEEDED = 10_000 * 0.25 + 16_000 * 2.0


def test_without_a_budget_nothing_is_refused() -> None:
    budgets.refuse(dataclasses.replace(FACTS, budget_cents=0, spent_micros=10**12, prices={"vllm:x": None}))
    assert budgets.refuse(FACTS) is None


@pytest.mark.parametrize("prices", [{"vllm:x": None}, {"openai:gpt-5-mini": MINI, "vllm:x": None}])
def test_an_unknown_price_is_refused_with_what_to_do(prices: dict[str, Price | None]) -> None:
    with pytest.raises(errors.Conflict) as refused:
        budgets.refuse(dataclasses.replace(FACTS, prices=prices))
    assert refused.value.code == "price_unknown"
    for word in ("vllm:x", "prices/", "budget_usd_per_month_cents"):
        assert word in refused.value.detail
    assert "gpt-5-mini" not in refused.value.detail


def test_a_prompt_longer_than_the_price_is_for_has_no_price() -> None:
    short = dataclasses.replace(MINI, up_to_input_tokens=9_999)
    with pytest.raises(errors.Conflict) as refused:
        budgets.refuse(dataclasses.replace(FACTS, prices={"google:x": short}))
    assert refused.value.code == "price_unknown"


def test_the_budget_is_reached_when_the_dearest_candidate_may_pass_it() -> None:
    left = 100 * budgets.MICROS_PER_CENT - int(NEEDED)
    budgets.refuse(dataclasses.replace(FACTS, spent_micros=left))
    with pytest.raises(errors.LimitReached) as refused:
        budgets.refuse(dataclasses.replace(FACTS, spent_micros=left + 1))
    assert (refused.value.code, refused.value.retry_after_seconds) == ("budget_reached", 3_600)
    assert "$1.00" in refused.value.detail
    dear = {"openai:gpt-5-mini": MINI, "openai:gpt-5": Price(1.25, 0.125, 100.0)}
    with pytest.raises(errors.LimitReached):
        budgets.refuse(dataclasses.replace(FACTS, prices=dear))


def test_what_costs_nothing_is_never_beyond_the_budget() -> None:
    free = dataclasses.replace(FACTS, spent_micros=10**9, prices={"offline:extractive": Price(0, 0, 0)})
    assert budgets.refuse(free) is None


def test_broken_off_attempts_count_with_an_estimate() -> None:
    unmeasured = [Unmeasured("openai", "gpt-5-mini", 1_000, 500), Unmeasured("vllm", "x", 10**6, 10**6)]
    prices = {"openai:gpt-5-mini": MINI, "vllm:x": None}
    assert budgets.spent(7, unmeasured, prices) == 7 + 250 + 1_000


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_cost_never_falls_with_more_tokens(read: int, cached: int, written: int) -> None:
    cost = MINI.micros(read, cached, written)
    more = MINI.micros(read + 1, cached, written + 1)
    assert cost is not None
    assert more is not None
    assert 0 <= cost <= more


def test_the_prompt_is_estimated_from_all_its_material() -> None:
    brief = briefs.bread()
    longer = dataclasses.replace(brief, sources=(*brief.sources, dataclasses.replace(briefs.OVEN, text="x" * 4_000)))
    assert 900 < budgets.input_tokens(longer) - budgets.input_tokens(brief) < 1_100


def test_a_workspace_names_candidates_for_all_functions_or_for_one() -> None:
    values = checked_settings({"models": "openai:a", "models.write_blog": " anthropic:b,offline:extractive "})
    assert models.for_function(values, "write_blog") == "anthropic:b,offline:extractive"
    assert models.for_function(values, "write_social") == "openai:a"
    assert models.for_function({"models.write_blog": " "}, "write_blog") == ""
    assert shown_settings(values)["models.write_email"] == ""
    assert shown_settings(values)["budget_usd_per_month_cents"] == 0


@pytest.mark.parametrize(
    "values", [{"models": "gpt-5"}, {"models": 5}, {"models.write_song": "openai:a"}, {"models": "openai:a,openai:a"}]
)
def test_settings_that_name_no_candidates_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        checked_settings(values)
    assert refused.value.code == "bad_settings"
    assert next(iter(values)) in refused.value.detail
