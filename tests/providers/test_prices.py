"""Lists of prices: ours, dated, and those that a home adds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from regrow.adapters.llm import prices
from regrow.adapters.llm.candidates import OWN_BASE_URLS, Candidate
from regrow.adapters.llm.gateway import Gateway
from regrow.domain.prices import Price
from regrow.kit.errors import Invalid
from tests.providers.test_gateway import Refusing

VLLM = Candidate("vllm", "llama", "http://gpu:8000/v1")


def own(provider: str, model: str) -> Candidate:
    return Candidate(provider, model, OWN_BASE_URLS[provider])


@pytest.mark.parametrize("provider", list(OWN_BASE_URLS))
def test_every_vendor_has_a_dated_list_with_a_source(provider: str) -> None:
    listed = prices.price_list(provider)
    assert date(2026, 10, 1) < listed["as_of"] < date(2030, 1, 1)
    assert "list price" in listed["source"]
    assert len(listed["models"]) >= 5
    for name in listed["models"]:
        price = prices.book().price_of(own(provider, name), listed["as_of"])
        assert price is not None
        assert 0 < price.cached_input < price.input < price.output


def test_the_newest_list_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, cost in (("2026-01-01", 1), ("2026-12-01", 3), ("2026-06-01", 2)):
        text = f'[models]\n"claude-new" = {{ input = {cost}, output = 9 }}\n'
        (tmp_path / f"anthropic.{day}.toml").write_text(text, encoding="utf-8")
    assert prices.book(tmp_path).price_of(own("anthropic", "claude-new")) == Price(3, 3, 9)
    monkeypatch.setattr(prices, "LISTS", tmp_path)
    prices.price_list.cache_clear()
    assert prices.price_list("anthropic")["models"]["claude-new"]["input"] == 3
    prices.price_list.cache_clear()


def test_a_home_prices_its_own_servers_and_goes_before_our_lists(tmp_path: Path) -> None:
    (tmp_path / "vllm.mine.toml").write_text("[models]\nllama = { input = 0, output = 0 }\n", encoding="utf-8")
    (tmp_path / "openai.mine.toml").write_text('[models]\n"gpt-5" = { input = 9, output = 9 }\n', encoding="utf-8")
    book = prices.book(tmp_path)
    assert book.price_of(VLLM) == Price(0, 0, 0)
    assert prices.book().price_of(VLLM) is None
    assert book.price_of(own("openai", "gpt-5")) == Price(9, 9, 9)
    assert book.price_of(own("openai", "gpt-5-mini")) == prices.book().price_of(own("openai", "gpt-5-mini"))
    assert book.price_of(Candidate("openai", "gpt-5", "http://127.0.0.1:1/v1")) is None


def test_a_list_for_an_address_is_for_no_other(tmp_path: Path) -> None:
    text = 'base_url = "http://gpu:8000/v1/"\n[models]\nllama = { input = 1, output = 2 }\n'
    (tmp_path / "openai.gpu.toml").write_text(text, encoding="utf-8")
    book = prices.book(tmp_path)
    assert book.price_of(Candidate("openai", "llama", "http://gpu:8000/v1")) == Price(1, 1, 2)
    assert book.price_of(own("openai", "llama")) is None


def test_a_price_is_known_until_its_last_day() -> None:
    flash = own("google", "gemini-3.8-flash")
    assert prices.book().price_of(flash, date(2026, 12, 31)) is not None
    assert prices.book().price_of(flash, date(2027, 1, 1)) is None


def test_snapshots_cost_what_their_model_costs() -> None:
    for name in ("claude-haiku-4-5-20251001", "claude-haiku-4-5"):
        assert prices.book().price_of(own("anthropic", name)) == Price(1.0, 0.1, 5.0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vllm.a.toml", "models = 5"),
        ("vllm.a.toml", "not toml at all ="),
        ("vllm.a.toml", "[models]\nllama = 5"),
        ("vllm.a.toml", '[models]\nllama = { input = "dear", output = 1 }'),
        ("vllm.a.toml", "[models]\nllama = { input = -1, output = 1 }"),
        ("vllm.a.toml", "[models]\nllama = { input = nan, output = 1 }"),
        ("vllm.a.toml", "[models]\nllama = { output = 1 }"),
        ("vllm.a.toml", "[models]\nllama = { input = 1, output = 1, euro = true }"),
        ("acme.a.toml", "[models]\n"),
    ],
)
def test_a_broken_list_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        prices.book(tmp_path)
    assert (refused.value.code, name in refused.value.detail) == ("price_list", True)


def test_the_gateway_tells_its_candidates_and_their_prices(tmp_path: Path) -> None:
    default = (own("openai", "gpt-5-mini"),)
    with Gateway(default, Refusing(), lambda provider: None, base_urls={"vllm": VLLM.base_url}) as gateway:
        assert gateway.named("") == ("openai:gpt-5-mini",)
        assert gateway.named("vllm:llama, anthropic:claude-opus-5") == ("vllm:llama", "anthropic:claude-opus-5")
        assert gateway.price("openai:gpt-5-mini") == Price(0.25, 0.025, 2.0)
        assert gateway.price("vllm:llama") is None
        assert gateway.price("acme:llama") is None
        with pytest.raises(Invalid):
            gateway.named("compatible:llama")
