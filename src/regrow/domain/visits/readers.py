"""Who is a reader that may be counted: what a request says of itself, before anything is kept of it."""

from __future__ import annotations

from collections.abc import Mapping

from regrow.domain.visits.crawlers import Crawlers


def reason_not_to_count(method: str, headers: Mapping[str, str], crawlers: Crawlers) -> str | None:
    """Why a request is served and not counted; None for a reader. People who ask not to be counted come first."""
    if headers.get("dnt", "").strip() == "1":
        return "do_not_track"
    if headers.get("sec-gpc", "").strip() == "1":
        return "global_privacy_control"
    found = crawlers.reason(headers.get("user-agent", ""))
    if found is None and "headless" in headers.get("sec-ch-ua", "").lower():
        return "headless"
    return found or _not_looked_at(method, headers)


def _not_looked_at(method: str, headers: Mapping[str, str]) -> str | None:
    """A browser that fetches a page nobody looks at (yet)."""
    told = {headers.get(name, "").strip().lower() for name in ("purpose", "x-purpose", "x-moz")}
    if "prefetch" in headers.get("sec-purpose", "").lower() or "prefetch" in told:
        return "prefetch"
    if "preview" in told:
        return "preview"
    if method not in ("GET", "POST"):
        return "no_page"
    # Every browser says which languages its reader knows; few scripts do.
    return None if headers.get("accept-language") else "headless"
