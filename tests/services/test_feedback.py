"""What people think of pieces: given, changed, kept apart, summed up, and written into contexts."""

from __future__ import annotations

import random
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from regrow.domain import feedback as rules
from regrow.domain.feedback import Rating
from regrow.domain.workspaces import Actor, Role
from regrow.kit import errors
from regrow.services import contexts, feedback, keys, members
from regrow.store import feedback as feedback_store
from regrow.store import records
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.content import Piece
from regrow.store.tables.contexts import Context
from regrow.store.tables.feedback import RatingRow
from tests.homes import Tenant
from tests.rating import ANNA, BEN, CHRIS, finished, give, person, summed, written


def judged(tenant: Tenant, context_id: str) -> tuple[str, str, int]:
    with tenant.reading() as session:
        row = records.get(session, Context, context_id)
        assert row is not None
        return row.validation, row.confidence, row.version


def every(tenant: Tenant) -> list[RatingRow]:
    with tenant.reading() as session:
        return list(session.scalars(select(RatingRow).order_by(RatingRow.id)))


def given_audits(tenant: Tenant) -> list[AuditRow]:
    with tenant.reading() as session:
        return list(session.scalars(select(AuditRow).where(AuditRow.action == "feedback.given").order_by(AuditRow.id)))


def test_a_rating_is_kept_with_the_version_it_was_given_to(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    with alice.writing() as session:
        row = records.get(session, Piece, piece)
        assert row is not None
        row.version = 3
    made = give(alice, person(alice, ANNA), piece, "good", " Opens well ")
    (kept,) = every(alice)
    assert kept.id == made.row.id
    assert kept.id.startswith("rat_")
    assert (kept.piece_id, kept.piece_version, kept.actor_id) == (piece, 3, "key_anna")
    assert (kept.rating, kept.comment, kept.workspace_id) == ("good", "Opens well", alice.id)
    assert (made.summary.rating, made.summary.people, made.context) == (Rating.GOOD, 1, None)
    (told,) = given_audits(alice)
    assert (told.subject_id, told.actor_id) == (piece, "key_anna")
    assert told.detail == {"rating": "good", "rating_id": kept.id, "piece_version": 3}


@pytest.mark.parametrize(
    ("rating", "validation", "confidence"),
    [
        ("excellent", "approved", "validated"),
        ("good", "approved", "validated"),
        ("acceptable", "conditionally_approved", "confident"),
        ("poor", "rejected", "uncertain"),
        ("unacceptable", "rejected", "uncertain"),
    ],
)
def test_a_rating_goes_into_the_context_of_the_piece(
    alice: Tenant, rating: str, validation: str, confidence: str
) -> None:
    context = finished(alice)
    before = judged(alice, context)[2]
    (piece,) = written(alice, "Bread", context_id=context)
    made = give(alice, person(alice, ANNA), piece, rating)
    assert judged(alice, context) == (validation, confidence, before + 1)
    assert made.context is not None
    assert (made.context.id, made.context.validation, made.context.confidence) == (context, validation, confidence)


def test_a_mind_may_change_and_nothing_is_overwritten(alice: Tenant) -> None:
    context = finished(alice)
    (piece,) = written(alice, "Bread", context_id=context)
    for rating in ("good", "poor", "good"):
        give(alice, person(alice, ANNA), piece, rating)
    assert [row.rating for row in every(alice)] == ["good", "poor", "good"]
    assert (summed(alice, piece).rating, summed(alice, piece).people) == (Rating.GOOD, 1)
    assert judged(alice, context)[:2] == ("approved", "validated")


def test_saying_the_same_again_adds_nothing(alice: Tenant) -> None:
    context = finished(alice)
    (piece,) = written(alice, "Bread", context_id=context)
    first = give(alice, person(alice, ANNA), piece, "good", "fine")
    before = judged(alice, context)
    again = give(alice, person(alice, ANNA), piece, "good", "fine ")
    assert again.row.id == first.row.id
    assert (len(every(alice)), len(given_audits(alice))) == (1, 1)
    assert judged(alice, context) == before
    give(alice, person(alice, ANNA), piece, "good", "better than fine")
    with alice.writing() as session:
        row = records.get(session, Piece, piece)
        assert row is not None
        row.version = 2
    give(alice, person(alice, ANNA), piece, "good", "better than fine")
    assert [(row.comment, row.piece_version) for row in every(alice)] == [
        ("fine", 1),
        ("better than fine", 1),
        ("better than fine", 2),
    ]


def test_several_people_are_kept_apart_and_summed_up(alice: Tenant) -> None:
    context = finished(alice)
    piece, other = written(alice, "Bread", "Rolls", context_id=context)
    give(alice, person(alice, ANNA), piece, "poor")
    give(alice, person(alice, BEN), piece, "excellent")
    assert (summed(alice, piece).rating, judged(alice, context)[:2]) == (Rating.POOR, ("rejected", "uncertain"))
    give(alice, person(alice, CHRIS), piece, "acceptable")
    assert judged(alice, context)[:2] == ("conditionally_approved", "confident")
    give(alice, person(alice, ANNA), piece, "excellent")
    found = summed(alice, piece)
    assert (found.rating, found.people) == (Rating.EXCELLENT, 3)
    assert {rating: count for rating, count in found.counts.items() if count} == {"excellent": 2, "acceptable": 1}
    assert judged(alice, context)[:2] == ("approved", "validated")
    assert summed(alice, other) == rules.summary([])


def test_two_keys_of_one_member_are_one_person(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    with alice.writing() as session:
        bob = members.create(session, alice.owner, "Bob", Role.EDITOR)
        made = [keys.create(session, alice.owner, name, Role.EDITOR, bob.id) for name in ("laptop", "phone")]
        alone = keys.create(session, alice.owner, "robot", Role.EDITOR)
    with alice.reading() as session:
        callers = [keys.actor_of(session, each.secret) for each in (*made, alone)]
    for caller, rating in zip(callers, ("poor", "good", "excellent"), strict=True):
        assert caller is not None
        give(alice, caller, piece, rating)
    assert [row.actor_id for row in every(alice)] == [bob.id, bob.id, alone.row.id]
    assert [row.actor_id for row in given_audits(alice)] == [*(each.row.id for each in made), alone.row.id]
    found = summed(alice, piece)
    assert (found.rating, found.people) == (Rating.GOOD, 2)


def test_the_person_at_the_console_is_one_too(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    give(alice, alice.home.operator(alice.id), piece, "good")
    assert [row.actor_id for row in every(alice)] == ["console"]


def test_an_open_context_stays_as_it_is(alice: Tenant) -> None:
    context = finished(alice, is_closed=False)
    (piece,) = written(alice, "Bread", context_id=context)
    before = judged(alice, context)
    made = give(alice, person(alice, ANNA), piece, "good")
    assert judged(alice, context) == before
    assert made.summary.rating == Rating.GOOD
    with alice.writing() as session:
        contexts.close_done(session, contexts.Recording(context))
    give(alice, person(alice, ANNA), piece, "good")
    assert judged(alice, context)[:2] == ("approved", "validated")
    assert len(every(alice)) == 1


def test_superseded_pieces_are_rated_too(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    with alice.writing() as session:
        row = records.get(session, Piece, piece)
        assert row is not None
        row.status = "superseded"
    assert give(alice, person(alice, ANNA), piece, "poor").summary.rating == Rating.POOR
    with alice.reading() as session:
        assert [each.piece.status for each in feedback.rated(session, "low").items] == ["superseded"]


def test_a_context_that_is_gone_is_none(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread", context_id="ctx_0000000000")
    assert give(alice, person(alice, ANNA), piece, "poor").context is None
    assert summed(alice, piece).people == 1


def test_viewers_rate_nothing(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    with pytest.raises(errors.Forbidden):
        give(alice, person(alice, ANNA, Role.VIEWER), piece, "good")
    assert every(alice) == []


@pytest.mark.parametrize(("rating", "comment"), [("great", ""), ("", ""), ("good", "x" * 2_001), ("good", "a\x00")])
def test_bad_feedback_is_refused(alice: Tenant, rating: str, comment: str) -> None:
    (piece,) = written(alice, "Bread")
    with pytest.raises(errors.Invalid) as caught:
        give(alice, person(alice, ANNA), piece, rating, comment)
    assert caught.value.code == "bad_feedback"
    assert every(alice) == []


def test_a_comment_of_the_full_length_is_kept(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    give(alice, person(alice, ANNA), piece, "good", "ö" * 2_000)
    assert every(alice)[0].comment == "ö" * 2_000


def test_a_stranger_finds_and_changes_nothing(alice: Tenant, charlie: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    give(alice, person(alice, ANNA), piece, "good", "secret words")
    told = []
    for id in (piece, "pie_0000000000"):
        with pytest.raises(errors.NotFound) as caught:
            give(charlie, charlie.owner, id, "poor")
        told.append(caught.value.detail.replace(id, "ID"))
        with pytest.raises(errors.NotFound) as caught, charlie.reading() as session:
            feedback.of_piece(session, id)
        told.append(caught.value.detail.replace(id, "ID"))
    assert len(set(told)) == 1
    assert every(charlie) == []
    with charlie.reading() as session:
        assert feedback.rated(session, "high").items == []
        assert "So far 0 high and 0 low" in feedback.in_common(session, "high")[0]
        assert feedback_store.page(session, 10, None, piece).items == []
    assert len(every(alice)) == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE ratings SET rating = 'excellent'", "DELETE FROM ratings", "UPDATE ratings SET comment = ''"]
)
def test_ratings_only_grow(alice: Tenant, statement: str) -> None:
    (piece,) = written(alice, "Bread")
    give(alice, person(alice, ANNA), piece, "poor", "dull")
    with pytest.raises(sa.exc.DBAPIError, match="only grows"):
        alice.raw(statement)
    assert [(row.rating, row.comment) for row in every(alice)] == [("poor", "dull")]


def test_people_who_rate_at_the_same_time_are_all_kept(alice: Tenant) -> None:
    context = finished(alice)
    (piece,) = written(alice, "Bread", context_id=context)
    names = [f"person{number}" for number in range(6)]
    said = {name: random.Random(name).choices(list(Rating), k=4) for name in names}
    start = threading.Barrier(len(names))

    def rate(name: str) -> None:
        start.wait()
        for rating in said[name]:
            give(alice, person(alice, name), piece, rating, name)

    threads = [threading.Thread(target=rate, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = rules.summary((name, ratings[-1]) for name, ratings in said.items())
    assert summed(alice, piece) == expected
    assert expected.rating is not None
    verdict = rules.verdict(expected.rating)
    assert judged(alice, context)[:2] == (verdict.validation, verdict.confidence)
    for name, ratings in said.items():
        kept = [row.rating for row in every(alice) if row.comment == name]
        assert kept == [each for n, each in enumerate(ratings) if n == 0 or ratings[n - 1] != each]


def test_one_person_with_two_keys_at_the_same_time_says_a_thing_once(alice: Tenant) -> None:
    (piece,) = written(alice, "Bread")
    start = threading.Barrier(4)

    def rate(number: int) -> None:
        start.wait()
        give(alice, Actor(alice.id, f"key_{number}", Role.EDITOR, "", "mem_anna"), piece, "good")

    threads = [threading.Thread(target=rate, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.actor_id for row in every(alice)] == ["mem_anna"]
