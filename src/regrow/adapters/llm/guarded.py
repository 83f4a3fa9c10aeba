"""The one way to speak HTTP to a model server: bounded in time and size, never redirected, cut answers noticed."""

from __future__ import annotations

import functools
import re
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2

MOST_CONNECTIONS = 200

_NEVER_A_STREAM = ("text/html", "application/xml", "text/xml", "application/json")
_LONGEST_END = 64


class TooLarge(httpx2.TransportError):
    """The server sent more than an answer can be."""


class NotAnAnswer(httpx2.TransportError):
    """The server answered, but not with what a model server answers."""


class Redirected(httpx2.TransportError):
    """The server sends to another address, which nobody has allowed to see the key."""


class BrokenOff(httpx2.TransportError):
    """The stream ended without the mark that ends a whole one, though the connection was closed in good order."""


class Capped(httpx2.AsyncByteStream):
    """A response body that ends in TooLarge after `limit` bytes, and in BrokenOff when `end` was not among them."""

    def __init__(self, inner: Any, limit: int, end: re.Pattern[bytes] | None = None) -> None:
        self._inner = inner
        self._left = limit
        self._limit = limit
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        is_whole, tail = self._end is None, b"\n"
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooLarge(f"the answer is larger than {self._limit:,} bytes")
            if self._end is not None and not is_whole:
                is_whole = self._end.search(tail + chunk) is not None
                tail = (tail + chunk)[-_LONGEST_END:]
            yield chunk
        if not is_whole:
            raise BrokenOff("the stream ended before the answer did")

    async def aclose(self) -> None:
        await self._inner.aclose()

    @property
    def elapsed(self) -> Any:
        return self._inner.elapsed


def client(timeout_seconds: float, most_bytes: int, end: re.Pattern[bytes]) -> httpx2.AsyncClient:
    """A client for streamed answers, each of which has to hold `end` somewhere."""

    async def guard(response: httpx2.Response) -> None:
        _guard(response, most_bytes, end)

    return httpx2.AsyncClient(
        verify=_trusted(),
        timeout=httpx2.Timeout(timeout_seconds, connect=min(10.0, timeout_seconds)),
        limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=50),
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [guard]},
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Read once: reading all certificates of the machine takes longer than everything else a new client needs."""
    return httpx2.create_ssl_context()


def _guard(response: httpx2.Response, most_bytes: int, end: re.Pattern[bytes]) -> None:
    # A compressed body can unfold to any size after the bytes were counted, so only plain ones are read.
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise NotAnAnswer("the server sent a compressed answer although none was asked for")
    if response.is_redirect:
        raise Redirected(f"the server answered {response.status_code} and sends elsewhere; check its address")
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if response.is_success and kind in _NEVER_A_STREAM:
        raise NotAnAnswer(f"the server answered with {kind} instead of a stream; check the address of the model server")
    response.stream = Capped(response.stream, most_bytes, end if response.is_success else None)
