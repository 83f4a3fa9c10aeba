"""Generations, pieces and variants."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, insert, select, update

from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tenancy import Session


def _newest_variants() -> Select[Variant]:
    newest = (
        select(Variant.piece_id, Variant.label, func.max(Variant.version).label("version"))
        .where(Variant.piece_id.in_(bindparam("piece_ids", expanding=True)))
        .group_by(Variant.piece_id, Variant.label)
        .subquery()
    )
    is_newest = and_(
        Variant.piece_id == newest.c.piece_id,
        Variant.label == newest.c.label,
        Variant.version == newest.c.version,
    )
    return select(Variant).join(newest, is_newest).order_by(Variant.piece_id, Variant.label)


# Built once, because every read of content needs it and building it takes longer than running it.
_NEWEST_VARIANTS = _newest_variants()


def add_pieces(session: Session, pieces: list[dict[str, Any]], variants: list[dict[str, Any]]) -> None:
    """Inserts new pieces with their variants, one statement for each table; all rows of one name the same columns."""
    for table, rows in ((Piece, pieces), (Variant, variants)):
        if rows:
            session.execute(insert(table).execution_options(dml_strategy="raw", render_nulls=True), rows)


def locked_piece(session: Session, id: str) -> tuple[Piece, Generation] | None:
    """A piece and its generation, kept from everybody else until the transaction ends."""
    generation_id = session.scalar(select(Piece.generation_id).where(Piece.id == id))
    if generation_id is None:
        return None
    generation = session.scalars(select(Generation).where(Generation.id == generation_id).with_for_update()).one()
    piece = session.scalars(select(Piece).where(Piece.id == id).with_for_update()).one()
    return piece, generation


def piece_of_variant(session: Session, variant_id: str) -> str | None:
    return session.scalar(select(Variant.piece_id).where(Variant.id == variant_id))


def pieces_of(session: Session, generation_ids: Collection[str]) -> list[Piece]:
    """All pieces of these generations in reading order, superseded ones too."""
    wanted = select(Piece).where(Piece.generation_id.in_(generation_ids))
    return list(session.scalars(wanted.order_by(Piece.generation_id, Piece.medium, Piece.sequence)))


def newest_variants(session: Session, piece_ids: Collection[str]) -> dict[str, list[Variant]]:
    """The newest version of each label, by piece, in the order of labels."""
    found: dict[str, list[Variant]] = {id: [] for id in piece_ids}
    for row in session.scalars(_NEWEST_VARIANTS, {"piece_ids": list(found)}):
        found[row.piece_id].append(row)
    return found


def set_variants(session: Session, piece_id: str, was: Collection[str], becomes: str) -> None:
    session.execute(update(Variant).where(Variant.piece_id == piece_id, Variant.status.in_(was)).values(status=becomes))
