"""The pages of a workspace's site: what stands there for everybody, and nothing that was not published."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from regrow.domain.publishing import looks
from regrow.domain.publishing.looks import Look
from regrow.services import articles
from regrow.services.articles import Article
from regrow.services.footnotes import Words
from regrow.store import site_pages as store
from regrow.store.site_pages import Live, Spot
from regrow.store.tables.sites import Site
from regrow.store.tenancy import Session

Fate = Literal["gone", "unknown"]
ENDED_UNSEEN = frozenset({"failed", "cancelled"})
"""Posts that never stood on the site."""
REMEMBERED = 512
"""Articles whose HTML is kept in memory: the text of a variant never changes."""


@dataclass(frozen=True, slots=True)
class Front:
    """A served site as its pages need it. `channels` are the ones that publish on it."""

    workspace_id: str
    id: str
    title: str
    tagline: str
    language: str
    time_zone: str
    address: str
    disclosure: str
    look: Look
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """One variant as readers see it."""

    variant_id: str
    label: str
    title: str
    article: Article


@dataclass(frozen=True, slots=True)
class Page:
    """An article with all its live variants, in the order of their labels; the first is the one of reference."""

    piece_id: str
    spot: Spot
    faces: tuple[Face, ...]
    published_at: datetime
    changed_at: datetime

    @property
    def slug(self) -> str:
        return self.spot.slug

    @property
    def reference(self) -> Face:
        return self.faces[0]


@dataclass(frozen=True, slots=True)
class Around:
    """The articles before and after one."""

    newer: Page | None
    older: Page | None


def stamp(session: Session) -> tuple[str, ...]:
    """What pages depend on, in short: as long as it is the same, so are they, but for notes that become private."""
    return store.stamp(session)


def front(session: Session) -> Front | None:
    """The workspace's served site; None when it has none."""
    row = store.served(session)
    return None if row is None else _front(row, store.channel_ids(session, row.id))


def newest(session: Session, site: Front, most: int, skipped: int, words: Words) -> tuple[list[Page], bool]:
    """A page of the list, the newest first, and whether there is more."""
    spots = store.newest(session, site.channels, most + 1, skipped) if site.channels else []
    return _pages(session, site, spots[:most], words), len(spots) > most


def page(session: Session, site: Front, slug: str, words: Words) -> Page | None:
    """What is published at an address; None when nothing is."""
    found = _of_slugs(session, site, (slug,), words) if site.channels else {}
    return found.get(slug)


def around(session: Session, site: Front, page: Page, words: Words) -> Around:
    """The neighbours of a published article, by when they came out."""
    newer, older = (store.neighbour(session, site.channels, page.spot, is_newer) for is_newer in (True, False))
    pages = _of_slugs(session, site, [spot.slug for spot in (newer, older) if spot], words)
    return Around(pages.get(newer.slug) if newer else None, pages.get(older.slug) if older else None)


def fate(session: Session, site: Front, slug: str) -> Fate:
    """Why nothing is at an address: it was taken back, or was never there."""
    states = store.states(session, store.channel_ids(session, site.id, has_archived=True), slug) - ENDED_UNSEEN
    return "gone" if states == {"removed"} else "unknown"


def addresses(session: Session, site: Front, most: int) -> list[Spot]:
    """Every article's address, the newest first."""
    return store.newest(session, site.channels, most) if site.channels else []


def _front(row: Site, channels: Sequence[str]) -> Front:
    return Front(
        workspace_id=row.workspace_id,
        id=row.id,
        title=row.title or row.name,
        tagline=row.tagline,
        language=row.language,
        time_zone=row.time_zone,
        address=row.address,
        disclosure=row.disclosure,
        look=looks.look_of(row.look or {}),
        channels=tuple(channels),
    )


def _pages(session: Session, site: Front, spots: Sequence[Spot], words: Words) -> list[Page]:
    found = _of_slugs(session, site, [spot.slug for spot in spots], words)
    return [found[spot.slug] for spot in spots if spot.slug in found]


def _of_slugs(session: Session, site: Front, slugs: Collection[str], words: Words) -> dict[str, Page]:
    rows = store.live(session, site.channels, slugs) if slugs else []
    by_slug: dict[str, list[Live]] = {}
    for row in rows:
        by_slug.setdefault(row.spot.slug, []).append(row)
    shown = {slug: kept for slug, all in by_slug.items() if (kept := _shown(all))}
    public = shown_sources(session, {row.variant_id: row.content for kept in shown.values() for row in kept})
    return {slug: _page(kept, by_slug[slug], public, words) for slug, kept in shown.items()}


def _shown(rows: Sequence[Live]) -> list[Live]:
    """What readers see of all that was published at an address: one text of each label, the newest, and none that lost.

    A winner is shown alone, unless it is tried against others; what is tried is shown before what is newer.
    """
    rows = [row for row in rows if row.status != "loser"]
    if not rows:
        return []
    # Should two pieces ever share an address, the one that had it first keeps it.
    first = min(rows, key=lambda row: row.spot.post_id).piece_id
    rows = [row for row in rows if row.piece_id == first]
    winners = [row for row in rows if row.status == "winner"]
    if winners and not any(row.is_tested for row in rows):
        rows = winners
    kept: dict[str, Live] = {}
    for row in rows:
        if row.label not in kept or (row.is_tested and not kept[row.label].is_tested):
            kept[row.label] = row
    return list(kept.values())


def _page(rows: Sequence[Live], all: Sequence[Live], public: Mapping[str, frozenset[str] | None], words: Words) -> Page:
    """The place of an article is that of its first text, also when another one stands there by now."""
    spots = [row.spot for row in all if row.piece_id == rows[0].piece_id]
    return Page(
        piece_id=rows[0].piece_id,
        spot=min(spots, key=lambda spot: spot.post_id),
        faces=tuple(_face(row, public[row.variant_id], words) for row in rows),
        published_at=min(spot.published_at for spot in spots),
        changed_at=max(row.spot.published_at for row in rows),
    )


def _face(row: Live, public: frozenset[str] | None, words: Words) -> Face:
    title, body, call = (str(row.content.get(name) or "") for name in ("title", "body", "cta"))
    article = _article(row.variant_id, title, body, public, words)
    return Face(row.variant_id, row.label, title, articles.called(article, call, row.content.get("cta_url")))


@functools.lru_cache(maxsize=REMEMBERED)
def _article(variant_id: str, title: str, body: str, public: frozenset[str] | None, words: Words) -> Article:
    return articles.made(title, body, None if public is None else public.__contains__, words, variant_id)


def shown_sources(session: Session, contents: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str] | None]:
    """By variant: the titles of its sources that may be shown; None when all of its footnotes may.

    A note may have become private after the text was written, and its title is then no longer for everybody.
    """
    sources = {variant_id: _sources(content) for variant_id, content in contents.items()}
    notes = store.notes(session, sorted({id for ids in sources.values() for id in ids}))
    found: dict[str, frozenset[str] | None] = {}
    for variant_id, ids in sources.items():
        known = [notes[id] for id in ids if id in notes]
        shown = frozenset(title for title, is_private in known if not is_private)
        found[variant_id] = shown if any(is_private for _title, is_private in known) else None
    return found


def _sources(content: Mapping[str, Any]) -> tuple[str, ...]:
    listed = content.get("sources")
    return tuple(str(id) for id in listed) if isinstance(listed, list) else ()
