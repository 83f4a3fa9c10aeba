"""Clients of all vendors, one per provider, address and key, lent to each call; libraries load when needed."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic_ai.models import Model

from regrow.adapters.llm import guarded
from regrow.adapters.llm.candidates import Candidate
from regrow.adapters.llm.vendors import VENDORS

MOST_CLIENTS = 64


class Adapter(Protocol):
    """What a vendor's file offers. `END` stands somewhere in every whole stream of its protocol."""

    END: re.Pattern[bytes]

    def client(self, candidate: Candidate, key: str | None, http: Any) -> Any:
        """The vendor's client over guarded HTTP, without any retries of its own."""

    def model(self, candidate: Candidate, client: Any) -> Model:
        """The candidate as pydantic-ai knows it."""


def adapter(provider: str) -> Adapter:
    """The file that speaks to a provider; importing it loads the vendor's library."""
    module: Adapter = importlib.import_module(f"regrow.adapters.llm.{VENDORS[provider].adapter}")
    return module


@dataclass
class _Lent:
    http: Any
    client: Any
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
    async def model(self, candidate: Candidate, key: str | None) -> AsyncIterator[Model]:
        """The candidate as pydantic-ai knows it, over a client that stays open at least as long as it is used."""
        speaks = adapter(candidate.provider)
        client_id = (candidate.provider, candidate.base_url, hashlib.sha256((key or "").encode()).hexdigest())
        lent = self._open.get(client_id)
        if lent is None:
            http = guarded.client(self.timeout_seconds, self.most_bytes, speaks.END)
            lent = self._open[client_id] = _Lent(http, speaks.client(candidate, key, http))
        self._open.move_to_end(client_id)
        lent.users += 1
        try:
            yield speaks.model(candidate, lent.client)
        finally:
            lent.users -= 1
            await self._close_oldest()

    async def aclose(self) -> None:
        while self._open:
            await self._open.popitem()[1].http.aclose()

    async def _close_oldest(self) -> None:
        for client_id in [name for name, lent in self._open.items() if not lent.users]:
            if len(self._open) <= MOST_CLIENTS:
                return
            await self._open.pop(client_id).http.aclose()
