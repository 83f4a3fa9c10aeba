"""Many at once on the same texts: no text is lost, one piece stands, and whoever comes second is told so in words."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from regrow.domain import content
from regrow.kit import clock, errors
from regrow.services import campaigns, feedback, generations, pieces, regenerating, runs, versions, workspaces
from regrow.store import content as content_store
from regrow.store import regenerating as tried
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from tests import tries
from tests.homes import Tenant

LAST_TRIES = int(os.environ.get("REGROW_TEST_LAST_TRIES", "100"))
ROUNDS = int(os.environ.get("REGROW_TEST_RACES", "12"))
REFUSALS = (errors.Conflict, errors.Stale, errors.LimitReached)
"""All that a loser may hear; anything else is a bug and fails the test."""

Act = Callable[[], Any]


@dataclass(frozen=True)
class Outcome:
    """What an act gave, or how it was refused."""

    value: Any = None
    refused: errors.RegrowError | None = None


def at_once(acts: Sequence[Act]) -> list[Outcome]:
    """Each in a thread of its own, all let go at the same moment."""
    gate = threading.Barrier(len(acts))

    def one(act: Act) -> Outcome:
        gate.wait()
        try:
            return Outcome(act())
        except REFUSALS as error:
            return Outcome(refused=error)

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(one, act) for act in acts]]


def made(alice: Tenant, topic_id: str, **more: Any) -> str:
    asked = {"topic_id": topic_id, "media": ["social"], "social_count": 2, **more}
    return str(tries.begun(alice, generations.ask, **asked).done()["generation_id"])


def pieces_of(alice: Tenant, generation_id: str) -> list[Piece]:
    with alice.reading() as session:
        wanted = select(Piece).where(Piece.generation_id == generation_id).order_by(Piece.sequence)
        return list(session.scalars(wanted))


def limited(alice: Tenant, limit: int) -> None:
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"regenerations_per_day": limit})


@pytest.mark.parametrize("racing", [2, 8])
def test_for_the_last_try_of_the_day_exactly_one_wins(alice: Tenant, racing: int) -> None:
    """Round after round: the winner's run then fails, which gives the try back, so that each round has one left."""
    limited(alice, 1)
    topic_id = tries.topic(alice)
    places = [made(alice, topic_id, social_count=1, variants=1) for _ in range(10)]
    ends: Counter[tuple[int, int]] = Counter()
    for number in range(LAST_TRIES if racing == 2 else LAST_TRIES // 10):
        generation_id = places[number % len(places)]

        def ask(generation_id: str = generation_id) -> str:
            with alice.writing() as session:
                return regenerating.ask_medium(session, alice.owner, generation_id, "social").id

        found = at_once([ask] * racing)
        won = [each.value for each in found if each.refused is None]
        lost = [each.refused.code for each in found if each.refused is not None]
        ends[len(won), lost.count("daily_limit")] += 1
        with alice.reading() as session:
            assert tried.counts(session, generation_id, clock.now().date().isoformat()) == (0, 1)
        with alice.writing() as session:
            run = session.get_one(Run, won[0])
            runs.fail(session, run, {}, {"code": "model_unavailable", "detail": "the model was away"})
    assert set(ends) == {(1, racing - 1)}


class Race:
    """Two generations of one campaign that are being written again while people work on their pieces."""

    def __init__(self, alice: Tenant, topic_id: str, dice: random.Random) -> None:
        self.alice, self.dice = alice, dice
        with alice.writing() as session:
            self.campaign_id = campaigns.create(session, alice.owner, "Racing", "").id
        self.places = [made(alice, topic_id, campaign_id=self.campaign_id) for _ in range(2)]
        self.before = self.texts()
        first, second = self.places
        self.pieces = [piece.id for place in self.places for piece in pieces_of(alice, place)]
        self.underway = [
            tries.begun(alice, regenerating.ask_medium, first, "social"),
            tries.begun(alice, regenerating.ask_piece, self.pieces[2]),
            tries.begun(alice, regenerating.ask_generation, second),
        ]
        for each in self.underway:
            each.write()

    def lines(self, session: Session) -> list[Piece]:
        """The pieces of both generations, and of those that came of them."""
        wanted = select(Piece).join(Generation, Generation.id == Piece.generation_id)
        return list(session.scalars(wanted.where(Generation.line_id.in_(self.places))))

    def texts(self) -> dict[str, Any]:
        with self.alice.reading() as session:
            found = content_store.variants_of(session, [row.id for row in self.lines(session)])
        return {row.id: (row.piece_id, row.label, row.version, row.content) for row in found}

    def writing(self, act: Callable[..., Any], *given: Any, **more: Any) -> Act:
        def do() -> Any:
            with self.alice.writing() as session:
                return act(session, self.alice.owner, *given, **more)

        return do

    def acts(self, has_campaign: bool) -> dict[str, Act]:
        one, two, three, four = self.pieces
        named: dict[str, Act] = {
            "finish medium": self.underway[0].finish,
            "finish piece": self.underway[1].finish,
            "finish generation": self.underway[2].finish,
            "edit one": self.writing(versions.edit, one, 1, {"A": {"body": "One, by hand."}}),
            "edit one too": self.writing(versions.edit, one, 1, {"B": {"body": "One, by another hand."}}),
            "restore one": self.writing(versions.restore, one, 1),
            "approve two": self.writing(pieces.approve, two, expected_version=1),
            "edit two": self.writing(versions.edit, two, None, {"A": {"body": "Two, by hand."}}),
            "approve three": self.writing(pieces.approve, three, expected_version=1),
            "restore three": self.writing(versions.restore, three, 1, expected_version=1),
            "reject four": self.writing(pieces.reject, four, "Too dry", expected_version=1),
            "rate one": self.writing(feedback.give, one, "good", "Fine"),
            "ask again": self.writing(regenerating.ask_medium, self.places[0], "social"),
        }
        if has_campaign:
            named["approve campaign"] = self.writing(campaigns.approve, self.campaign_id)
        return named

    def run(self, has_campaign: bool) -> dict[str, Outcome]:
        acts = list(self.acts(has_campaign).items())
        self.dice.shuffle(acts)
        found = at_once([act for _, act in acts])
        return {name: outcome for (name, _), outcome in zip(acts, found, strict=True)}


@pytest.mark.parametrize("has_campaign", [False, True])
def test_people_and_runs_racing_on_the_same_pieces(alice: Tenant, has_campaign: bool) -> None:
    dice = random.Random(7)
    topic_id = tries.topic(alice)
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        race = Race(alice, topic_id, dice)
        found = race.run(has_campaign)
        seen.update(name for name, outcome in found.items() if outcome.refused is None)
        assert_nothing_lost(race)
        assert_first_stays(race, found)
        assert_runs_ended(race)
    finished = [seen[f"finish {what}"] for what in ("medium", "piece", "generation")]
    assert finished == [ROUNDS] * 3
    assert seen["rate one"] == ROUNDS


def assert_nothing_lost(race: Race) -> None:
    """Texts as they were, one piece standing for each line, versions without a gap, and statuses that agree."""
    after = race.texts()
    assert {id: after.get(id) for id in race.before} == race.before
    with race.alice.reading() as session:
        rows = race.lines(session)
        numbers: dict[str, list[int]] = {row.id: [] for row in rows}
        for version in content_store.versions(session, list(numbers)):
            numbers[version.piece_id].append(version.version)
        told = {id: session.get_one(Generation, id).status for id in {row.generation_id for row in rows}}
    stands = Counter(row.line_id for row in rows if row.status != "superseded")
    assert stands == Counter({row.line_id for row in rows})
    assert numbers == {row.id: list(range(1, row.version + 1)) for row in rows}
    for id, status in told.items():
        assert status == content.generation_status([row.status for row in rows if row.generation_id == id])


def assert_first_stays(race: Race, found: dict[str, Outcome]) -> None:
    """Whoever's change was taken finds it where it was put; nobody replaced it behind their back."""
    with race.alice.reading() as session:
        rows = {row.id: row for row in session.scalars(select(Piece).where(Piece.id.in_(race.pieces)))}
    one, two, three, _four = (rows[id] for id in race.pieces)
    texts = [(piece_id, text["body"]) for piece_id, _, _, text in race.texts().values()]
    for name, piece, body in (
        ("edit one", one, "One, by hand."),
        ("edit one too", one, "One, by another hand."),
        ("edit two", two, "Two, by hand."),
    ):
        is_taken = found[name].refused is None
        assert texts.count((piece.id, body)) == is_taken
        assert not is_taken or piece.status != "superseded"
    assert not (found["edit one"].refused is None and found["edit one too"].refused is None)
    for name, piece in (("approve two", two), ("approve three", three)):
        assert found[name].refused is not None or (piece.status, piece.version) == ("approved", 1)
    assert found["restore three"].refused is not None or three.version == 2


def assert_runs_ended(race: Race) -> None:
    """Each run says of every text that it wrote where it is."""
    for underway, count in zip(race.underway, (2, 1, 2), strict=True):
        assert tries.status(race.alice, underway.task_id) == "success"
        with race.alice.reading() as session:
            result = runs.outcome(session, underway.task_id)
            assert result is not None
            if "piece_ids" not in result:
                assert len(pieces_of(race.alice, result["generation_id"])) == count
                continue
            aside = [each["set_aside_id"] for each in result["set_aside"]]
            kept = list(session.scalars(select(Piece).where(Piece.id.in_([*result["piece_ids"], *aside]))))
        assert len(kept) == count
        assert {row.id for row in kept if row.status == "superseded"} == set(aside)
