"""What readers of a site are shown while an experiment runs: its shares, and soon after a loser left, others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from regrow.services import experiments
from regrow.store import experiments as store
from regrow.store.tables.content import Variant
from regrow.web import visiting
from tests import experiments as made
from tests import published
from tests import visits as seen
from tests.experiments import Begun
from tests.faces.test_beacons import READER
from tests.homes import Tenant

PATIENCE = 60.0
SHARES = {"A": 0.05, "B": 0.05, "C": 0.90}


@dataclass
class Readers:
    """People with cookies of their own, and the page that they look at."""

    client: TestClient
    place: str
    cookies: list[str] = field(default_factory=list)

    def come(self, count: int) -> list[str]:
        """So many new ones; gives back what each is shown."""
        found = []
        for _ in range(count):
            self.client.cookies.clear()
            answer = self.client.get(self.place, headers=READER)
            self.cookies.append(answer.headers["set-cookie"].partition(";")[0])
            found.append(_label(answer.text))
        return found

    def look_again(self) -> list[str]:
        found = []
        for cookie in self.cookies:
            self.client.cookies.clear()
            found.append(_label(self.client.get(self.place, headers={**READER, "cookie": cookie}).text))
        return found


def _label(page: str) -> str:
    return page.partition("<div data-text>")[2][:1]


@pytest.fixture
def begun(alice: Tenant) -> Begun:
    """An experiment on the site that gives most readers to what turns out to be the worst variant."""
    press = published.press(alice)
    piece_id = press.variants("loaf", [{"title": f"Loaf {label}", "body": f"Text {label}."} for label in "ABC"])
    with alice.writing() as session:
        asked = {"piece_id": piece_id, "metric": "click_rate", "minimum_hours": 24, "allocation": SHARES}
        row = experiments.create(session, alice.owner, asked)
        variants = {each.label: each.id for each in session.scalars(select(Variant).filter_by(piece_id=piece_id))}
        assert row.source == "site"
    return Begun(row.id, piece_id, variants)


@pytest.fixture
def readers(alice: Tenant, begun: Begun) -> Iterator[Readers]:
    """The page offers all three variants to the end: who is shown which is up to the shares alone."""
    slug = alice.home.workspace(alice.id).slug
    with (
        seen.open_site(alice, {"loaf": seen.Shown(begun.piece_id, begun.variants)}) as app,
        TestClient(app) as client,
    ):
        yield Readers(client, f"/s/{slug}/loaf")


def lose(alice: Tenant, begun: Begun) -> None:
    """C is counted, judged and terminated."""
    counts = {"A": (50, 10), "B": (50, 10), "C": (900, 18)}
    made.tell(alice, begun, [made.batch(begun, number, counts) for number in range(30)])
    found = made.judge(alice, begun)
    assert {label: row.decision for label, row in found.items()} == {
        "A": "continue",
        "B": "continue",
        "C": "terminate",
    }


def until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (is_so := condition()) and time.monotonic() < end:
        time.sleep(0.2)
    return is_so


def test_a_loser_is_shown_to_nobody_soon_after_and_others_keep_what_they_had(
    alice: Tenant, begun: Begun, readers: Readers
) -> None:
    before = readers.come(60)
    assert before.count("C") > 40
    lose(alice, begun)
    assert until(lambda: "C" not in readers.look_again())
    after = readers.look_again()
    kept = [(old, new) for old, new in zip(before, after, strict=True) if old != "C"]
    assert [old for old, _new in kept] == [new for _old, new in kept]
    assert set(after) | set(readers.come(20)) == {"A", "B"}
    with alice.reading() as session:
        assert store.on_site(session, begun.piece_id) == {begun.variants["A"]: 0.5, begun.variants["B"]: 0.5}


def test_shares_are_remembered_between_pages_and_never_for_another_workspace(
    alice: Tenant, begun: Begun, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "SHARES_SECONDS", 3_600.0)
    before = readers.come(20)
    lose(alice, begun)
    assert readers.look_again() == before
    made_here = readers.client.app.state.visiting  # type: ignore[attr-defined]
    told = made_here.shares(alice.id, begun.piece_id)
    assert told == {begun.variants[label]: share for label, share in SHARES.items()}
    assert made_here.shares("ws_other", begun.piece_id) == {}
    monkeypatch.setattr(visiting, "MOST_SHARES", 1)
    made_here.shares(alice.id, "pie_other")
    assert set(made_here.shares(alice.id, begun.piece_id)) == {begun.variants["A"], begun.variants["B"]}
