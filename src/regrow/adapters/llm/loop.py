"""One thread with one event loop for all model calls: clients stay bound to the loop that made them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

EACH_SECONDS = 1.0


class ModelThread:
    """Runs coroutines for callers on any thread. Starts at the first call and again in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = 0

    def run(
        self,
        coroutine: Coroutine[Any, Any, T],
        timeout_seconds: float,
        meanwhile: Callable[[], None] | None = None,
    ) -> T:
        """The coroutine's result; TimeoutError after `timeout_seconds`, with the coroutine cancelled.

        `meanwhile` is called each second on the thread that waits.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self._running())
        end = time.monotonic() + timeout_seconds
        try:
            while meanwhile is not None and (left := end - time.monotonic()) > EACH_SECONDS:
                done, _ = concurrent.futures.wait([future], min(left, EACH_SECONDS))
                if done:
                    break
                meanwhile()
            return future.result(max(0.0, end - time.monotonic()))
        finally:
            future.cancel()

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Starts it and comes back at once."""
        asyncio.run_coroutine_threadsafe(coroutine, self._running())

    @property
    def is_running(self) -> bool:
        return self._loop is not None and self._process == os.getpid()

    def stop(self) -> None:
        """Cancels what runs, ends the thread and closes the loop; a later call starts anew."""
        with self._lock:
            loop, thread = (self._loop, self._thread) if self.is_running else (None, None)
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or self._process != os.getpid():
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="regrow-models")
                self._thread.start()
            return self._loop


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
