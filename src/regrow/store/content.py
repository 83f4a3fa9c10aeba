"""Generations, pieces, their variants and their versions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, insert, select, update

from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
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


def add_pieces(
    session: Session, pieces: list[dict[str, Any]], versions: list[dict[str, Any]], variants: list[dict[str, Any]]
) -> None:
    """Inserts new pieces with their first versions and variants, one statement for each table; all rows of one name
    the same columns.
    """
    for table, rows in ((Piece, pieces), (PieceVersion, versions), (Variant, variants)):
        if rows:
            session.execute(insert(table).execution_options(dml_strategy="raw", render_nulls=True), rows)


def count_pieces(session: Session, **equal: Any) -> int:
    return session.scalar(select(func.count(Piece.id)).filter_by(**equal)) or 0


def piece_ids(session: Session, **equal: Any) -> list[str]:
    """The ids of all pieces with these values, oldest first."""
    return list(session.scalars(select(Piece.id).filter_by(**equal).order_by(Piece.id)))


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


def most_labels(session: Session, piece_ids: Collection[str]) -> int:
    """How many labels the one of these pieces has that has most."""
    counted = select(func.count(Variant.label.distinct()).label("labels")).where(Variant.piece_id.in_(piece_ids))
    each = counted.group_by(Variant.piece_id).subquery()
    return session.scalar(select(func.max(each.c.labels))) or 0 if piece_ids else 0


def latest_variants(session: Session, piece_ids: Collection[str], most: int) -> list[Variant]:
    """The newest texts of these pieces, newest first."""
    wanted = select(Variant).where(Variant.piece_id.in_(piece_ids)).order_by(Variant.id.desc()).limit(most)
    return list(session.scalars(wanted))


def set_variants(session: Session, piece_id: str, was: Collection[str], becomes: str) -> None:
    session.execute(update(Variant).where(Variant.piece_id == piece_id, Variant.status.in_(was)).values(status=becomes))


def make_live(session: Session, piece_id: str, label: str | None) -> None:
    """The draft of this label, or with None every draft of the piece, goes live; earlier versions never do."""
    wanted = update(Variant).where(Variant.piece_id == piece_id, Variant.status == "draft")
    session.execute((wanted if label is None else wanted.where(Variant.label == label)).values(status="live"))


def lock_generation(session: Session, id: str) -> Generation | None:
    """A generation, kept from everybody else until the transaction ends; whoever locks pieces locks it first."""
    wanted = select(Generation).where(Generation.id == id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def current_of_lines(session: Session, line_ids: Collection[str]) -> dict[str, Piece]:
    """The piece that stands now, by line."""
    wanted = select(Piece).where(Piece.line_id.in_(line_ids), Piece.status != "superseded")
    return {row.line_id: row for row in session.scalars(wanted.execution_options(populate_existing=True))}


def of_lines(session: Session, line_ids: Collection[str]) -> list[Piece]:
    """All pieces of several lines, oldest first."""
    return list(session.scalars(select(Piece).where(Piece.line_id.in_(line_ids)).order_by(Piece.id)))


def pieces(session: Session, ids: Collection[str]) -> list[Piece]:
    """These pieces, as far as they are here."""
    return list(session.scalars(select(Piece).where(Piece.id.in_(ids))))


def variants(session: Session, ids: Collection[str]) -> dict[str, Variant]:
    """These variants, by their ids, as far as they are here."""
    return {row.id: row for row in session.scalars(select(Variant).where(Variant.id.in_(ids)))}


def generations_of_line(session: Session, line_id: str) -> list[Generation]:
    """All generations that came of one another, oldest first."""
    return list(session.scalars(select(Generation).where(Generation.line_id == line_id).order_by(Generation.id)))


def supersede(session: Session, piece_ids: Collection[str], at: datetime) -> None:
    """Takes pieces out of what stands now; their texts stay."""
    for table, column in ((Piece, Piece.id), (Variant, Variant.piece_id)):
        values: dict[str, Any] = {"status": "superseded", **({"updated_at": at} if table is Piece else {})}
        session.execute(update(table).where(column.in_(piece_ids)).values(**values))


def supersede_drafts(session: Session, piece_id: str, labels: Collection[str]) -> None:
    """What of these labels was a draft stands no more."""
    session.execute(
        update(Variant)
        .where(Variant.piece_id == piece_id, Variant.label.in_(labels), Variant.status == "draft")
        .values(status="superseded")
    )


def versions(session: Session, piece_ids: Collection[str]) -> list[PieceVersion]:
    """Every version of these pieces, oldest first."""
    wanted = select(PieceVersion).where(PieceVersion.piece_id.in_(piece_ids))
    return list(session.scalars(wanted.order_by(PieceVersion.at, PieceVersion.piece_id, PieceVersion.version)))


def version(session: Session, piece_id: str, number: int) -> PieceVersion | None:
    wanted = select(PieceVersion).where(PieceVersion.piece_id == piece_id, PieceVersion.version == number)
    return session.scalars(wanted).first()


def variants_of(session: Session, piece_ids: Collection[str]) -> list[Variant]:
    """Every version of every label of these pieces, oldest first."""
    wanted = select(Variant).where(Variant.piece_id.in_(piece_ids))
    return list(session.scalars(wanted.order_by(Variant.piece_id, Variant.version, Variant.label)))
