"""Trying a key with the cheapest request there is: one that reads a list, costs nothing and writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from regrow.adapters.llm.candidates import address
from regrow.adapters.llm.vendors import VENDORS, Vendor

PATIENCE_SECONDS = 8.0
MOST_AT_ONCE = 16
_GOOGLE_BAD_KEY = 400


@dataclass(frozen=True, slots=True)
class Key:
    """A key to try, where it was set, for people; None for a server that asks for none."""

    provider: str
    place: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a key: `ok`, `refused` or `unreachable`, and what to do."""

    provider: str
    place: str
    verdict: str
    detail: str


def every(keys: Sequence[Key], base_urls: Mapping[str, str], seconds: float = PATIENCE_SECONDS) -> list[Found]:
    """Tries all of them at once; none takes longer than `seconds`."""

    async def all_of_them() -> list[Found]:
        gate = asyncio.Semaphore(MOST_AT_ONCE)
        return list(await asyncio.gather(*(_one(key, base_urls, seconds, gate) for key in keys)))

    return asyncio.run(all_of_them())


async def _one(key: Key, base_urls: Mapping[str, str], seconds: float, gate: asyncio.Semaphore) -> Found:
    import httpx2

    vendor, url = VENDORS[key.provider], address(key.provider, base_urls)
    if not url:
        detail = f"it has no address: set {vendor.base_url_variable}"
        return Found(key.provider, key.place, "unreachable", detail)
    host = urlsplit(url).netloc
    try:
        async with gate, asyncio.timeout(seconds), httpx2.AsyncClient(follow_redirects=False, timeout=seconds) as http:
            async with http.stream("GET", url + vendor.listing, headers=_headers(vendor, key.secret)) as response:
                status = response.status_code
    except (httpx2.HTTPError, TimeoutError, ValueError) as error:
        # The error's own text may repeat the request, and with it the key.
        why = f"{host} cannot be reached ({type(error).__name__}): check the network and {vendor.base_url_variable}"
        return Found(key.provider, key.place, "unreachable", why)
    return Found(key.provider, key.place, *_read(vendor, host, status, key.place))


def _headers(vendor: Vendor, secret: str | None) -> dict[str, str]:
    if vendor.name == "anthropic":
        return {"x-api-key": secret or "", "anthropic-version": "2023-06-01"}
    if vendor.name == "google":
        return {"x-goog-api-key": secret or ""}
    return {"authorization": f"Bearer {secret}"} if secret else {}


def _read(vendor: Vendor, host: str, status: int, place: str) -> tuple[str, str]:
    if 200 <= status < 300:
        return "ok", f"{host} takes it"
    if status == 429:
        return "ok", f"{host} knows it and asks for patience (429)"
    if status in (401, 403) or (vendor.name == "google" and status == _GOOGLE_BAD_KEY):
        return "refused", f"{host} refuses it ({status}): put another one in its place ({place})"
    if status >= 500:
        return "unreachable", f"{host} answers with an error ({status}): try again later"
    told = f"{host} answers {status}, as no {vendor.name} server does: check {vendor.base_url_variable}"
    return "unreachable", told
