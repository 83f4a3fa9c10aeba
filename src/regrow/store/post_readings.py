"""Posts as they are compared: where and when they came out, and what was told of them near an age."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, extract, or_, select

from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Piece
from regrow.store.tables.posts import Post, PostTotals
from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session

SECOND = 1.0
"""SQLite counts whole ones."""
Columns = Select[str, str, str | None, str, str, datetime | None, str, str]


class Out(NamedTuple):
    """A post that came out; `zone_name` is its channel's or that one's site's, empty when it has neither."""

    id: str
    variant_id: str
    channel_id: str | None
    platform: str
    medium: str
    published_at: datetime
    zone_name: str


class Told(NamedTuple):
    post_id: str
    at: datetime
    counts: dict[str, Any]


def of_variants(session: Session, piece_id: str, variant_ids: Collection[str], most: int) -> list[Out]:
    """The first posts of these variants of a piece that came out, oldest first."""
    wanted = _out().where(Post.piece_id == piece_id, Post.variant_id.in_(variant_ids))
    return _found(session, wanted.order_by(Post.published_at, Post.id).limit(most))


def before(session: Session, like: Sequence[Out], at: datetime, most: int) -> list[Out]:
    """The newest posts before a time on the channels of these posts, or, without a channel, on their platforms."""
    channels = {post.channel_id for post in like if post.channel_id is not None}
    platforms = {post.platform for post in like if post.channel_id is None}
    is_there = or_(Post.channel_id.in_(channels), and_(Post.channel_id.is_(None), Post.platform.in_(platforms)))
    wanted = _out().where(is_there, Post.published_at < at)
    return _found(session, wanted.order_by(Post.published_at.desc(), Post.id.desc()).limit(most))


def near(session: Session, post_ids: Collection[str], spans: Collection[tuple[float, float]]) -> list[Told]:
    """What was told of these posts while their age, in hours, was in one of these spans, in the order of telling."""
    age = extract("epoch", PostTotals.at) - extract("epoch", Post.published_at)
    is_near = or_(*(age.between(low * 3_600 - SECOND, high * 3_600 + SECOND) for low, high in spans))
    wanted = select(PostTotals.post_id, PostTotals.at, PostTotals.counts).join(Post, Post.id == PostTotals.post_id)
    wanted = wanted.where(PostTotals.post_id.in_(post_ids), PostTotals.at >= Post.published_at, is_near)
    return [Told(*row) for row in session.execute(wanted.order_by(PostTotals.id))]


def _out() -> Columns:
    names = (Post.id, Post.variant_id, Post.channel_id, Post.platform, Piece.medium, Post.published_at)
    wanted = select(*names, Channel.time_zone, Site.time_zone).join(Piece, Piece.id == Post.piece_id)
    wanted = wanted.outerjoin(Channel, Channel.id == Post.channel_id).outerjoin(Site, Site.id == Channel.site_id)
    return wanted.where(Post.published_at.is_not(None))


def _found(session: Session, wanted: Columns) -> list[Out]:
    return [
        Out(id, variant_id, channel_id, platform, medium, at, channel_zone or site_zone or "")
        for id, variant_id, channel_id, platform, medium, at, channel_zone, site_zone in session.execute(wanted)
        if at is not None
    ]
