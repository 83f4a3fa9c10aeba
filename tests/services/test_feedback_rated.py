"""Pieces that people rate high or low, and what they had in common."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from regrow.domain.feedback import Rating
from regrow.services import feedback
from regrow.store.tenancy import Session
from tests.homes import Tenant
from tests.rating import ANNA, BEN, give, person, written


def test_rated_pieces_are_listed_newest_rated_first(alice: Tenant) -> None:
    pieces = written(alice, *(f"Text {number}" for number in range(7)))
    for piece, rating in zip(pieces, ("good", "poor", "excellent", "acceptable", "unacceptable", "good"), strict=False):
        give(alice, person(alice, ANNA), piece, rating, f"it is {rating}")
    give(alice, person(alice, BEN), pieces[0], "excellent")
    with alice.reading() as session:
        high, low = (feedback.rated(session, kind) for kind in ("high", "low"))
    assert [each.piece.id for each in high.items] == [pieces[0], pieces[5], pieces[2]]
    assert [each.piece.id for each in low.items] == [pieces[4], pieces[1]]
    first = high.items[0]
    assert (first.summary.rating, first.summary.people) == (Rating.GOOD, 2)
    assert [(row.actor_id, row.comment) for row in first.comments] == [("key_anna", "it is good")]
    give(alice, person(alice, ANNA), pieces[0], "poor", "no more")
    with alice.reading() as session:
        assert [each.piece.id for each in feedback.rated(session, "low").items] == [pieces[0], pieces[4], pieces[1]]
        (said,) = feedback.of_piece(session, pieces[0]).comments
    assert said.comment == "no more"


def test_the_database_sums_up_as_the_rules_do(alice: Tenant) -> None:
    dice = random.Random(7)
    pieces = written(alice, *(f"Text {number}" for number in range(30)))
    with alice.writing() as session:
        for _ in range(250):
            who, rating = person(alice, dice.choice("abcdef")), dice.choice(list(Rating))
            feedback.give(session, who, dice.choice(pieces), rating)
    with alice.reading() as session:
        for kind, ratings in feedback.RATINGS.items():
            expected = {id for id in pieces if feedback.of_piece(session, id).summary.rating in ratings}
            found = [each.piece.id for each in _all(session, kind, 4)]
            assert len(found) == len(set(found))
            assert set(found) == expected


def _all(session: Session, kind: feedback.Kind, limit: int) -> Iterator[feedback.OfPiece]:
    cursor = None
    while True:
        page = feedback.rated(session, kind, limit, cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
        assert len(page.items) == limit


def test_what_they_had_in_common(alice: Tenant) -> None:
    good = written(alice, "3 loaves came out today.", "12 rolls came out today.", "Bread came out.")
    bad = written(alice, "Why does nobody bake?", "Why does nobody knead?", "4 ways to bake.", medium="blog")
    for ids_, rating in ((good, "good"), (bad, "poor")):
        for piece in ids_:
            give(alice, person(alice, ANNA), piece, rating)
    with alice.reading() as session:
        high, low = (feedback.in_common(session, kind) for kind in ("high", "low"))
    assert "2 of the 3 highly rated pieces open with a number; 1 of the 3 poorly rated ones does." in high
    assert "All 3 highly rated pieces are social posts; none of the 3 poorly rated ones is." in high
    assert "2 of the 3 poorly rated pieces open with a question; none of the 3 highly rated ones does." in low
    assert not any("written for" in sentence or "voice" in sentence for sentence in (*high, *low))


def test_too_little_to_compare(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    give(alice, person(alice, ANNA), piece, "good")
    with alice.reading() as session:
        for kind in ("high", "low"):
            (told,) = feedback.in_common(session, kind)
            assert "rate at least two pieces high and two low" in told
            assert "1 high and 0 low" in told


def test_only_the_newest_rated_pieces_are_compared(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "COMPARED", 2)
    pieces = written(alice, "Why bake?", "Why knead?", "Why fold?", "3 loaves.", "4 loaves.")
    others = written(alice, "Bread rises.", "Dough rests.")
    for piece in pieces:
        give(alice, person(alice, ANNA), piece, "good")
    for piece in others:
        give(alice, person(alice, ANNA), piece, "poor")
    with alice.reading() as session:
        told = feedback.in_common(session, "high")
    assert "Both highly rated pieces open with a number; none of the 2 poorly rated ones does." in told


@contextmanager
def statements(tenant: Tenant) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = tenant.home.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_queries_do_not_grow_with_rows(alice: Tenant) -> None:
    pieces = written(alice, *(f"Text {number}" for number in range(40)))

    def rate(some: list[str], people: int) -> None:
        with alice.writing() as session:
            for piece in some:
                for number in range(people):
                    rating = "good" if pieces.index(piece) % 2 else "poor"
                    feedback.give(session, person(alice, f"p{number}"), piece, rating, "said")

    def counted() -> tuple[int, int, int]:
        with alice.reading() as session, statements(alice) as seen:
            feedback.rated(session, "high", 200)
            listed = len(seen)
            feedback.in_common(session, "high")
            compared = len(seen) - listed
            feedback.of_piece(session, pieces[0])
            return listed, compared, len(seen) - listed - compared

    rate(pieces[:10], 1)
    few = counted()
    rate(pieces, 5)
    assert counted() == few
    assert max(few) <= 6
