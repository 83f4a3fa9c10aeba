"""How pages are answered: with a digest to compare by, no body where none is wanted, and how long they may be kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
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


def sent(
    request: Request,
    body: bytes,
    kind: str,
    headers: Mapping[str, str],
    status: int = 200,
    changed_at: datetime | None = None,
) -> Response:
    """The answer, or 304 when the caller has these very bytes; without its body to HEAD.

    Times are told and never compared: a neighbour's change alters a page too, and within a second times are equal.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {**COMMON, **headers, "ETag": tag}
    if changed_at is not None:
        told["Last-Modified"] = format_datetime(changed_at, usegmt=True)
    if status == 200 and _has(request.headers.get("if-none-match", ""), tag):
        return Response(None, 304, told)
    if request.method == "HEAD":
        return Response(None, status, {**told, "Content-Length": str(len(body)), "Content-Type": kind})
    return Response(body, status, {**told, "Content-Type": kind})


def _has(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in _TAG.findall(asked)
