"""Triggers: those that stand, page by page, kept from others while they fire; and the totals they are held against."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from regrow.kit import pages
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.posts import Post, PostTotals
from regrow.store.tables.triggers import Trigger, TriggerEvent
from regrow.store.tenancy import Session

STANDS = ("set", "firing")
LIVE = ("live", "winner")


class Out(NamedTuple):
    """A published post of a variant that readers may see."""

    post_id: str
    piece_id: str
    variant_id: str
    platform: str
    published_at: datetime


def of_pieces(session: Session, piece_ids: Collection[str]) -> dict[str, Trigger]:
    """The triggers that stand, by piece."""
    wanted = select(Trigger).where(Trigger.piece_id.in_(piece_ids), Trigger.status.in_(STANDS))
    return {row.piece_id: row for row in session.scalars(wanted)}


def page(session: Session, limit: int, after: str | None = None, campaign_id: str | None = None) -> pages.Page[Trigger]:
    """Those that stand, oldest first."""
    wanted = select(Trigger).where(Trigger.status.in_(STANDS)).order_by(Trigger.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Trigger.id > after)
    if campaign_id is not None:
        wanted = wanted.join(Piece, Piece.id == Trigger.piece_id).where(Piece.campaign_id == campaign_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def locked(session: Session, id: str, is_waiting: bool = True) -> Trigger | None:
    """A trigger, kept from everybody else until the transaction ends."""
    wanted = select(Trigger).where(Trigger.id == id).with_for_update(nowait=not is_waiting)
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def claim(session: Session, piece_id: str) -> tuple[Piece, Generation, Trigger] | None:
    """A piece with its generation and the trigger that stands, each locked at once or not at all: who holds one of
    them is not waited for. None when there is no such trigger any more.
    """
    generation_id = session.scalar(select(Piece.generation_id).where(Piece.id == piece_id))
    anew = {"populate_existing": True}
    generations = select(Generation).where(Generation.id == generation_id).with_for_update(nowait=True)
    pieces = select(Piece).where(Piece.id == piece_id).with_for_update(nowait=True)
    triggers = select(Trigger).where(Trigger.piece_id == piece_id, Trigger.status.in_(STANDS))
    generation = session.scalars(generations.execution_options(**anew)).first()
    piece = session.scalars(pieces.execution_options(**anew)).first()
    trigger = session.scalars(triggers.with_for_update(nowait=True).execution_options(**anew)).first()
    if generation is None or piece is None or trigger is None:
        return None
    return piece, generation, trigger


def events(
    session: Session, limit: int, after: str | None = None, piece_id: str | None = None
) -> pages.Page[TriggerEvent]:
    """What became of triggers, oldest first."""
    wanted = select(TriggerEvent).order_by(TriggerEvent.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(TriggerEvent.id > after)
    if piece_id is not None:
        wanted = wanted.where(TriggerEvent.piece_id == piece_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def live_variants(session: Session, piece_ids: Collection[str]) -> dict[str, list[Variant]]:
    """The newest version that readers may see of each label, by piece, in the order of labels."""
    wanted = select(Variant).where(Variant.piece_id.in_(piece_ids), Variant.status.in_(LIVE))
    found: dict[str, dict[str, Variant]] = {id: {} for id in piece_ids}
    for row in session.scalars(wanted.order_by(Variant.label, Variant.version)):
        found[row.piece_id][row.label] = row
    return {id: list(labels.values()) for id, labels in found.items()}


def published(session: Session, variant_ids: Collection[str]) -> list[Out]:
    """Where these variants stand published, oldest first."""
    columns = (Post.id, Post.piece_id, Post.variant_id, Post.platform, Post.published_at)
    wanted = select(*columns).where(Post.variant_id.in_(variant_ids), Post.status == "published")
    rows = session.execute(wanted.where(Post.published_at.is_not(None)).order_by(Post.id))
    return [Out(id, piece_id, variant_id, platform, at) for id, piece_id, variant_id, platform, at in rows if at]


def others(session: Session, piece_id: str, medium: str, platforms: Collection[str], most: int) -> list[Out]:
    """The newest published posts of other pieces of a medium on these platforms."""
    columns = (Post.id, Post.piece_id, Post.variant_id, Post.platform, Post.published_at)
    wanted = select(*columns).join(Piece, Piece.id == Post.piece_id)
    wanted = wanted.where(Piece.medium == medium, Post.piece_id != piece_id, Post.platform.in_(platforms))
    wanted = wanted.where(Post.status == "published", Post.published_at.is_not(None))
    rows = session.execute(wanted.order_by(Post.id.desc()).limit(most))
    return [Out(id, other, variant_id, platform, at) for id, other, variant_id, platform, at in rows if at]


def newest_totals(session: Session, post_ids: Collection[str]) -> dict[str, list[PostTotals]]:
    """What each source said last of each post, by post, in the order in which it was true."""
    newest = (
        select(PostTotals.post_id, PostTotals.source, func.max(PostTotals.at).label("at"))
        .where(PostTotals.post_id.in_(post_ids))
        .group_by(PostTotals.post_id, PostTotals.source)
        .subquery()
    )
    is_newest = and_(
        PostTotals.post_id == newest.c.post_id, PostTotals.source == newest.c.source, PostTotals.at == newest.c.at
    )
    wanted = select(PostTotals).join(newest, is_newest).order_by(PostTotals.at, PostTotals.id)
    found: dict[str, list[PostTotals]] = {id: [] for id in post_ids}
    for row in session.scalars(wanted):
        found[row.post_id].append(row)
    return found
