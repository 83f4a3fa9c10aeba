"""Articles as feeds, search engines and social networks are told of them: always the variant of reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from html import escape
from urllib.parse import quote

from regrow.domain.publishing import feeds, looks
from regrow.domain.publishing.structured import Entry
from regrow.kit import clock
from regrow.services.site_pages import Face, Page
from regrow.web.asking import Asked
from regrow.web.cards import Card


def entries(asked: Asked, pages: Sequence[Page]) -> list[Entry]:
    """Articles as lists and search engines are told of them, in their order."""
    return [entry(asked, page, page.reference) for page in pages]


def feed(asked: Asked, name: str) -> feeds.Feed:
    """What stands above the articles in the feed of this name."""
    site = asked.site
    return feeds.Feed(site.title, asked.base, site.tagline, site.language, asked.base + name)


def told(asked: Asked, pages: Sequence[Page]) -> list[feeds.Entry]:
    """Articles as feeds carry them, with their whole text, in their order."""
    return [_fed(asked, page) for page in pages]


def _fed(asked: Asked, page: Page) -> feeds.Entry:
    known, article = entry(asked, page, page.reference), page.reference.article
    return feeds.Entry(
        id=known.id,
        title=known.title,
        html=_feed_text(asked, article.html + article.sources),
        at=clock.iso(known.published_at),
        updated=clock.iso(known.changed_at),
        address=known.address,
        summary=known.summary,
    )


def entry(asked: Asked, page: Page, face: Face) -> Entry:
    article = face.article
    return Entry(
        id=f"urn:regrow:{page.piece_id}",
        title=face.title or asked.words.untitled,
        address=asked.address(page.slug),
        summary=article.summary,
        published_at=page.published_at.astimezone(UTC),
        changed_at=page.changed_at.astimezone(UTC),
        card=_card_address(asked, page),
        words=article.words,
    )


def site_card(asked: Asked) -> Card:
    return Card(asked.site.tagline or asked.site.title, asked.site.title, "", looks.shades(asked.site.look, False))


def article_card(asked: Asked, page: Page) -> Card:
    title = page.reference.title or asked.words.untitled
    note = asked.words.read_in(page.reference.article.minutes)
    return Card(title, asked.site.title, note, looks.shades(asked.site.look, False))


def _card_address(asked: Asked, page: Page) -> str:
    return f"{asked.base}cards/{quote(page.slug, safe='')}.png?v={article_card(asked, page).digest}"


def _feed_text(asked: Asked, html: str) -> str:
    return f"{html}<p>{escape(asked.site.disclosure)}</p>" if asked.site.disclosure else html
