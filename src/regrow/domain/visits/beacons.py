"""Beacons: what a page is given to tell that it was seen, and what may be told with it."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from regrow.domain.visits import counting

Refusal = Literal["malformed", "forged", "foreign", "expired", "too_fast"]

LIFE = timedelta(hours=2)
LEAST_SEEN = timedelta(seconds=1)
"""A text must have been on screen for so long, so no beacon can honestly come sooner."""
LONGEST_TOKEN = 600
MOST_SECONDS = 1800
"""Nobody reads on for longer than conversions are taken."""
AUTOMATED = "automated"
"""What the page tells instead when a program drives the browser."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token stands for: this variant was served to this visitor, who may tell of these kinds."""

    workspace_id: str
    piece_id: str
    variant_id: str
    label: str
    visitor: str
    issued_at: datetime
    kinds: tuple[str, ...] = counting.METRICS


@dataclass(frozen=True, slots=True)
class Told:
    """A beacon as it came in; only the token in it can be trusted, and only once it is opened."""

    kind: str
    token: str
    value: int


def sealed(key: bytes, ticket: Ticket) -> str:
    """The ticket as a token; anyone may read it, nobody else can make one."""
    fields = (ticket.workspace_id, ticket.piece_id, ticket.variant_id, ticket.label, ticket.visitor)
    issued = int(ticket.issued_at.timestamp() * 1000)
    body = _text(json.dumps([*fields, issued, *ticket.kinds], separators=(",", ":")).encode())
    return f"{body}.{_seal(key, body)}"


def opened(keys: Iterable[bytes], workspace_id: str, token: str, now: datetime) -> Ticket | Refusal:
    """The ticket of a token that one of these keys sealed for this workspace and that is still good."""
    body, dot, seal = token.partition(".")
    if len(token) > LONGEST_TOKEN or not dot or not token.isascii():
        return "malformed"
    ticket = _read(body)
    if ticket is None:
        return "malformed"
    if ticket.workspace_id != workspace_id:
        return "foreign"
    # Every key is tried, so that the time taken does not tell which one fits.
    if not any([hmac.compare_digest(seal, _seal(key, body)) for key in keys]):
        return "forged"
    return ticket if now - ticket.issued_at < LIFE else "expired"


def read(body: bytes) -> Told | None:
    """`kind token`, or `read token seconds`; None when it is anything else."""
    try:
        parts = body.decode("ascii").split(" ")
    except UnicodeDecodeError:
        return None
    if not 2 <= len(parts) <= 3 or parts[0] not in (counting.EXPOSURE, AUTOMATED, *counting.METRICS):
        return None
    value = 1
    if len(parts) == 3:
        if parts[0] != counting.READ or not parts[2].isdigit() or len(parts[2]) > 9:
            return None
        value = min(int(parts[2]), MOST_SECONDS)
    return Told(parts[0], parts[1], value)


def mark(ticket: Ticket, told: Told, now: datetime) -> counting.Mark | Refusal:
    """What is to be counted of it; whether it still can be, the rows decide."""
    if told.kind == counting.EXPOSURE:
        # A clock that was set back must not turn readers away: then the ticket seems to come from the future.
        if timedelta(0) <= now - ticket.issued_at < LEAST_SEEN:
            return "too_fast"
    elif told.kind not in ticket.kinds:
        return "malformed"
    return counting.Mark(
        told.kind, ticket.piece_id, ticket.variant_id, ticket.visitor, told.value, ticket.issued_at, now
    )


def _read(body: str) -> Ticket | None:
    try:
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(told, list) or len(told) < 6 or not isinstance(told[5], int) or isinstance(told[5], bool):
        return None
    workspace_id, piece_id, variant_id, label, visitor, issued, *kinds = told
    texts = (workspace_id, piece_id, variant_id, label, visitor, *kinds)
    if not all(isinstance(each, str) for each in texts) or not 0 <= issued < 2**45:
        return None
    at = datetime.fromtimestamp(issued / 1000, UTC)
    return Ticket(workspace_id, piece_id, variant_id, label, visitor, at, tuple(kinds))


def _seal(key: bytes, body: str) -> str:
    return _text(hmac.digest(key, body.encode(), "sha256")[:16])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
