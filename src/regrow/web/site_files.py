"""What programs read of a site: its feeds, its map, and its word to crawlers."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from regrow.domain.publishing import feeds
from regrow.services import site_pages
from regrow.store.tenancy import Session
from regrow.web import answering, asking, telling
from regrow.web.answering import Made
from regrow.web.asking import Asked

IN_FEED = 20
PUBLIC = {"Cache-Control": answering.PUBLIC}


def rss(request: Request) -> Response:
    return asking.answered(request, _rss)


def atom(request: Request) -> Response:
    return asking.answered(request, _atom)


def sitemap(request: Request) -> Response:
    return asking.answered(request, _sitemap)


def robots(request: Request) -> Response:
    return asking.answered(request, _robots)


def _rss(session: Session, asked: Asked) -> Made:
    pages, _has_more = site_pages.newest(session, asked.site, IN_FEED, 0, asked.words.footnotes)
    body = feeds.rss(telling.feed(asked, "feed.xml"), telling.told(asked, pages))
    return _made(body, answering.RSS, max((page.changed_at for page in pages), default=None))


def _atom(session: Session, asked: Asked) -> Made:
    pages, _has_more = site_pages.newest(session, asked.site, IN_FEED, 0, asked.words.footnotes)
    body = feeds.atom(telling.feed(asked, "atom.xml"), telling.told(asked, pages))
    return _made(body, answering.ATOM, max((page.changed_at for page in pages), default=None))


def _sitemap(session: Session, asked: Asked) -> Made:
    spots = site_pages.addresses(session, asked.site, feeds.MOST_MAPPED - 1)
    newest = max((spot.published_at for spot in spots), default=None)
    pages = [(asked.base, newest), *((asked.address(spot.slug), spot.published_at) for spot in spots)]
    return _made(feeds.sitemap(pages), answering.XML, newest)


def _robots(_session: Session, asked: Asked) -> Made:
    told = f"User-agent: *\nAllow: {asked.root}\n\nSitemap: {asked.base}sitemap.xml\n"
    return _made(told.encode(), answering.TEXT, None)


def _made(body: bytes, kind: str, changed_at: datetime | None) -> Made:
    return Made(body, kind, PUBLIC, 200, changed_at, is_for_all=True)
