"""What must hold of pieces that are written again, whatever was killed and whenever."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from regrow.kit import clock
from regrow.services import generations
from regrow.store import content as content_store
from regrow.store import credits as ledger
from regrow.store import regenerating as tried
from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.regenerating import Try
from regrow.store.tables.runs import ProgressEvent, UsageRow
from regrow.testing import openai_answers
from regrow.testing.openai_wire import Asked
from tests import tries
from tests.homes import Tenant


def base(alice: Tenant, **more: Any) -> str:
    """A generation to write again, made in this very process; its id."""
    asked = {"topic_id": tries.topic(alice), "social_count": 2, **more}
    return str(tries.begun(alice, generations.ask, **asked).done()["generation_id"])


def pieces_of(alice: Tenant, generation_id: str, medium: str = "social") -> list[Piece]:
    """Those of a medium that stand now, in order."""
    with alice.reading() as session:
        found = content_store.pieces_of(session, [generation_id])
    return [row for row in found if row.medium == medium and row.status != "superseded"]


def counts(alice: Tenant, generation_id: str) -> tuple[int, int]:
    """Tries of today that succeeded, and that run."""
    with alice.reading() as session:
        return tried.counts(session, generation_id, clock.now().date().isoformat())


def assert_lines(alice: Tenant) -> None:
    """Every line has one piece that stands; what was replaced has its successor; every piece has all its texts."""
    with alice.reading() as session:
        pieces = session.scalars(select(Piece)).all()
        labels = Counter(session.scalars(select(Variant.piece_id)).all())
        versions = Counter(session.scalars(select(PieceVersion.piece_id)).all())
        statuses = set(session.execute(select(Piece.id, Variant.status).join(Variant, Variant.piece_id == Piece.id)))
    stands = Counter(piece.line_id for piece in pieces if piece.status != "superseded")
    assert stands == Counter({piece.line_id for piece in pieces})
    parents = Counter(piece.parent_piece_id for piece in pieces if piece.parent_piece_id)
    assert parents == Counter(piece.id for piece in pieces if piece.status == "superseded")
    assert {(labels[piece.id], versions[piece.id], piece.version) for piece in pieces} == {(2, 1, 1)}
    assert {(piece.id, piece.status) for piece in pieces if piece.status != "approved"} == {
        (id, status) for id, status in statuses if status != "live"
    }
    numbers = Counter((piece.generation_id, piece.medium, piece.sequence) for piece in pieces)
    assert set(numbers.values()) == {1}


def assert_ended_once(alice: Tenant, task_ids: list[str]) -> None:
    """Each with success, with everything told in order and no context left open."""
    with alice.reading() as session:
        for task_id in task_ids:
            wanted = select(ProgressEvent).where(ProgressEvent.task_id == task_id)
            events = session.scalars(wanted.order_by(ProgressEvent.sequence)).all()
            assert [event.status for event in events if event.phase == "DONE"] == ["success"], events[-1].error
            assert events[-1].phase == "DONE"
            percents = [event.percent for event in events]
            assert percents == sorted(percents)
            left = select(Context.id).where(Context.owner == task_id, Context.finished_at.is_(None))
            assert session.scalars(left).all() == []


def assert_settled(alice: Tenant, granted: int, calls: int, asked: int) -> None:
    """Every hold is charged once, every call is booked once, and every try has its row."""
    with alice.reading() as session:
        holds = session.scalars(select(CreditHold)).all()
        assert {hold.status for hold in holds} == {"charged"}
        assert ledger.account(session).balance == granted - sum(hold.amount for hold in holds)
        assert session.scalar(select(func.count(UsageRow.id))) == calls
        assert session.scalar(select(func.count(Try.task_id))) == asked


def assert_in_turn(alice: Tenant, generation_id: str, asked: list[Asked]) -> None:
    """Each call for a generation's one post was told the text that the one before it wrote, and that text only."""
    with alice.reading() as session:
        line = sorted(content_store.pieces_of(session, [generation_id]), key=lambda piece: piece.sequence)
        written = content_store.newest_variants(session, [piece.id for piece in line])
    told = [{text for _platform, text in openai_answers.material(each.system, each.user).replaced} for each in asked]
    assert told == [{row.content["body"] for row in written[piece.id]} for piece in line[:-1]]
    assert [piece.parent_piece_id for piece in line[1:]] == [piece.id for piece in line[:-1]]


def generations_in(alice: Tenant) -> int:
    with alice.reading() as session:
        return session.scalar(select(func.count(Generation.id))) or 0
