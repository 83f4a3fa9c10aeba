"""Visits of the built-in site: what readers saw and did, counted once, closed by the hour, told in buckets.

Readers are nobody here: no actor, no audit; only a signed beacon makes a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from regrow.domain.visits import counting
from regrow.domain.visits.counting import Batch, Mark, Sums
from regrow.kit import clock
from regrow.store import visits
from regrow.store.tables.visits import VisitBatch
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Tally:
    """Something that was served, or came in, and was not counted; `piece_id` is empty when none can be believed."""

    piece_id: str
    hour: datetime
    reason: str


def record(session: Session, marks: Sequence[Mark], tallies: Mapping[Tally, int] | None = None) -> dict[str, int]:
    """Writes what counts, and tallies the rest with why; what was tallied of the marks is given back by reason.

    An exposure counts once for each piece and visitor, a conversion once for each metric. All of one call is written
    or nothing, and the same marks again only add to the tallies.
    """
    added = dict(tallies or {})
    refused = _marked(session, _after_closed(session, marks)) if marks else []
    counts: dict[str, int] = {}
    for mark, reason in refused:
        key = Tally(mark.piece_id, counting.hour_of(mark.at), reason)
        added[key] = added.get(key, 0) + 1
        counts[reason] = counts.get(reason, 0) + 1
    # In one order everywhere, so that two processes never wait for one another.
    for each in sorted(added, key=lambda key: (key.piece_id, key.hour, key.reason)):
        visits.tally(session, each.piece_id, each.hour, each.reason, added[each])
    return counts


def counts(session: Session, piece_id: str, since: datetime, until: datetime, bucket_seconds: int) -> list[Batch]:
    """Batches of this length with at least one exposure, oldest first; conversions belong to their exposure's time.

    The first and the last are cut at `since` and `until`. Whole hours that are closed are read as they were closed,
    everything else is computed from the rows; both give the same.
    """
    counting.refuse_stretch(since, until, bucket_seconds)
    end = _closed_to(session, piece_id)
    found: list[Batch] = []
    begin: datetime | None = since
    while begin is not None and (begin := visits.next_exposure(session, piece_id, begin, until)) is not None:
        start = max(counting.bucket_of(begin, bucket_seconds), since)
        stop = min(counting.bucket_of(begin, bucket_seconds) + timedelta(seconds=bucket_seconds), until)
        found += _batches(session, piece_id, start, stop, end)
        begin = stop if stop < until else None
    return found


def totals(session: Session, piece_id: str, since: datetime, until: datetime) -> dict[str, Batch]:
    """One batch over the whole stretch, by variant."""
    end = _closed_to(session, piece_id)
    return {each.variant_id: each for each in _batches(session, piece_id, since, until, end)}


def has_exposures(session: Session, piece_id: str, since: datetime, until: datetime) -> bool:
    """Whether anybody was shown the piece in this stretch."""
    return visits.next_exposure(session, piece_id, since, until) is not None


def uncounted(session: Session, piece_id: str | None, since: datetime, until: datetime) -> dict[str, int]:
    """What was served and not counted, by reason, in the hours that begin in this stretch."""
    return visits.tallies(session, piece_id, counting.hour_of(since), until)


def close(session: Session, now: datetime) -> int:
    """Closes every hour that is over for good; gives back how many. A second process that does the same adds none."""
    closed = 0
    pieces = visits.seen_pieces(session)
    ends = visits.closed_until(session, pieces)
    for piece_id in pieces:
        closed += _close_piece(session, piece_id, ends.get(piece_id), now)
    return closed


def _close_piece(session: Session, piece_id: str, end: datetime | None, now: datetime) -> int:
    closed = 0
    begin = end or datetime(1970, 1, 1, tzinfo=now.tzinfo)
    while (at := visits.next_exposure(session, piece_id, begin, now)) is not None:
        hour = counting.hour_of(at)
        if now < hour + counting.CLOSED_AFTER:
            break
        begin = hour + counting.HOUR
        closed += bool(visits.close(session, piece_id, _from_rows(session, piece_id, hour, begin, begin)))
    return closed


def _after_closed(session: Session, marks: Sequence[Mark]) -> list[Mark]:
    """A clock that was set back must not add to a closed hour: such marks count in the hour after it."""
    ends = visits.closed_until(session, {mark.piece_id for mark in marks})
    return [replace(mark, at=max(mark.at, ends.get(mark.piece_id, mark.at))) for mark in marks]


def _marked(session: Session, marks: Sequence[Mark]) -> list[tuple[Mark, str]]:
    """Writes what counts of these; gives back the rest with why it does not."""
    shown, again = _firsts((mark.who, mark) for mark in marks if mark.kind == counting.EXPOSURE)
    new = visits.add_exposures(session, shown)
    again += [mark for mark in shown if mark.who not in new]
    exposed = visits.exposures(session, {mark.who for mark in marks})
    refused = [(mark, counting.again(mark, exposed[mark.who][1])) for mark in again]
    done = [mark for mark in marks if mark.kind != counting.EXPOSURE]
    reasons = [(mark, counting.refused(mark, exposed.get(mark.who))) for mark in done]
    refused += [(mark, reason) for mark, reason in reasons if reason is not None]
    return refused + _converted(session, [mark for mark, reason in reasons if reason is None])


def _converted(session: Session, marks: Sequence[Mark]) -> list[tuple[Mark, str]]:
    done, again = _firsts(((*mark.who, mark.kind), mark) for mark in marks)
    new = visits.add_conversions(session, done)
    again += [mark for mark in done if (*mark.who, mark.kind) not in new]
    before = visits.conversions(session, {mark.who for mark in again})
    return [(mark, counting.again(mark, before[(*mark.who, mark.kind)])) for mark in again]


def _firsts(keyed: Iterable[tuple[tuple[str, ...], Mark]]) -> tuple[list[Mark], list[Mark]]:
    """The first mark of each key, in the order of keys, and the others."""
    first: dict[tuple[str, ...], Mark] = {}
    others = [mark for key, mark in keyed if first.setdefault(key, mark) is not mark]
    return [first[key] for key in sorted(first)], others


def _closed_to(session: Session, piece_id: str) -> datetime | None:
    return visits.closed_until(session, [piece_id]).get(piece_id)


def _batches(session: Session, piece_id: str, since: datetime, until: datetime, end: datetime | None) -> list[Batch]:
    is_whole = counting.hour_of(since) == since and counting.hour_of(until) == until
    if end is None or until > end or not is_whole:
        return _from_rows(session, piece_id, since, until, end)
    return _from_closed(visits.closed(session, piece_id, since, until), since, until)


def _from_rows(session: Session, piece_id: str, since: datetime, until: datetime, end: datetime | None) -> list[Batch]:
    is_final = (end is not None and until <= end) or counting.is_final(until, clock.now())
    rows = visits.counted(session, piece_id, since, until)
    return [Batch(since, until, id, exposures, metrics, is_final) for id, exposures, metrics in rows]


def _from_closed(rows: Iterable[VisitBatch], since: datetime, until: datetime) -> list[Batch]:
    exposures: dict[str, dict[datetime, int]] = {}
    sums: dict[str, dict[str, Sums]] = {}
    for row in rows:
        exposures.setdefault(row.variant_id, {})[row.hour] = row.exposures
        of_variant = sums.setdefault(row.variant_id, {})
        of_variant[row.metric] = _plus(of_variant.get(row.metric, Sums()), row)
    return [
        Batch(
            since,
            until,
            id,
            sum(hours.values()),
            {name: each for name, each in sums[id].items() if each != Sums()},
            True,
        )
        for id, hours in sorted(exposures.items())
    ]


def _plus(sums: Sums, row: VisitBatch) -> Sums:
    return Sums(
        sums.conversions + row.conversions, sums.value_sum + row.value_sum, sums.value_squares + row.value_squares
    )
