"""Drafts that wait beside what is out, what they are to replace, and where that stands."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from regrow.domain import replacing as rules
from regrow.kit import pages
from regrow.store import content, posts
from regrow.store.tables.content import Piece, PieceVersion, Variant
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session


class Waiting(NamedTuple):
    """A draft and the version that it came with."""

    variant: Variant
    version: PieceVersion


class Line(NamedTuple):
    """A variant without its text."""

    piece_id: str
    id: str
    label: str
    version: int
    status: str
    parent_id: str | None


def version_of(session: Session, variant: Variant) -> PieceVersion | None:
    """The version that a variant came with."""
    wanted = select(PieceVersion).where(PieceVersion.piece_id == variant.piece_id)
    return session.scalars(wanted.where(PieceVersion.version == variant.version)).first()


def waiting(session: Session, piece_ids: Collection[str]) -> dict[str, list[Waiting]]:
    """By piece: the drafts that wait beside its texts that are out, the oldest first."""
    found: dict[str, list[Waiting]] = {id: [] for id in piece_ids}
    if not found:
        return found
    is_its_version = (PieceVersion.piece_id == Variant.piece_id) & (PieceVersion.version == Variant.version)
    wanted = (
        select(Variant, PieceVersion)
        .join(PieceVersion, is_its_version)
        .join(Piece, Piece.id == Variant.piece_id)
        .where(Variant.piece_id.in_(piece_ids), Variant.status == "draft")
        .where(Piece.status.in_(rules.OUT), PieceVersion.how.in_(rules.BESIDE))
        .order_by(Variant.version, Variant.label)
    )
    for variant, version in session.execute(wanted):
        found[variant.piece_id].append(Waiting(variant, version))
    return found


def waiting_ids(session: Session, piece: Piece) -> set[str]:
    """The drafts of one piece that wait beside what is out; all its newer ones when the piece was set back to draft."""
    if piece.status != "draft":
        return {each.variant.id for each in waiting(session, [piece.id])[piece.id]}
    live = posts.live_variants(session, piece.id)
    newest = max((row.version for row in live), default=None)
    rows = content.variants_of(session, [piece.id]) if newest is not None else []
    return {row.id for row in rows if row.status == "draft" and row.version > (newest or 0)}


def before(session: Session, variant: Variant) -> list[Variant]:
    """What stood in the place of a text before it, oldest first: its parent, and earlier versions of its label."""
    wanted = select(Variant).where(Variant.piece_id == variant.piece_id, Variant.id != variant.id)
    rows = session.scalars(wanted.order_by(Variant.version, Variant.label))
    return [
        row
        for row in rows
        if row.id == variant.parent_variant_id or (row.label == variant.label and row.version < variant.version)
    ]


def stood(session: Session, variant_ids: Collection[str]) -> list[tuple[str, str]]:
    """The posts of these variants that stand or stood on a channel, as channel and post, in the order of locking."""
    wanted = select(Post.channel_id, Post.id).where(Post.variant_id.in_(variant_ids), Post.channel_id.is_not(None))
    wanted = wanted.where(Post.status.in_(("published", "removed"))).order_by(Post.channel_id, Post.id)
    return [(channel_id or "", post_id) for channel_id, post_id in session.execute(wanted)]


def lines(session: Session, piece_ids: Collection[str]) -> dict[str, list[Line]]:
    """The variants of each of these pieces, oldest first."""
    row = Variant
    wanted = select(row.piece_id, row.id, row.label, row.version, row.status, row.parent_variant_id)
    wanted = wanted.where(row.piece_id.in_(piece_ids)).order_by(row.piece_id, row.version, row.label)
    found: dict[str, list[Line]] = {id: [] for id in piece_ids}
    for told in session.execute(wanted):
        line = Line(*told)
        found[line.piece_id].append(line)
    return found


def queue(session: Session, limit: int, after: str | None = None, **equal: Any) -> pages.Page[Piece]:
    """The pieces on which a person has to decide, the oldest first: drafts, and those beside whose texts one waits."""
    found: dict[str, Piece] = {}
    for wanted in _queues(**equal):
        wanted = wanted.where(Piece.id > after) if after is not None else wanted
        found |= {row.id: row for row in session.scalars(wanted.order_by(Piece.id).limit(limit + 1))}
    return pages.cut([found[id] for id in sorted(found)][: limit + 1], limit, lambda row: row.id)


def queue_ids(session: Session, **equal: Any) -> list[str]:
    """As `queue`, the ids of all of them."""
    found = [id for wanted in _queues(**equal) for id in session.scalars(wanted.with_only_columns(Piece.id))]
    return sorted(found)


def count_queue(session: Session, **equal: Any) -> int:
    """How many pieces wait."""
    counted = [wanted.with_only_columns(func.count(Piece.id)).order_by(None) for wanted in _queues(**equal)]
    return sum(session.scalar(each) or 0 for each in counted)


def _queues(**equal: Any) -> tuple[Select[Piece], Select[Piece]]:
    """Drafts, and pieces beside whose texts one waits: two questions, each with an index of its own."""
    is_its_version = (PieceVersion.piece_id == Variant.piece_id) & (PieceVersion.version == Variant.version)
    beside = select(Variant.piece_id).join(PieceVersion, is_its_version)
    beside = beside.where(PieceVersion.how.in_(rules.BESIDE), Variant.status == "draft")
    narrowed = select(Piece).filter_by(**equal)
    return (
        narrowed.where(Piece.status == "draft"),
        narrowed.where(Piece.status.in_(rules.OUT), Piece.id.in_(beside)),
    )
