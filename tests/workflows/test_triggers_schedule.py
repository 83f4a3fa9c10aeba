"""The schedule at work on triggers: what is met is fired and written, what fails keeps none of the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrow import wiring
from regrow.services import trigger_checks
from regrow.workflows import schedules, starting
from regrow.workflows import triggers as checking
from tests import cluster
from tests import triggers as made
from tests.faces.command_line import wait_until
from tests.homes import Tenant, settings_for, tenant

WRITTEN = [("A", 1, "live"), ("B", 1, "live"), ("A", 2, "draft"), ("B", 2, "draft")]


@pytest.fixture
def alice(database_kind: str, tmp_path: Path) -> Iterator[Tenant]:
    """Her home does its own work; the schedule is looked at by hand."""
    made_of = settings_for(database_kind, tmp_path / "home")
    home = wiring.open_home(made_of)
    found = tenant(home, "Alice")
    yield found
    home.close()
    if not made_of.is_sqlite:
        cluster.drop_database(made_of.owner_database_url.get_secret_value())


def look(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick at which an hour of visits, and with it everything that is looked at once a minute, is due."""
    monkeypatch.setattr(schedules._Hours, "looked_at", -schedules.HOURS_SECONDS)
    schedules.tick(alice.home.engine)


def test_a_tick_fires_what_is_met_and_its_run_writes(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    out = made.low(alice)
    calm = made.out(alice)
    made.tell(alice, calm, {"A": {"likes": 50}, "B": {"likes": 60}})
    made.put(alice, calm)
    monkeypatch.setattr(schedules._Hours, "looked_at", float("inf"))
    alice.home.launch()
    look(alice, monkeypatch)
    wait_until(lambda: made.statuses(alice, out) == WRITTEN)
    wait_until(lambda: made.stands(alice, out) is None)
    fired = made.history(alice, out)[1]
    assert (fired.kind, fired.by) == ("fired", "system")
    look(alice, monkeypatch)
    assert made.statuses(alice, calm) == WRITTEN[:2]
    assert [row.kind for row in made.history(alice, out)] == ["set", "fired", "written"]


def test_a_run_whose_starter_died_is_swept_up(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    out = made.low(alice)
    made.check(alice)
    assert made.statuses(alice, out) == WRITTEN[:2]
    monkeypatch.setattr(schedules._Hours, "looked_at", float("inf"))
    alice.home.launch()
    starting.sweep(alice.home.engine, starting.GRACE * 0)
    wait_until(lambda: made.statuses(alice, out) == WRITTEN)
    assert made.stands(alice, out) is None


def test_one_piece_that_fails_stops_neither_the_others_nor_the_tick(
    alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = made.low(alice), made.low(alice)
    fire = trigger_checks.fire

    def breaking(session: Any, actor: Any, piece_id: str) -> Any:
        if piece_id == broken.piece_id:
            raise ZeroDivisionError("a bug of ours")
        return fire(session, actor, piece_id)

    monkeypatch.setattr(trigger_checks, "fire", breaking)
    monkeypatch.setattr(schedules._Hours, "looked_at", float("inf"))
    alice.home.launch()
    look(alice, monkeypatch)
    wait_until(lambda: made.statuses(alice, whole) == WRITTEN)
    assert [row.kind for row in made.history(alice, broken)] == ["set"]


def test_a_look_is_bounded_and_the_next_one_goes_on_where_it_stopped(
    alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "PAGE", 1)
    monkeypatch.setattr(checking, "PAGES", 2)
    outs = [made.low(alice, variants=1) for _ in range(5)]
    found = []
    for _ in range(4):
        report = checking.look(alice.home.engine, alice.id)
        found.append([each["piece_id"] for each in report.as_dict()["triggered"]])
        assert report.checked <= 2
    named = [out.piece_id for out in outs]
    assert found == [named[:2], named[2:4], named[4:], []]
