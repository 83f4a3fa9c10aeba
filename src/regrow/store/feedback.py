"""Ratings: the newest of each person, and the pieces that are rated high or low."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select

from regrow.domain import feedback
from regrow.kit import pages
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.feedback import RatingRow
from regrow.store.tables.personas import Persona
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Rated:
    """A rated piece; `last_id` is the newest rating that still counts for it."""

    piece_id: str
    last_id: str


def newest_by(session: Session, piece_id: str, person_id: str) -> RatingRow | None:
    """What a person said last of a piece."""
    wanted = select(RatingRow).where(RatingRow.piece_id == piece_id, RatingRow.actor_id == person_id)
    return session.scalars(wanted.order_by(RatingRow.id.desc()).limit(1)).first()


def counting(session: Session, piece_ids: Collection[str]) -> dict[str, list[RatingRow]]:
    """The newest rating of each person, by piece, oldest first."""
    found: dict[str, list[RatingRow]] = {id: [] for id in piece_ids}
    newest = _newest().where(RatingRow.piece_id.in_(list(found)))
    # Put in order here: told to, SQLite would read the whole workspace in that order instead of looking these up.
    for row in sorted(session.scalars(select(RatingRow).where(RatingRow.id.in_(newest))), key=lambda row: row.id):
        found[row.piece_id].append(row)
    return found


def page(session: Session, limit: int, after: str | None, piece_id: str | None) -> pages.Page[RatingRow]:
    """All that was ever said, newest first."""
    wanted = select(RatingRow).order_by(RatingRow.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(RatingRow.id < after)
    if piece_id:
        wanted = wanted.where(RatingRow.piece_id == piece_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def rated(
    session: Session, ratings: Collection[feedback.Rating], limit: int, after: str | None = None
) -> pages.Page[Rated]:
    """Pieces whose summarising rating is one of these, the newest rated first.

    Numbers each piece's ratings from worst to best and takes the lower middle one, as `feedback.summary` does.
    """
    newest = _newest().subquery()
    grade = case({rating.value: n for n, rating in enumerate(feedback.WORST_FIRST)}, value=RatingRow.rating)
    of_piece: Any = {"partition_by": RatingRow.piece_id}
    counted = (
        select(
            RatingRow.piece_id,
            RatingRow.rating,
            func.max(RatingRow.id).over(**of_piece).label("last_id"),
            func.count().over(**of_piece).label("people"),
            func.row_number().over(**of_piece, order_by=(grade, RatingRow.id)).label("place"),
        )
        .join(newest, RatingRow.id == newest.c.id)
        .subquery()
    )
    middle = (counted.c.people + 1) // 2
    wanted = select(Piece.id, counted.c.last_id).join(counted, Piece.id == counted.c.piece_id)
    wanted = wanted.where(counted.c.place == middle, counted.c.rating.in_([rating.value for rating in ratings]))
    if after:
        wanted = wanted.where(counted.c.last_id < after)
    rows = session.execute(wanted.order_by(counted.c.last_id.desc()).limit(limit + 1))
    return pages.cut([Rated(id, last_id) for id, last_id in rows], limit, lambda each: each.last_id)


def pieces(session: Session, ids: Collection[str]) -> dict[str, Piece]:
    return {row.id: row for row in session.scalars(select(Piece).where(Piece.id.in_(ids)))}


def personas(session: Session, generation_ids: Collection[str]) -> dict[str, str]:
    """The name of the persona that wrote each generation."""
    wanted = select(Generation.id, Persona.name).join(Persona, Persona.id == Generation.persona_id)
    return {id: name for id, name in session.execute(wanted.where(Generation.id.in_(generation_ids)))}


def _newest() -> Any:
    """The id of the newest rating of each person for each piece."""
    return select(func.max(RatingRow.id).label("id")).group_by(RatingRow.piece_id, RatingRow.actor_id)
