"""What people type, checked before a service sees it, and the options that many commands share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from regrow.kit import errors

MOST = 2**31 - 1
Limit = Annotated[int, typer.Option("--limit", min=1, max=500, help="How many to list at most.")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Go on from the next_cursor of an earlier list.")]
Archived = Annotated[bool, typer.Option("--archived", help="List archived ones too.")]
Version = Annotated[
    int | None, typer.Option("--version", min=1, max=MOST, help="Refuse when somebody changed it since this version.")
]
Persona = Annotated[
    str | None, typer.Option("--persona", help="Whose voice: a name or an id, per_...; the usual one when left out.")
]
Name = Annotated[str | None, typer.Option("--name", help="The new name.")]


def name(text: str, what: str = "name") -> str:
    """A name of 1 to 200 characters on one line."""
    tidy = " ".join(text.split())
    if not tidy or len(tidy) > 200 or not tidy.isprintable():
        raise errors.Invalid(f"{what}: 1 to 200 printable characters", "bad_name")
    return tidy


def words(text: str, what: str, most: int = 4_000) -> str:
    """A longer text, at most `most` characters."""
    if len(text) > most:
        raise errors.Invalid(f"{what}: at most {most} characters, this has {len(text)}", "too_long")
    return text


def email(text: str) -> str:
    user, at, host = text.partition("@")
    if not (user and at and "." in host) or len(text) > 320 or not text.isprintable() or " " in text:
        raise errors.Invalid(f"email: {text[:80]!r} is no e-mail address", "bad_email")
    return text


def moment(text: str, what: str) -> datetime:
    """An ISO 8601 time that names its zone, in UTC."""
    try:
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is None:
            raise ValueError("no zone")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        detail = f"{what}: write a time with its zone, such as 2027-01-31T12:00:00Z, not {text[:60]!r}"
        raise errors.Invalid(detail, "bad_time") from None


def pairs(given: Iterable[str], what: str) -> dict[str, Any]:
    """`name=value` texts as a mapping; whole numbers, true and false become what they look like."""
    found: dict[str, Any] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not key or not equals:
            raise errors.Invalid(f"{what}: write name=value, not {each[:80]!r}", "bad_request")
        found[key.strip()] = _value(value.strip())
    return found


def changes(**values: Any) -> dict[str, Any]:
    """The values that were given; Invalid when none was."""
    found = {key: value for key, value in values.items() if value is not None}
    if not found:
        raise errors.Invalid("nothing to change was given: see --help for what can be", "nothing_to_change")
    return found


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 10 else text
