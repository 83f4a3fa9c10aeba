"""OpenAI and servers that speak its chat completions: guarded HTTP, one client per key, models for pydantic-ai."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from regrow.adapters.llm.candidates import Candidate

MOST_CLIENTS = 64
MOST_CONNECTIONS = 200

_NO_KEY = "no-key-needed"
_NEVER_A_STREAM = ("text/html", "application/xml", "text/xml", "application/json")


class TooLarge(httpx2.TransportError):
    """The server sent more than an answer can be."""


class NotAnAnswer(httpx2.TransportError):
    """The server answered, but not with what a model server answers."""


class Capped(httpx2.AsyncByteStream):
    """A response body that ends in TooLarge after `limit` bytes."""

    def __init__(self, inner: Any, limit: int) -> None:
        self._inner = inner
        self._left = limit
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise TooLarge(f"the answer is larger than {self._limit:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()

    @property
    def elapsed(self) -> Any:
        return self._inner.elapsed


@dataclass
class _Lent:
    client: openai.AsyncOpenAI
    users: int = 0


@dataclass
class Clients:
    """HTTP clients, one per provider, address and key; the ones unused longest are closed.

    Made on the event loop they belong to.
    """

    timeout_seconds: float
    most_bytes: int
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _open: OrderedDict[tuple[str, str, str], _Lent] = field(default_factory=OrderedDict)

    @asynccontextmanager
    async def model(self, candidate: Candidate, key: str | None) -> AsyncIterator[OpenAIChatModel]:
        """The candidate as pydantic-ai knows it, over a client that stays open at least as long as it is used."""
        client_id = (candidate.provider, candidate.base_url, hashlib.sha256((key or "").encode()).hexdigest())
        lent = self._open.get(client_id)
        if lent is None:
            lent = self._open[client_id] = _Lent(self._client(candidate, key))
        self._open.move_to_end(client_id)
        lent.users += 1
        try:
            yield _model(candidate, lent.client)
        finally:
            lent.users -= 1
            await self._close_oldest()

    async def aclose(self) -> None:
        while self._open:
            await self._open.popitem()[1].client.close()

    async def _close_oldest(self) -> None:
        for client_id in [name for name, lent in self._open.items() if not lent.users]:
            if len(self._open) <= MOST_CLIENTS:
                return
            await self._open.pop(client_id).client.close()

    def _client(self, candidate: Candidate, key: str | None) -> openai.AsyncOpenAI:
        async def guard(response: httpx2.Response) -> None:
            _guard(response, self.most_bytes)

        http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(self.timeout_seconds, connect=min(10.0, self.timeout_seconds)),
            limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=50),
            follow_redirects=False,
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [guard]},
        )
        return openai.AsyncOpenAI(base_url=candidate.base_url, api_key=key or _NO_KEY, max_retries=0, http_client=http)


def _guard(response: httpx2.Response, most_bytes: int) -> None:
    # A compressed body can unfold to any size after the bytes were counted, so only plain ones are read.
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise NotAnAnswer("the server sent a compressed answer although none was asked for")
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if response.is_success and kind in _NEVER_A_STREAM:
        raise NotAnAnswer(f"the server answered with {kind} instead of a stream; check the address of the model server")
    response.stream = Capped(response.stream, most_bytes)


def _model(candidate: Candidate, client: openai.AsyncOpenAI) -> OpenAIChatModel:
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    if candidate.is_own_service:
        return OpenAIChatModel(candidate.model, provider=OpenAIProvider(openai_client=client), profile=profile)
    # Servers that follow the protocol know the older field; many do not know the newer one.
    profile["openai_chat_supports_max_completion_tokens"] = False
    provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
    return OpenAIChatModel(candidate.model, provider=provider, profile=profile)
