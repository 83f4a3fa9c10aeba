"""How pages are answered: with a digest to compare by, no body where none is wanted, and how long they may be kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

HTML, XML, RSS, ATOM = (
    "text/html; charset=utf-8",
    "application/xml; charset=utf-8",
    "application/rss+xml; charset=utf-8",
    "application/atom+xml; charset=utf-8",
)
TEXT, PNG = "text/plain; charset=utf-8", "image/png"
PUBLIC = "public, max-age=60"
"""Short, so that what is taken back is soon gone everywhere."""
PRIVATE = "private, no-cache"
"""For pages that differ between readers: no cache in between may hand one reader's variant to another."""
FOREVER = "public, max-age=31536000, immutable"
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def _nothing(_response: Response) -> None:
    """Most answers are finished as they are."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer in the making. One `is_for_all` says the same to everybody; `finish` has the last word on it."""

    body: bytes
    kind: str
    headers: Mapping[str, str]
    status: int = 200
    changed_at: datetime | None = None
    is_for_all: bool = False
    finish: Callable[[Response], None] = _nothing
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", f'"{hashlib.sha256(self.body).hexdigest()[:32]}"')


def sent(request: Request, made: Made) -> Response:
    """The answer, or 304 when the caller has these very bytes; without its body to HEAD.

    Times are told and never compared: a neighbour's change alters a page too, and within a second times are equal.
    """
    told = {**COMMON, **made.headers, "ETag": made.tag}
    if made.changed_at is not None:
        told["Last-Modified"] = format_datetime(made.changed_at, usegmt=True)
    answer = _sent(request, made, told)
    made.finish(answer)
    return answer


def _sent(request: Request, made: Made, told: dict[str, str]) -> Response:
    if made.status == 200 and _has(request.headers.get("if-none-match", ""), made.tag):
        return Response(None, 304, told)
    told["Content-Type"] = made.kind
    if request.method == "HEAD":
        return Response(None, made.status, {**told, "Content-Length": str(len(made.body))})
    return Response(made.body, made.status, told)


def _has(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in _TAG.findall(asked)
