"""What is counted: exposures and what followed them, in hours that close and in buckets of any length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from regrow.kit import errors

EXPOSURE = "exposure"
READ = "read"
METRICS = ("cta", "scroll", READ, "outbound")
WINDOW = timedelta(minutes=30)
"""A conversion counts for so long after its exposure, and belongs to the time of that."""
HOUR = timedelta(hours=1)
CLOSED_AFTER = HOUR + WINDOW + timedelta(minutes=1)
"""After an hour began; the last minute is for what is being written at the very end."""
MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that a visitor did; `kind` is `exposure` or a metric, `value` is seconds of reading, else 1."""

    kind: str
    piece_id: str
    variant_id: str
    visitor: str
    value: int
    issued_at: datetime
    at: datetime

    @property
    def who(self) -> tuple[str, str]:
        return self.piece_id, self.visitor


@dataclass(frozen=True, slots=True)
class Sums:
    """How many conversions, and the sums from which the mean and the spread of their values come."""

    conversions: int = 0
    value_sum: int = 0
    value_squares: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What was counted of one variant in one stretch of time; `is_final` when nothing can be added any more."""

    since: datetime
    until: datetime
    variant_id: str
    exposures: int
    metrics: Mapping[str, Sums] = field(default_factory=dict)
    is_final: bool = False

    def of(self, metric: str) -> Sums:
        return self.metrics.get(metric, Sums())


def hour_of(at: datetime) -> datetime:
    """The UTC hour; clocks that change for summer move nothing here."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def bucket_of(at: datetime, seconds: int) -> datetime:
    """When the bucket of this length begins that a time falls into; buckets are counted from 1970."""
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)


def is_final(until: datetime, now: datetime) -> bool:
    """Whether a stretch ended so long ago that nothing can be added to it."""
    return now >= until + (CLOSED_AFTER - HOUR)


def refuse_stretch(since: datetime, until: datetime, seconds: int) -> None:
    """Invalid unless the time between falls into a bearable number of buckets."""
    if seconds < 1 or until <= since or (until - since).total_seconds() / seconds > MOST_BUCKETS:
        raise errors.Invalid(
            f"ask for a time that ends after it begins, in buckets of at least a second, {MOST_BUCKETS:,} at most",
            "bad_stretch",
        )


def refused(mark: Mark, exposed: tuple[str, datetime] | None) -> str | None:
    """Why a conversion does not count, given the variant and the time of its visitor's exposure."""
    if exposed is None:
        return "no_exposure"
    variant_id, at = exposed
    if variant_id != mark.variant_id:
        return "other_variant"
    return "too_late" if mark.at - at > WINDOW else None


def again(mark: Mark, before: datetime) -> str:
    """Why something counts no second time: the same page told it twice, or its reader came back to it."""
    return "replayed" if before >= mark.issued_at else "returned"
