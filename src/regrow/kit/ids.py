"""Sortable ids with a prefix that says what they name."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time

_SHAPE = re.compile(r"[a-z]{2,4}_[0-9a-z]{10,40}")
_lock = threading.Lock()
_newest = 0


def new(prefix: str) -> str:
    """A fresh id such as `pie_6a1f87e503ec6c19557cb2d`; ids that a process makes later sort later."""
    global _newest
    with _lock:
        _newest = max(_newest + 1, time.time_ns() // 1_000)
        microseconds = _newest
    return f"{prefix}_{microseconds:013x}{secrets.token_hex(5)}"


def derived(prefix: str, *parts: str) -> str:
    """The same id for the same parts, for work that must not be done twice."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:23]}"


def looks_like_id(text: str) -> bool:
    return _SHAPE.fullmatch(text) is not None
