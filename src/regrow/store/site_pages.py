"""What the built-in site reads: its articles in the order they came out, and what became of an address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Variant
from regrow.store.tables.notes import Note
from regrow.store.tables.posts import Post
from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session

KIND = "site"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an article stands in the order: by when its first variant came out."""

    slug: str
    post_id: str
    published_at: datetime


def served(session: Session) -> Site | None:
    """The site that stands at the workspace's address."""
    return session.scalars(select(Site).where(Site.is_served, Site.archived_at.is_(None))).first()


def channel_ids(session: Session, site_id: str, has_archived: bool = False) -> list[str]:
    """The channels that publish on a site."""
    wanted = select(Channel.id).where(Channel.site_id == site_id, Channel.kind == KIND)
    return list(session.scalars(wanted if has_archived else wanted.where(Channel.archived_at.is_(None))))


def newest(session: Session, channels: Collection[str], most: int, skipped: int = 0) -> list[Spot]:
    """Articles, the newest first."""
    wanted = _firsts(channels).order_by(Post.published_at.desc(), Post.id.desc()).limit(most).offset(skipped)
    return _spots(session, wanted)


def neighbour(session: Session, channels: Collection[str], spot: Spot, is_newer: bool) -> Spot | None:
    """The article that came out next after this one, or last before it."""
    at, id = Post.published_at, Post.id
    if is_newer:
        apart = or_(at > spot.published_at, and_(at == spot.published_at, id > spot.post_id))
        order: tuple[Any, ...] = (at, id)
    else:
        apart = or_(at < spot.published_at, and_(at == spot.published_at, id < spot.post_id))
        order = (at.desc(), id.desc())
    found = _spots(session, _firsts(channels).where(apart).order_by(*order).limit(1))
    return found[0] if found else None


def live(session: Session, channels: Collection[str], slugs: Collection[str]) -> list[tuple[Post, Variant]]:
    """The published variants at these addresses, in the order of their labels."""
    wanted = (
        select(Post, Variant)
        .join(Variant, Variant.id == Post.variant_id)
        .where(Post.channel_id.in_(channels), Post.slug.in_(slugs), Post.status == "published")
        .order_by(Post.slug, Variant.label, Post.id)
    )
    return [(post, variant) for post, variant in session.execute(wanted)]


def states(session: Session, channels: Collection[str], slug: str) -> set[str]:
    """The states of all posts that there ever were at an address."""
    wanted = select(Post.status).where(Post.channel_id.in_(channels), Post.slug == slug).distinct()
    return set(session.scalars(wanted))


def notes(session: Session, ids: Sequence[str]) -> list[Note]:
    """These notes, as far as they are here."""
    return list(session.scalars(select(Note).where(Note.id.in_(ids)))) if ids else []


def _firsts(channels: Collection[str]) -> Select[str, str, datetime | None]:
    """The first published post of each address: one for each article, however many variants it has."""
    earlier = aliased(Post)
    is_earlier = exists().where(
        earlier.workspace_id == Post.workspace_id,
        earlier.channel_id.in_(channels),
        earlier.slug == Post.slug,
        earlier.status == "published",
        earlier.id < Post.id,
    )
    return select(Post.slug, Post.id, Post.published_at).where(
        Post.channel_id.in_(channels), Post.status == "published", Post.published_at.is_not(None), ~is_earlier
    )


def _spots(session: Session, wanted: Select[str, str, datetime | None]) -> list[Spot]:
    return [Spot(slug, id, at) for slug, id, at in session.execute(wanted) if at is not None]
