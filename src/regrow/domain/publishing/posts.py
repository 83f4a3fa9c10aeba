"""The states of a post, and which follows which."""

from __future__ import annotations

import hashlib
from typing import Literal

from regrow.kit import errors

Status = Literal["planned", "sending", "published", "failed", "unknown", "missed", "cancelled", "removed"]

FOLLOWS: dict[str, tuple[str, ...]] = {
    "planned": ("sending", "missed", "cancelled", "failed"),
    "sending": ("published", "failed", "unknown", "planned"),
    "unknown": ("published", "failed", "planned"),
    "missed": ("planned", "cancelled"),
    "published": ("removed",),
    "failed": ("published",),
    "cancelled": (),
    "removed": (),
}
"""`sending` and `unknown` go back to `planned` only when the channel certainly took nothing.

What `failed` is published when a person sends its message once more, with the key it had."""
ENDED = ("failed", "cancelled", "removed")
"""After these the same variant may go to the same channel again, with another key."""


def refuse_step(before: str, after: str) -> None:
    """Conflict unless a post may go from the one state to the other."""
    if after not in FOLLOWS[before]:
        raise errors.Conflict(f"a post that is {before} cannot become {after}", f"post_{before}")


def key_of(workspace_id: str, channel_id: str, variant_id: str, number: int) -> str:
    """The key of one publication, the same in every process and attempt; `number` counts publications of the pair."""
    told = "\x1f".join((workspace_id, channel_id, variant_id, str(number)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def removal_key(key: str) -> str:
    """The key of the message that takes a post back."""
    return f"{key}-removed"
