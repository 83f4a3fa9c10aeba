"""What the doctor says of counting, on both databases, with and without a secret key."""

from __future__ import annotations

from pydantic import SecretStr

from regrow.cli import outgoing_checks
from tests import published
from tests.homes import Tenant

TWO = [{"title": "A", "body": "a"}, {"title": "B", "body": "b"}]


def test_pages_with_several_variants_need_a_secret_that_all_machines_know(alice: Tenant) -> None:
    press, home = published.press(alice), alice.home
    press.article("one", "One", "Text.")
    assert outgoing_checks.counting(home).status == "ok"
    press.variants("two", TWO)
    found = outgoing_checks.counting(home)
    if home.settings.is_sqlite:
        assert found.status == "ok"
    else:
        assert (found.status, "REGROW_SECRET_KEY" in found.message) == ("warning", True)
    home.settings = home.settings.model_copy(update={"secret_key": SecretStr("k" * 40)})
    assert outgoing_checks.counting(home).status == "ok"


def test_a_variant_that_was_taken_down_is_no_choice(alice: Tenant) -> None:
    press = published.press(alice)
    press.variants("two", TWO, status="removed")
    found = outgoing_checks.counting(alice.home)
    assert (found.status, "REGROW_SECRET_KEY" in found.message) == ("ok", not alice.home.settings.is_sqlite)
