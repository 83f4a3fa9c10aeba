"""What the built-in site reads: its articles in the order they came out, and what became of an address."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import Experiment, ExperimentArm
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


@dataclass(frozen=True, slots=True)
class Live:
    """One published variant; `is_tested` says that the experiment on the site sends readers to it."""

    piece_id: str
    spot: Spot
    variant_id: str
    label: str
    content: Mapping[str, Any]
    status: str = "live"
    is_tested: bool = False


def _firsts() -> Select[str, str, datetime | None]:
    """The first published post of each address: one for each article, however many variants it has."""
    earlier = aliased(Post)
    is_earlier = exists().where(
        earlier.workspace_id == Post.workspace_id,
        earlier.channel_id.in_(_CHANNELS),
        earlier.slug == Post.slug,
        earlier.status == "published",
        earlier.id < Post.id,
    )
    return select(Post.slug, Post.id, Post.published_at).where(
        Post.channel_id.in_(_CHANNELS), Post.status == "published", Post.published_at.is_not(None), ~is_earlier
    )


def _beside(is_newer: bool) -> Select[str, str, datetime | None]:
    at, id = Post.published_at, Post.id
    here: BindParameter[datetime] = bindparam("at", type_=at.type)
    this: BindParameter[str] = bindparam("id")
    if is_newer:
        apart: ColumnElement[bool] = or_(at > here, and_(at == here, id > this))
        # The bound by itself as well, because only that one is looked up in the index.
        return _firsts().where(at >= here, apart).order_by(at, id).limit(1)
    apart = or_(at < here, and_(at == here, id < this))
    return _firsts().where(at <= here, apart).order_by(at.desc(), id.desc()).limit(1)


def _is_tested() -> ColumnElement[bool]:
    """Whether a variant is an arm that the running experiment on the site sends readers to."""
    return exists().where(
        ExperimentArm.workspace_id == Variant.workspace_id,
        ExperimentArm.variant_id == Variant.id,
        ExperimentArm.outcome == "",
        Experiment.id == ExperimentArm.experiment_id,
        Experiment.workspace_id == Variant.workspace_id,
        Experiment.status == "running",
        Experiment.source == KIND,
    )


# Built once, because every page needs them and building them takes longer than running them.
_CHANNELS: BindParameter[str] = bindparam("channels", expanding=True)
_SERVED = select(Site).where(Site.is_served, Site.archived_at.is_(None))
_STAMP = select(
    Site.id,
    Site.updated_at,
    select(func.max(Channel.updated_at)).where(Channel.workspace_id == Site.workspace_id).scalar_subquery(),
    select(func.max(Post.updated_at)).where(Post.workspace_id == Site.workspace_id).scalar_subquery(),
).where(Site.is_served, Site.archived_at.is_(None))
_CHANNEL_IDS = select(Channel.id, Channel.archived_at).where(
    Channel.site_id == bindparam("site"), Channel.kind == bindparam("kind")
)
_NEWEST = (
    _firsts().order_by(Post.published_at.desc(), Post.id.desc()).limit(bindparam("most")).offset(bindparam("skipped"))
)
_NEWER, _OLDER = _beside(True), _beside(False)
_LIVE = (
    select(
        *(Post.piece_id, Post.slug, Post.id, Post.published_at),
        *(Variant.id, Variant.label, Variant.content, Variant.status, _is_tested()),
    )
    .join(Variant, Variant.id == Post.variant_id)
    .where(
        Post.channel_id.in_(_CHANNELS),
        Post.slug.in_(bindparam("slugs", expanding=True)),
        Post.status == "published",
        Post.published_at.is_not(None),
    )
    .order_by(Post.slug, Variant.label, Variant.version.desc(), Post.id)
)
_STATES = select(Post.status).where(Post.channel_id.in_(_CHANNELS), Post.slug == bindparam("slug")).distinct()
_NOTES = select(Note.id, Note.title, Note.is_private).where(Note.id.in_(bindparam("ids", expanding=True)))


def stamp(session: Session) -> tuple[str, ...]:
    """Something else whenever the site, its channels or any post was written since."""
    found = session.execute(_STAMP).first()
    return tuple(map(str, found)) if found is not None else ()


def served(session: Session) -> Site | None:
    """The site that stands at the workspace's address."""
    return session.scalars(_SERVED).first()


def channel_ids(session: Session, site_id: str, has_archived: bool = False) -> list[str]:
    """The channels that publish on a site."""
    found = session.execute(_CHANNEL_IDS, {"site": site_id, "kind": KIND})
    return [id for id, archived_at in found if has_archived or archived_at is None]


def newest(session: Session, channels: Collection[str], most: int, skipped: int = 0) -> list[Spot]:
    """Articles, the newest first."""
    return _spots(session, _NEWEST, {"channels": list(channels), "most": most, "skipped": skipped})


def neighbour(session: Session, channels: Collection[str], spot: Spot, is_newer: bool) -> Spot | None:
    """The article that came out next after this one, or last before it."""
    values = {"channels": list(channels), "at": spot.published_at, "id": spot.post_id}
    found = _spots(session, _NEWER if is_newer else _OLDER, values)
    return found[0] if found else None


def live(session: Session, channels: Collection[str], slugs: Collection[str]) -> list[Live]:
    """All that was published at these addresses, in the order of labels, the newest version of each first."""
    found = session.execute(_LIVE, {"channels": list(channels), "slugs": list(slugs)})
    return [
        Live(piece_id, Spot(slug, post_id, at), variant_id, label, content, status, bool(is_tested))
        for piece_id, slug, post_id, at, variant_id, label, content, status, is_tested in found
        if at is not None
    ]


def states(session: Session, channels: Collection[str], slug: str) -> set[str]:
    """The states of all posts that there ever were at an address."""
    return set(session.scalars(_STATES, {"channels": list(channels), "slug": slug}))


def notes(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """The titles of these notes, as far as they are here, and whether they are private."""
    return {id: (title, is_private) for id, title, is_private in session.execute(_NOTES, {"ids": ids})} if ids else {}


def _spots(session: Session, wanted: Select[str, str, datetime | None], values: dict[str, Any]) -> list[Spot]:
    return [Spot(slug, id, at) for slug, id, at in session.execute(wanted, values) if at is not None]
