"""Articles on a workspace's site for tests: rows as publishing leaves them, without the publishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from regrow.kit import clock, ids
from regrow.services import personas
from regrow.store import site_pages
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.posts import Post
from regrow.store.tables.sites import Site
from regrow.store.tables.topics import Topic
from regrow.store.tenancy import Session
from tests.homes import Tenant

FIRST_DAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass
class Press:
    """Publishes on the served site of one workspace, a day later each time."""

    tenant: Tenant
    slug: str
    day: int = 0
    generation_id: str = ""
    channel_id: str = ""
    at: datetime | None = None
    """When everything comes out, instead of a day later each time."""
    made: dict[str, str] = field(default_factory=dict)
    """The ids of pieces by the slugs of their articles."""

    def article(self, slug: str, title: str, body: str, **more: Any) -> str:
        """One article with one variant; gives back its piece's id."""
        return self.variants(slug, [{"title": title, "body": body}], **more)

    def variants(
        self,
        slug: str,
        contents: Sequence[Mapping[str, Any]],
        status: str = "published",
        variant_status: str = "live",
        medium: str = "blog",
    ) -> str:
        """One article with a variant for each of the contents, all with this status of their posts."""
        self.day += 1
        at = self.at or FIRST_DAY + timedelta(days=self.day)
        with self.tenant.writing() as session:
            piece = _piece(self.generation_id, medium, self.day)
            session.add(piece)
            session.flush()
            for label, content in zip("ABCD", contents, strict=False):
                variant = _variant(piece.id, label, dict(content), variant_status)
                session.add(variant)
                session.flush()
                session.add(_post(piece.id, variant.id, self.channel_id, slug, status, at))
        self.made[slug] = piece.id
        return piece.id

    def many(self, count: int, body: str) -> list[str]:
        """So many articles in one transaction; gives back their slugs, the oldest first."""
        slugs = []
        with self.tenant.writing() as session:
            for _ in range(count):
                self.day += 1
                at, slug = FIRST_DAY + timedelta(hours=self.day), f"article-{self.day}"
                piece = _piece(self.generation_id, "blog", self.day)
                variant = _variant(piece.id, "A", {"title": f"Article {self.day}", "body": body}, "live")
                session.add_all([piece, variant, _post(piece.id, variant.id, self.channel_id, slug, "published", at)])
                slugs.append(slug)
        return slugs

    def becomes(self, slug: str, status: str) -> None:
        """All posts at an address take another status."""
        with self.tenant.writing() as session:
            session.execute(
                update(Post).where(Post.slug == slug).values(status=status, updated_at=clock.now(), version=2)
            )

    def looks(self, **values: Any) -> None:
        """Changes the site's row."""
        with self.tenant.writing() as session:
            session.execute(update(Site).values(updated_at=clock.now(), **values))

    def channel(self, **values: Any) -> None:
        """Changes the site's channel."""
        with self.tenant.writing() as session:
            mine = update(Channel).where(Channel.id == self.channel_id)
            session.execute(mine.values(updated_at=clock.now(), **values))


def press(tenant: Tenant, **site: Any) -> Press:
    """A press of a workspace; `site` are values of its site."""
    made = Press(tenant, tenant.home.workspace(tenant.id).slug)
    with tenant.writing() as session:
        row = site_pages.served(session) or _site(session)
        for name, value in {"title": "Bread at Home", "tagline": "Notes from a small bakery.", **site}.items():
            setattr(row, name, value)
        found = session.scalars(select(Channel).where(Channel.kind == "site")).first() or _channel(session, row.id)
        made.channel_id = found.id
        made.generation_id = _generation(session)
    return made


def _site(session: Session) -> Site:
    now = clock.now()
    row = Site(
        id=ids.new("sit"), name="Site", title="", tagline="", language="en", time_zone="UTC", address="",
        disclosure="", look={}, is_served=True, version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _channel(session: Session, site_id: str) -> Channel:
    now = clock.now()
    row = Channel(
        id=ids.new("chn"), kind="site", name="Site", site_id=site_id, settings={}, time_zone="", slots=[], version=1,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _generation(session: Session) -> str:
    now, id = clock.now(), ids.new("gen")
    topic = Topic(
        id=ids.new("top"), kind="manual", note_ids=[], title="Bread", summary="", why="", random_seed=0, version=1,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(topic)
    session.flush()
    row = Generation(
        id=id, line_id=id, task_id=ids.new("run"), topic_id=topic.id, persona_id=personas.chosen(session, None).id,
        cluster_note_ids=[], topic_summary="", status="approved", warnings=[], created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return id


def _piece(generation_id: str, medium: str, sequence: int) -> Piece:
    now, id = clock.now(), ids.new("pie")
    return Piece(
        id=id, line_id=id, generation_id=generation_id, medium=medium, sequence=sequence, status="published",
        version=1, meta={}, origin="human", provenance={}, created_at=now, updated_at=now,
    )  # fmt: skip


def _variant(piece_id: str, label: str, content: dict[str, Any], status: str) -> Variant:
    return Variant(
        id=ids.new("var"), piece_id=piece_id, label=label, version=1, content=content, status=status, by="human",
        created_at=clock.now(),
    )  # fmt: skip


def _post(piece_id: str, variant_id: str, channel_id: str, slug: str, status: str, at: datetime) -> Post:
    stood = status in ("published", "removed")
    return Post(
        id=ids.new("pst"), piece_id=piece_id, variant_id=variant_id, channel_id=channel_id, platform="site",
        status=status, key=ids.new("key"), number=1, round=1, attempts=1, slug=slug, outside_id="", address="",
        detail="", answer="", by="key_owner", due_at=at, published_at=at if stood else None, version=1,
        created_at=at, updated_at=clock.now(),
    )  # fmt: skip
