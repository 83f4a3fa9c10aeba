"""Readers of a page: who they are to us, what they are shown, and what their page may tell."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Protocol

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from regrow.domain.visits import assignment, beacons, counting, crawlers, readers
from regrow.domain.visits.beacons import Ticket
from regrow.edge import limits
from regrow.edge.homes import Home
from regrow.kit import clock, errors
from regrow.store import database, experiments, tenancy, workspaces
from regrow.web.recording import Recorder
from regrow.web.showing import Shown

COOKIE = "rg"
COOKIE_SECONDS = 180 * 24 * 3600
SLUG_SECONDS = 60.0
MOST_SLUGS = 10_000
SHARES_SECONDS = 3.0
"""So long may a variant that lost still be shown."""
MOST_SHARES = 10_000
_COOKIE = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9a-f]{24})")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_PATH = re.compile(r"/s/[^/]+/")


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader by their first-party id, or nobody with the `reason` not to count them; never both."""

    id: str | None
    reason: str | None
    is_new: bool = False


class Face(Protocol):
    """A live variant of an article."""

    @property
    def label(self) -> str: ...

    @property
    def variant_id(self) -> str: ...


class Readable(Protocol):
    """An article with all its live variants."""

    @property
    def piece_id(self) -> str: ...

    @property
    def faces(self) -> Sequence[Face]: ...


@dataclass(frozen=True, slots=True)
class Keys:
    """What the visits of one workspace are signed and assigned with, newest first.

    The oldest key assigns: a new secret in front of the old one leaves everybody what they were shown.
    """

    signing: tuple[bytes, ...]
    assigning: bytes
    naming: bytes


class Visiting:
    """What all requests of readers share; made once for an application, at `app.state.visiting`."""

    def __init__(self, home: Home, recorder: Recorder | None = None) -> None:
        self.home = home
        self.recorder = recorder or Recorder(home.writing)
        salt = secrets.token_bytes(16)
        self.beacons = limits.Limit(home.settings.beacons_per_minute, 60.0, salt)
        self.visitors = limits.Limit(home.settings.visitors_per_hour, 3600.0, salt)
        self.crawlers = crawlers.read((Path(__file__).parent / "crawlers.txt").read_text("utf-8"))
        self._keys: dict[str, Keys] = {}
        self._slugs: dict[str, tuple[float, str]] = {}
        self._shares: dict[tuple[str, str], tuple[float, Mapping[str, float]]] = {}
        self._lock = threading.Lock()

    def keys(self, workspace_id: str) -> Keys:
        """Unavailable when the installation has no secret key."""
        found = self._keys.get(workspace_id)
        if found is None:
            signing, assigning, naming = (
                self.home.sealer.derived(f"visits {purpose} {workspace_id}")
                for purpose in ("signing", "assigning", "naming")
            )
            found = self._keys[workspace_id] = Keys(signing, assigning[-1], naming[-1])
        return found

    def workspace_id(self, slug: str) -> str | None:
        """The workspace at this address; None when there is none. Looked up once a minute at most."""
        if _SLUG.fullmatch(slug) is None:
            return None
        now = time.monotonic()
        with self._lock:
            until, id = self._slugs.get(slug, (0.0, ""))
        if now < until:
            return id
        with tenancy.system(), database.reading(self.home.engine) as session:
            row = workspaces.find(session, slug)
        if row is None or row.slug != slug or row.archived_at is not None:
            return None
        with self._lock:
            if len(self._slugs) >= MOST_SLUGS:
                self._slugs.clear()
            self._slugs[slug] = (now + SLUG_SECONDS, row.id)
        return row.id

    def shares(self, workspace_id: str, piece_id: str) -> Mapping[str, float]:
        """What each variant of a piece gets of readers, by its experiment on the site; empty without one."""
        now, key = time.monotonic(), (workspace_id, piece_id)
        with self._lock:
            until, found = self._shares.get(key, (0.0, {}))
        if now < until:
            return found
        with database.reading(self.home.engine, workspace_id) as session:
            found = experiments.on_site(session, piece_id)
        with self._lock:
            if len(self._shares) >= MOST_SHARES:
                self._shares.clear()
            self._shares[key] = (now + SHARES_SECONDS, found)
        return found

    def close(self) -> None:
        self.recorder.close()


