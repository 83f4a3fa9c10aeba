"""Sortable ids with a prefix that says what they name."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

_SHAPE = re.compile(r"[a-z]{2,4}_[0-9a-z]{10,40}")


def new(prefix: str) -> str:
    """A fresh id such as `pie_0199c1f2a3b4d5e6f7a8b9`; ids made later sort later (millisecond steps)."""
    return f"{prefix}_{time.time_ns() // 1_000_000:011x}{secrets.token_hex(6)}"


def derived(prefix: str, *parts: str) -> str:
    """The same id for the same parts, for work that must not be done twice."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:23]}"


def looks_like_id(text: str) -> bool:
    return _SHAPE.fullmatch(text) is not None
