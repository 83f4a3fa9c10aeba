"""Cursors: opaque to callers, the last id seen to us."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from regrow.kit import errors

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None


def encode(last: str) -> str:
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The id a cursor stands for; Invalid when it is not one of ours."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise errors.Invalid("this is no cursor of ours: use next_cursor of an earlier page", "bad_cursor") from None


def cut(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """A page of `limit` rows from up to `limit` + 1 rows read."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], encode(key(rows[limit - 1])))