def of(connection: HTTPConnection) -> Visiting:
    found: Visiting = connection.app.state.visiting
    return found


def visitor_of(request: Request) -> Visit:
    """Who asks for a page: the id of their cookie, a new one, or nobody and why. Nothing is written yet."""
    visiting = of(request)
    reason = readers.reason_not_to_count(request.method, request.headers, visiting.crawlers)
    if reason is not None:
        return Visit(None, reason)
    try:
        found = cookie_of(request)
    except errors.Unavailable:
        return Visit(None, "no_secret_key")
    if found is not None:
        return Visit(found, None)
    if not visiting.visitors.allows(address_of(request), time.monotonic()):
        return Visit(None, "too_many_visitors")
    return Visit(secrets.token_urlsafe(16), None, is_new=True)


def choose(request: Request, workspace_id: str, page: Readable) -> Shown:
    """Which of an article's variants its reader is shown, and what the page then carries."""
    variants = {face.label: face.variant_id for face in page.faces}
    told = of(request).shares(workspace_id, page.piece_id)
    shares = {label: told.get(id, 0.0) for label, id in variants.items()}
    # An experiment that none of these variants is in says nothing about them.
    parts = shares if sum(shares.values()) > 0 else None
    return show(request, workspace_id, visitor_of(request), page.piece_id, variants, shares=parts)


def show(
    request: Request, workspace_id: str, visit: Visit, piece_id: str, variants: Mapping[str, str], *,
    shares: Mapping[str, float] | None = None, kinds: Sequence[str] = counting.METRICS,
) -> Shown:  # fmt: skip
    """Which of the variants (ids by label) this reader sees. Who is not counted sees the first, and is tallied.

    Without `shares` all labels have the same; `kinds` are the metrics that the page can tell of.
    """
    parts = shares or dict.fromkeys(variants, 1.0)
    if visit.id is None:
        of(request).recorder.tally(workspace_id, piece_id, visit.reason or "")
        return Shown(assignment.reference(parts), None)
    label = assignment.assign(of(request).keys(workspace_id).assigning, piece_id, visit.id, parts)
    token = beacon_of(request, workspace_id, visit.id, piece_id, variants[label], label, kinds)
    return Shown(label, token, partial(_keep, request, visit))


def beacon_of(
    request: Request, workspace_id: str, visitor: str, piece_id: str, variant_id: str, label: str,
    kinds: Sequence[str] = counting.METRICS,
) -> str:  # fmt: skip
    """The token with which the page of this visitor may tell what became of it."""
    keys = of(request).keys(workspace_id)
    name = assignment.pseudonym(keys.naming, piece_id, visitor)
    ticket = Ticket(workspace_id, piece_id, variant_id, label, name, clock.now(), tuple(kinds))
    return beacons.sealed(keys.signing[0], ticket)


def cookie_of(connection: HTTPConnection) -> str | None:
    """The id of a cookie that we made; anything else is no cookie."""
    found = _COOKIE.fullmatch(connection.cookies.get(COOKIE, ""))
    visiting = of(connection)
    count = len(visiting.keys("").signing)
    if found is None:
        return None
    fits = [hmac.compare_digest(found[2], _seal(visiting, found[1], place)) for place in range(count)]
    return found[1] if any(fits) else None


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _keep(request: Request, visit: Visit, response: Response) -> None:
    """Gives a new reader a cookie, for this workspace's site alone; nobody else gets one."""
    if visit.id is None or not visit.is_new:
        return
    made: SimpleCookie = SimpleCookie({COOKIE: f"{visit.id}.{_seal(of(request), visit.id, 0)}"})
    kept = made[COOKIE]
    kept.update({"max-age": str(COOKIE_SECONDS), "path": _place(request), "samesite": "lax"})
    kept["httponly"] = True
    if request.url.scheme == "https":
        kept["secure"] = True
    response.headers.append("set-cookie", kept.OutputString())


def _place(request: Request) -> str:
    """The path of the site."""
    found = _PATH.match(request.url.path)
    return found[0] if found else "/s/"


def _seal(visiting: Visiting, id: str, place: int) -> str:
    return hmac.digest(visiting.keys("").signing[place], f"cookie {id}".encode(), "sha256")[:12].hex()
