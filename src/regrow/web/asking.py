"""A request for something of a site: which site is meant, where it stands, and what is said when there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from regrow.domain.publishing import looks
from regrow.domain.publishing.structured import Publisher
from regrow.edge import errors as edge_errors
from regrow.kit import errors
from regrow.services import site_pages
from regrow.services.site_pages import Front
from regrow.store import database, tenancy, workspaces
from regrow.store.tenancy import Session
from regrow.web import answering, rendering, words
from regrow.web.answering import Made
from regrow.web.keeping import Keeping
from regrow.web.words import Words

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
NO_SITE = "there is no site at this address"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page of a site that is served. `root` is the site's path, `base` its whole address."""

    request: Request
    site: Front
    root: str
    base: str
    words: Words

    def address(self, slug: str) -> str:
        return self.base + quote(slug, safe="")

    def local(self, at: datetime) -> datetime:
        return at.astimezone(zone(self.site.time_zone))

    @property
    def publisher(self) -> Publisher:
        return Publisher(self.site.title, self.base, self.site.tagline, self.site.language)


Act = Callable[[Session, Asked], Made]


@dataclass(frozen=True, slots=True)
class Shared:
    """What all requests share. `server` is where readers reach it all, empty to go by what each request says."""

    server: str
    keeping: Keeping


def answered(request: Request, act: Act) -> Response:
    """The page, or a page that says why there is none; a bug is left to the gate."""
    try:
        return answering.sent(request, _made(request, act))
    except errors.NotFound:
        return answering.sent(request, _bare(404, words.ENGLISH.missing_title, words.ENGLISH.missing, {}))
    except errors.Unavailable as error:
        headers = edge_errors.of(error).headers
        return answering.sent(request, _bare(503, words.ENGLISH.away_title, words.ENGLISH.away, headers))


def _made(request: Request, act: Act) -> Made:
    """The page as it was rendered before when nothing changed since, else rendered now.

    NotFound alike for no workspace of this name, an archived one, and one that serves no site.
    """
    reads, slug, shared = request.app.state.doors.reads, request.path_params["workspace"], request.state.shared
    workspace_id = shared.keeping.workspace_id(slug, lambda: _found(reads, slug))
    if workspace_id is None:
        raise errors.NotFound(NO_SITE)
    key = (workspace_id, request.url.path, request.url.query, request.url.scheme, request.headers.get("host", ""))
    with database.reading(reads, workspace_id) as session:
        stamp = site_pages.stamp(session)
        made: Made | None = shared.keeping.page(key, stamp)
        if made is None:
            made = act(session, _asked(session, request, slug))
            shared.keeping.keep(key, stamp, made)
    return made


def _found(reads: database.Engine, slug: str) -> str | None:
    with tenancy.system(), database.reading(reads) as session:
        row = workspaces.find(session, slug)
    return None if row is None or row.slug != slug or row.archived_at is not None else row.id


def _asked(session: Session, request: Request, slug: str) -> Asked:
    site = site_pages.front(session)
    if site is None:
        raise errors.NotFound(NO_SITE)
    root = f"/s/{slug}/"
    return Asked(request, site, root, _server(request, site) + root, words.of(site.language))


def _server(request: Request, site: Front) -> str:
    """Where readers reach this server: as its site says, or whoever runs it, or else the request."""
    told: str = site.address or request.state.shared.server
    if told:
        return told.rstrip("/")
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host if _HOST.fullmatch(host) else 'localhost'}"


def zone(name: str) -> ZoneInfo:
    """The zone of this name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _bare(status: int, title: str, text: str, headers: dict[str, str]) -> Made:
    """A page that belongs to no site."""
    style = rendering.style(looks.PLAIN)
    told = f"{status} {HTTPStatus(status).phrase}"
    html = rendering.page("bare.html.j2", style=style, status=told, title=title, text=text)
    policy = {"Cache-Control": "no-store", "Content-Security-Policy": rendering.policy(style, False)}
    return Made(html.encode(), answering.HTML, {**headers, **policy}, status)
