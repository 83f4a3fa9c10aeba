"""Every address of the pages, as routes that an application takes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from regrow.web import showing, site_files
from regrow.web.asking import Shared
from regrow.web.keeping import Keeping
from regrow.web.showing import Choosing
from regrow.web.site import Pages

SITE = "/s/{workspace}"
Page = Callable[[Request], Response]


def routes(cards: Path, choose: Choosing = showing.reference, server: str = "") -> list[BaseRoute]:
    """The built-in site of every workspace; the last route says that there is nothing, so others come before these.

    `server` is where readers reach it all, empty to go by what each request says.
    """
    pages, shared = Pages(cards, choose), Shared(server, Keeping())
    places: tuple[tuple[str, Page], ...] = (
        ("", _to_root),
        ("/", pages.home),
        ("/feed.xml", site_files.rss),
        ("/atom.xml", site_files.atom),
        ("/sitemap.xml", site_files.sitemap),
        ("/robots.txt", site_files.robots),
        ("/card.png", pages.card),
        ("/cards/{slug}.png", pages.card),
        ("/{slug}", pages.article),
        ("/{slug}/", _to_article),
        ("/{rest:path}", pages.missing),
    )
    return [_route(SITE + path, page, shared) for path, page in places]


def _route(path: str, page: Page, shared: Shared) -> Route:
    def answered(request: Request) -> Response:
        # For the measures: an address as it was asked for would be a new series each time.
        request.scope["route"] = made
        request.state.shared = shared
        return page(request)

    made = Route(path, answered, methods=["GET"], include_in_schema=False)
    return made


def _to_root(request: Request) -> Response:
    return RedirectResponse(_relative(request.url.path.rpartition("/")[2] + "/", request), 308)


def _to_article(request: Request) -> Response:
    return RedirectResponse(_relative("../" + request.url.path.rstrip("/").rpartition("/")[2], request), 308)


def _relative(place: str, request: Request) -> str:
    """Relative, so that it holds behind any address; what was asked for stays with it."""
    return f"{place}?{request.url.query}" if request.url.query else place
