"""Generations, pieces, their variants and their versions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, case, func, insert, select, update

from regrow.store.tables.content import Generation, Piece, PieceVersion, Variant
from regrow.store.tenancy import Session

_MOST_VERSIONS = 1_000_000_000


class Replaced(NamedTuple):
    """Ids of the variants that went live, and of the live ones whose place they took."""

    made: tuple[str, ...]
    replaced: tuple[str, ...]


def _newest_variants() -> Select[Variant]:
    # What was replaced or rejected is the newest of its label only where nothing else of it is left.
    rank = Variant.version + case((Variant.status == "superseded", 0), else_=_MOST_VERSIONS)
    newest = (
        select(Variant.piece_id, Variant.label, func.max(rank).label("rank"))
        .where(Variant.piece_id.in_(bindparam("piece_ids", expanding=True)))
        .group_by(Variant.piece_id, Variant.label)
        .subquery()
    )
    is_newest = and_(
        Variant.piece_id == newest.c.piece_id,
        Variant.label == newest.c.label,
        Variant.version == newest.c.rank % _MOST_VERSIONS,
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
    """The newest version of each label, by piece, in the order of labels; a superseded one only where no other is."""
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
    """All variants of a piece of these statuses, but for winners."""
    wanted = update(Variant).where(Variant.piece_id == piece_id, Variant.status.in_(was), Variant.status != "winner")
    session.execute(wanted.values(status=becomes))


def make_live(session: Session, piece_id: str, label: str | None, but: Collection[str] = ()) -> Replaced:
    """The newest draft of this label, or with None of every label, goes live; those that are left out stay as they are.

    What was live or a draft of the label before it stands no more. A winner is never touched.
    """
    columns = (Variant.id, Variant.label, Variant.version, Variant.status)
    rows = session.execute(select(*columns).where(Variant.piece_id == piece_id).order_by(Variant.version)).all()
    newest = {row.label: row for row in rows if row.status == "draft" and row.id not in but}
    chosen = {name: row for name, row in newest.items() if label in (None, name)}
    before = [row for row in rows if row.label in chosen and row.version < chosen[row.label].version]
    replaced = [row.id for row in before if row.status == "live"]
    drafts = [row.id for row in before if row.status == "draft" and row.id not in but]
    made = [row.id for row in chosen.values()]
    set_status(session, [*replaced, *drafts], "superseded")
    set_status(session, made, "live")
    return Replaced(tuple(made), tuple(replaced))


def set_status(session: Session, variant_ids: Collection[str], becomes: str) -> None:
    """These variants, but for winners: nobody changes them any more."""
    if variant_ids:
        wanted = update(Variant).where(Variant.id.in_(variant_ids), Variant.status != "winner")
        session.execute(wanted.values(status=becomes))


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
    """Takes pieces out of what stands now; their texts stay, and a winner stays one."""
    session.execute(update(Piece).where(Piece.id.in_(piece_ids)).values(status="superseded", updated_at=at))
    texts = update(Variant).where(Variant.piece_id.in_(piece_ids), Variant.status != "winner")
    session.execute(texts.values(status="superseded"))


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
