"""Waiting for a run without holding anything: short looks, further and further apart, until the server stops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import to_thread
from starlette.requests import Request

from regrow.kit import errors

T = TypeVar("T")

FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 1.0
GROWTH = 1.4


class Stopping:
    """Set once when the server begins to stop: whoever waits answers what is known by then."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()


class Streams:
    """Counts open streams, because each costs a look at the database every second."""

    def __init__(self, most: int = 200) -> None:
        self.most = most
        self.open = 0

    def refuse_more(self) -> None:
        if self.open >= self.most:
            raise errors.Unavailable("too many progress streams are open here: read the status instead", "busy", 5)

    @contextmanager
    def one(self) -> Iterator[None]:
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


async def until(look: Callable[[], T | None], seconds: float, request: Request, stopping: Stopping) -> T | None:
    """What `look` finds, asked in a thread again and again; None when time, server or caller went away first."""
    end = time.monotonic() + seconds
    pause = FIRST_LOOK_SECONDS
    while True:
        found = await to_thread.run_sync(look)
        left = end - time.monotonic()
        if found is not None or left <= 0 or stopping.is_set() or await request.is_disconnected():
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(pause * GROWTH, LONGEST_LOOK_SECONDS)
