"""What a process remembers of sites: rendered pages while nothing changed, and which workspace a name stands for."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from regrow.web.answering import Made

SECONDS = 20.0
"""The longest that a page is kept at one stamp: two writes at the same time may leave the same one."""
MOST_PAGES, LARGEST_BYTES = 400, 200_000
Key = tuple[str, ...]
Stamp = tuple[str, ...]


class Keeping:
    """One for each application; any thread may ask."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Key, tuple[Stamp, float, Made]] = OrderedDict()
        self._ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, key: Key, stamp: Stamp) -> Made | None:
        """The page of this key as it was rendered at this very stamp, not long ago."""
        with self._lock:
            found = self._pages.get(key)
            if found is None or found[0] != stamp or found[1] < time.monotonic():
                return None
            self._pages.move_to_end(key)
            return found[2]

    def keep(self, key: Key, stamp: Stamp, made: Made) -> None:
        if not made.is_for_all or made.status != 200 or len(made.body) > LARGEST_BYTES:
            return
        with self._lock:
            self._pages[key] = (stamp, time.monotonic() + SECONDS, made)
            self._pages.move_to_end(key)
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)

    def workspace_id(self, slug: str, find: Callable[[], str | None]) -> str | None:
        """The workspace of a slug, looked up anew after a while; one that nobody has is looked up each time."""
        with self._lock:
            id, until = self._ids.get(slug, ("", 0.0))
        if time.monotonic() < until:
            return id
        found = find()
        if found is not None:
            with self._lock:
                self._ids[slug] = (found, time.monotonic() + SECONDS)
                while len(self._ids) > MOST_PAGES:
                    self._ids.popitem(last=False)
        return found
