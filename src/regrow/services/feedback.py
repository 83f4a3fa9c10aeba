"""Feedback: people rate pieces and may change their mind; what highly and poorly rated ones had in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from regrow.domain import feedback
from regrow.domain.feedback import Summary
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids, pages
from regrow.services import editing
from regrow.store import audit, contexts
from regrow.store import content as content_store
from regrow.store import feedback as feedback_store
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.feedback import RatingRow
from regrow.store.tenancy import Session

Kind = Literal["high", "low"]
RATINGS = {"high": feedback.HIGH, "low": feedback.LOW}
COMPARED = 200
"""Newest rated pieces of each side that are compared."""


@dataclass(frozen=True, slots=True)
class Given:
    """A rating as it counts now, everybody's summed up, and the piece's context when it has one."""

    row: RatingRow
    summary: Summary
    context: Context | None


@dataclass(frozen=True, slots=True)
class OfPiece:
    """The newest rating of each person, oldest first."""

    piece: Piece
    ratings: tuple[RatingRow, ...]

    @property
    def summary(self) -> Summary:
        return feedback.summary((row.actor_id, feedback.Rating(row.rating)) for row in self.ratings)

    @property
    def comments(self) -> tuple[RatingRow, ...]:
        """Those who said something with it, the newest first."""
        return tuple(row for row in reversed(self.ratings) if row.comment)


def give(session: Session, actor: Actor, piece_id: str, rating: str, comment: str = "") -> Given:
    """What a person thinks of the piece as it is now; it replaces what they thought before.

    Saying the same of the same version again adds nothing. The summary over all people goes into the piece's context;
    of pieces that were written together, and so share one, the piece rated last speaks there.
    """
    actor.must(Role.EDITOR)
    said, why = feedback.checked(rating, comment)
    locked = content_store.locked_piece(session, piece_id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {piece_id[:60]!r} here")
    piece = locked[0]
    row = feedback_store.newest_by(session, piece.id, actor.person_id)
    if row is None or (row.rating, row.comment, row.piece_version) != (said, why, piece.version):
        row = _add(session, actor, piece, said, why)
    counting = of_piece(session, piece.id)
    return Given(row, counting.summary, _judge(session, counting))


def of_piece(session: Session, piece_id: str) -> OfPiece:
    """What everybody thinks of a piece; NotFound when there is none."""
    piece = editing.found(session, Piece, piece_id, "piece")
    return OfPiece(piece, tuple(feedback_store.counting(session, [piece.id])[piece.id]))


def rated(session: Session, kind: Kind, limit: int = 50, cursor: str | None = None) -> pages.Page[OfPiece]:
    """Pieces that people rate high (excellent or good) or low (poor or unacceptable), the newest rated first."""
    found = feedback_store.rated(session, RATINGS[kind], limit, pages.decode(cursor))
    piece_ids = [each.piece_id for each in found.items]
    pieces = feedback_store.pieces(session, piece_ids)
    counting = feedback_store.counting(session, piece_ids)
    return pages.Page([OfPiece(pieces[id], tuple(counting[id])) for id in piece_ids], found.next_cursor)


def in_common(session: Session, kind: Kind) -> tuple[str, ...]:
    """What the newest pieces rated high share and those rated low mostly do not, or the other way round."""
    found = both(session)
    return found.high if kind == "high" else found.low


def both(session: Session) -> feedback.InCommon:
    """What sets the two sides apart, each way round."""
    high, low = (feedback_store.rated(session, RATINGS[side], COMPARED).items for side in ("high", "low"))
    if min(len(high), len(low)) < feedback.LEAST:
        return feedback.too_little(len(high), len(low))
    texts = _texts(session, [each.piece_id for each in (*high, *low)])
    return feedback.in_common(texts[: len(high)], texts[len(high) :])


def _add(session: Session, actor: Actor, piece: Piece, said: feedback.Rating, why: str) -> RatingRow:
    row = RatingRow(
        id=ids.new("rat"),
        piece_id=piece.id,
        piece_version=piece.version,
        actor_id=actor.person_id,
        rating=said,
        comment=why,
        at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.add(session, actor, "feedback.given", piece.id, rating=said, rating_id=row.id, piece_version=piece.version)
    return row


def _judge(session: Session, counting: OfPiece) -> Context | None:
    rating = counting.summary.rating
    if rating is None or counting.piece.context_id is None:
        return None
    verdict = feedback.verdict(rating)
    return contexts.judge(session, counting.piece.context_id, verdict.validation, verdict.confidence)


def _texts(session: Session, piece_ids: list[str]) -> list[feedback.Text]:
    """The first variant of each piece, with where it belongs; as many as there are ids, in their order."""
    pieces = feedback_store.pieces(session, piece_ids)
    variants = content_store.newest_variants(session, piece_ids)
    personas = feedback_store.personas(session, {piece.generation_id for piece in pieces.values()})
    return [_text(pieces[id], variants[id], personas.get(pieces[id].generation_id, "")) for id in piece_ids]


def _text(piece: Piece, variants: Iterable[Variant], persona: str) -> feedback.Text:
    content = next((variant.content for variant in variants), {})
    return feedback.Text(
        medium=piece.medium,
        body=str(content.get("body", "")),
        title=str(content.get("title", "")),
        platform=str(piece.meta.get("platform") or ""),
        persona=persona,
        angle=str(content.get("angle") or ""),
        hashtags=tuple(map(str, content.get("hashtags") or ())),
    )
