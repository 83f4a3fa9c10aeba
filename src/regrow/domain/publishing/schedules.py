"""When a post goes out: times of a zone, the slots of a queue, and what was missed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from regrow.kit import errors

Note = Literal["", "moved_forward", "first_of_two"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SLOTS = 100
FARTHEST = timedelta(days=2 * 366)
NEXT = "next"
"""What to say instead of a time: the next free slot of the channel."""
LOOKED_AHEAD_WEEKS = 105
_SLOT = re.compile(r"([a-z]{3,5}) +([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC; `note` says what the clocks of its zone did to it."""

    at: datetime
    note: Note = ""


def zone(name: str) -> ZoneInfo:
    """The zone of this name; Invalid when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # The library looks for a file of this name, whatever it is.
        detail = f"time_zone: {name[:60]!r} is no time zone, write one such as Europe/Berlin or UTC"
        raise errors.Invalid(detail, "bad_time_zone") from None


def moment(text: str, zone_name: str) -> Moment:
    """A time as people write it: with an offset it is as it says, without one it is the wall's in this zone."""
    try:
        found = datetime.fromisoformat(text.strip())
        return of_wall(found, zone(zone_name)) if found.tzinfo is None else Moment(found.astimezone(UTC))
    except (ValueError, OverflowError):
        detail = f"at: write a time such as 2027-01-31T12:00 or 2027-01-31T12:00:00Z, not {text[:60]!r}"
        raise errors.Invalid(detail, "bad_time") from None


def of_wall(wall: datetime, where: ZoneInfo) -> Moment:
    """A wall time that the clocks jump over moves forward by the gap; of one that comes twice, the first is meant."""
    first, second = (wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return Moment(first)
    # Before the jump the older offset held, which carries a time in the gap to as much after it.
    is_gap = first.astimezone(where).replace(tzinfo=None) != wall
    return Moment(first, "moved_forward") if is_gap else Moment(first, "first_of_two")


def refuse_far(at: datetime, now: datetime) -> None:
    """Invalid for what is long past or further away than anybody plans."""
    if at > now + FARTHEST:
        raise errors.Invalid("at: this is more than two years from now", "bad_time")
    if at < now - timedelta(minutes=1):
        raise errors.Invalid("at: this time has passed: leave it out to publish now", "time_has_passed")


def checked_slots(slots: Iterable[str]) -> list[str]:
    """Slots such as `mon 09:00` or `daily 18:30`, in order and without doubles; Invalid names the bad ones."""
    given = [" ".join(each.lower().split()) for each in slots]
    bad = [each for each in given if not _parsed(each)]
    if bad or len(given) > MOST_SLOTS:
        told = ", ".join(repr(each[:30]) for each in bad[:5]) or f"{len(given)} of them"
        raise errors.Invalid(
            f"slots: at most {MOST_SLOTS}, such as 'mon 09:00' or 'daily 18:30', not {told}", "bad_slot"
        )
    every = sorted({each for text in given for each in _parsed(text)})
    return [f"{DAYS[day]} {hour:02}:{minute:02}" for day, hour, minute in every]


def next_slot(slots: Iterable[str], where: ZoneInfo, now: datetime, taken: Collection[datetime]) -> Moment:
    """The first slot after now that nobody has; Conflict without slots, or when all of two years are taken."""
    wanted = sorted({each for text in slots for each in _parsed(text)})
    if not wanted:
        raise errors.Conflict("this channel has no slots: name a time, or give it some", "no_slots")
    today = now.astimezone(where).date()
    monday = today - timedelta(days=today.weekday())
    for week in range(LOOKED_AHEAD_WEEKS):
        for day, hour, minute in wanted:
            date = monday + timedelta(days=7 * week + day)
            found = of_wall(datetime(date.year, date.month, date.day, hour, minute), where)
            if found.at > now and found.at not in taken:
                return found
    raise errors.Conflict("all slots of the next two years are taken: name a time", "no_free_slot")


def is_missed(due_at: datetime, now: datetime, grace: timedelta) -> bool:
    """Whether a post that was due is so late that nobody expects it any more."""
    return now > due_at + grace


def told(note: str, at: datetime, zone_name: str) -> str:
    """What the clocks did to a time, in words; empty when they did nothing."""
    local = at.astimezone(zone(zone_name))
    if note == "moved_forward":
        return f"the clocks of {zone_name} jump over that time: it goes out at {local:%H:%M}"
    if note == "first_of_two":
        return f"the clocks of {zone_name} show that time twice: the first is meant, {local:%H:%M %Z}"
    return ""


def _parsed(text: str) -> list[tuple[int, int, int]]:
    match = _SLOT.fullmatch(text)
    if match is None or (match[1] != "daily" and match[1] not in DAYS):
        return []
    days = range(7) if match[1] == "daily" else [DAYS.index(match[1])]
    return [(day, int(match[2]), int(match[3])) for day in days]
