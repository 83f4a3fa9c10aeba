"""Posts: what is planned, what is due, what went out, and what platforms tell of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from regrow.kit import pages
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Variant
from regrow.store.tables.posts import Post, PostTotals
from regrow.store.tenancy import Session

LIVE = ("live", "winner")
"""Statuses of a variant that readers may see."""


def locked(session: Session, id: str) -> Post | None:
    """A post, kept from everybody else until the transaction ends."""
    wanted = select(Post).where(Post.id == id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def page(
    session: Session,
    limit: int,
    after: str | None = None,
    statuses: Collection[str] = (),
    channel_id: str | None = None,
    piece_id: str | None = None,
) -> pages.Page[Post]:
    """Oldest first."""
    wanted = select(Post).order_by(Post.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(Post.id > after)
    if statuses:
        wanted = wanted.where(Post.status.in_(statuses))
    if channel_id is not None:
        wanted = wanted.where(Post.channel_id == channel_id)
    if piece_id is not None:
        wanted = wanted.where(Post.piece_id == piece_id)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)


def due(session: Session, status: str, until: datetime, most: int) -> list[Post]:
    """Posts of this status that were due by then, the longest due first."""
    wanted = select(Post).where(Post.status == status, Post.due_at <= until)
    return list(session.scalars(wanted.order_by(Post.due_at, Post.id).limit(most)))


def due_in_use(session: Session, until: datetime, most: int) -> list[Post]:
    """Planned posts that are due and whose channel is not paused: those of a paused one must not hide others."""
    wanted = select(Post).join(Channel, Channel.id == Post.channel_id).where(Channel.paused_at.is_(None))
    wanted = wanted.where(Post.status == "planned", Post.due_at <= until)
    return list(session.scalars(wanted.order_by(Post.due_at, Post.id).limit(most)))


def between(session: Session, since: datetime, until: datetime, most: int) -> list[Post]:
    """What is or was due in this time, the earliest first."""
    wanted = select(Post).where(Post.due_at >= since, Post.due_at < until)
    return list(session.scalars(wanted.order_by(Post.due_at, Post.id).limit(most)))


def counts(session: Session) -> dict[str, int]:
    """How many posts there are of each status."""
    rows = session.execute(select(Post.status, func.count(Post.id)).group_by(Post.status)).all()
    return {status: count for status, count in rows}


def has_choice(session: Session) -> bool:
    """Whether a piece is on the built-in site in several variants, so that readers have to be assigned one."""
    wanted = select(Post.piece_id).where(Post.platform == "site", Post.status == "published").group_by(Post.piece_id)
    return session.scalars(wanted.having(func.count(func.distinct(Post.variant_id)) > 1).limit(1)).first() is not None


def of_pair(session: Session, channel_id: str, variant_ids: Collection[str]) -> list[Post]:
    """All posts of these variants on this channel, oldest first."""
    # By their piece, which has few posts while a channel has all of them.
    pieces = select(Variant.piece_id).where(Variant.id.in_(variant_ids))
    wanted = select(Post).where(Post.piece_id.in_(pieces), Post.variant_id.in_(variant_ids))
    return list(session.scalars(wanted.where(Post.channel_id == channel_id).order_by(Post.id)))


def of_piece(session: Session, piece_id: str) -> list[Post]:
    """All posts of a piece, oldest first."""
    return list(session.scalars(select(Post).where(Post.piece_id == piece_id).order_by(Post.id)))


def slugs(session: Session, channel_id: str, start: str, but_piece_id: str) -> set[str]:
    """The slugs on a channel that begin like this and belong to other pieces; those of removed posts too."""
    wanted = select(Post.slug).where(
        Post.channel_id == channel_id,
        Post.slug >= start,
        Post.slug < start + "\U0010ffff",
        Post.piece_id != but_piece_id,
    )
    return set(session.scalars(wanted.distinct()))


def slot_times(session: Session, channel_id: str, since: datetime) -> set[datetime]:
    """When something is planned on a channel from then on."""
    wanted = select(Post.due_at).where(
        Post.channel_id == channel_id, Post.status.in_(("planned", "sending")), Post.due_at >= since
    )
    return set(session.scalars(wanted.distinct()))


def live_variants(session: Session, piece_id: str) -> list[Variant]:
    """The newest version that readers may see of each label, in the order of labels."""
    wanted = select(Variant).where(Variant.piece_id == piece_id, Variant.status.in_(LIVE))
    newest = {row.label: row for row in session.scalars(wanted.order_by(Variant.version))}
    return [newest[label] for label in sorted(newest)]


def labels(session: Session, variant_ids: Collection[str]) -> dict[str, str]:
    """The label of each of these variants."""
    rows = session.execute(select(Variant.id, Variant.label).where(Variant.id.in_(variant_ids)))
    return {id: label for id, label in rows.all()}


def published_variants(session: Session, piece_id: str) -> set[str]:
    """The variants of a piece that stand published somewhere."""
    return set(session.scalars(select(Post.variant_id).where(Post.piece_id == piece_id, Post.status == "published")))


def shown_on_site(session: Session, variant_ids: Collection[str]) -> set[str]:
    """Those of these variants that stand on the built-in site."""
    wanted = select(Post.variant_id).join(Channel, Channel.id == Post.channel_id)
    wanted = wanted.where(Channel.kind == "site", Post.status == "published", Post.variant_id.in_(variant_ids))
    return set(session.scalars(wanted))


def newest_totals(session: Session, post_ids: Collection[str]) -> dict[str, PostTotals]:
    """What was told last of each post, by the time that it was true at."""
    wanted = select(PostTotals).where(PostTotals.post_id.in_(post_ids)).order_by(PostTotals.at, PostTotals.id)
    return {row.post_id: row for row in session.scalars(wanted)}


def totals_before(session: Session, post_id: str, source: str, at: datetime) -> PostTotals | None:
    """What the same source said last before that time."""
    wanted = select(PostTotals).where(PostTotals.post_id == post_id, PostTotals.source == source, PostTotals.at < at)
    return session.scalars(wanted.order_by(PostTotals.at.desc(), PostTotals.id.desc()).limit(1)).first()


def totals_at(session: Session, post_id: str, source: str, at: datetime) -> PostTotals | None:
    """What the same source said of that very time."""
    wanted = select(PostTotals).where(PostTotals.post_id == post_id, PostTotals.source == source, PostTotals.at == at)
    return session.scalars(wanted.order_by(PostTotals.id.desc()).limit(1)).first()


def timeline(session: Session, post_id: str, limit: int, after: str | None = None) -> pages.Page[PostTotals]:
    """All totals of a post in the order in which they were told."""
    wanted = select(PostTotals).where(PostTotals.post_id == post_id).order_by(PostTotals.id).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(PostTotals.id > after)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)
