"""The time, in UTC, and how it is written."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return aware(at).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def aware(at: datetime) -> datetime:
    """SQLite gives back times without a zone; all that we store is UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
