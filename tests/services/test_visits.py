"""Counting visits: once each, exact under threads and kills, closed by the hour, the same from rows and batches."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from regrow.domain.visits import counting
from regrow.domain.visits.counting import Batch, Mark, Sums
from regrow.kit import errors
from regrow.services import visits
from regrow.services.visits import Tally
from regrow.store.tables.visits import Conversion, Exposure, Uncounted, VisitBatch
from tests import visits as seen
from tests.homes import Tenant

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
END = START + timedelta(days=2)
LATER = END + timedelta(days=1)


def exposure(shown: seen.Shown, visitor: str, at: datetime, label: str = "A", issued: timedelta | None = None) -> Mark:
    since = at - (issued or timedelta(seconds=2))
    return Mark(counting.EXPOSURE, shown.piece_id, shown.variants[label], visitor, 1, since, at)


def did(kind: str, after: Mark, by: timedelta, value: int = 1) -> Mark:
    return Mark(kind, after.piece_id, after.variant_id, after.visitor, value, after.issued_at, after.at + by)


def record(tenant: Tenant, marks: Sequence[Mark]) -> dict[str, int]:
    with tenant.writing() as session:
        return visits.record(session, marks)


def told(
    tenant: Tenant, piece_id: str, seconds: int = 3600, since: datetime = START, until: datetime = END
) -> list[Batch]:
    with tenant.reading() as session:
        return visits.counts(session, piece_id, since, until, seconds)


def day(shown: seen.Shown, count: int, dice: random.Random) -> list[Mark]:
    """A day of readers, some of whom do something; as they come in, in a random order."""
    marks = []
    for number in range(count):
        first = exposure(shown, f"{number:032x}", START + timedelta(seconds=dice.randrange(86_400)), dice.choice("AB"))
        marks.append(first)
        if dice.random() < 0.4:
            marks.append(did(dice.choice(("cta", "scroll", "outbound")), first, timedelta(minutes=dice.randrange(30))))
        if dice.random() < 0.5:
            marks.append(did("read", first, timedelta(minutes=5), dice.randrange(1, 400)))
    return marks


def assert_same(batches: Sequence[Batch], marks: Sequence[Mark]) -> None:
    """The batches say what the marks say, added up in plain Python."""
    when = {mark.visitor: mark.at for mark in marks if mark.kind == counting.EXPOSURE}
    exposures: Counter[tuple[datetime, str]] = Counter()
    sums: Counter[tuple[datetime, str, str]] = Counter()
    for mark in marks:
        hour = counting.hour_of(when[mark.visitor])
        if mark.kind == counting.EXPOSURE:
            exposures[hour, mark.variant_id] += 1
        else:
            sums[hour, mark.variant_id, mark.kind] += mark.value
    assert {(each.since, each.variant_id): each.exposures for each in batches} == exposures
    found = {(b.since, b.variant_id, name): s.value_sum for b in batches for name, s in b.metrics.items()}
    assert found == sums


def test_each_counts_once_and_the_rest_is_tallied_with_why(alice: Tenant) -> None:
    shown = seen.piece(alice)
    first = exposure(shown, "v1", START)
    minute = timedelta(minutes=1)
    assert record(alice, [first, did("cta", first, minute), did("read", first, minute, 40)]) == {}
    assert record(alice, [first, did("cta", first, minute), did("cta", first, minute)]) == {"replayed": 3}
    later = exposure(shown, "v1", START + timedelta(minutes=10))
    assert record(alice, [later, did("cta", later, minute)]) == {"returned": 2}
    assert record(alice, [did("scroll", first, timedelta(minutes=30, milliseconds=1))]) == {"too_late": 1}
    assert record(alice, [did("cta", exposure(shown, "v2", START), minute)]) == {"no_exposure": 1}
    assert record(alice, [did("scroll", exposure(shown, "v1", START, "B"), minute)]) == {"other_variant": 1}
    [batch] = told(alice, shown.piece_id)
    assert (batch.exposures, batch.variant_id) == (1, shown.variants["A"])
    assert batch.metrics == {"cta": Sums(1, 1, 1), "read": Sums(1, 40, 1600)}
    with alice.reading() as session:
        tallied = visits.uncounted(session, shown.piece_id, START, END)
    assert tallied == {"replayed": 3, "returned": 2, "too_late": 1, "no_exposure": 1, "other_variant": 1}


def test_conversions_in_one_call_count_whatever_their_order(alice: Tenant) -> None:
    shown = seen.piece(alice)
    first = exposure(shown, "v1", START)
    assert record(alice, [did("cta", first, timedelta(0)), first, first]) == {"replayed": 1}
    assert told(alice, shown.piece_id)[0].of("cta").conversions == 1


def test_tallies_add_up_and_may_name_no_piece(alice: Tenant, charlie: Tenant) -> None:
    hour = counting.hour_of(START)
    for _ in range(3):
        with alice.writing() as session:
            visits.record(session, [], {Tally("", hour, "forged"): 2, Tally("pie_x", hour, "crawler"): 1})
    with charlie.writing() as session:
        visits.record(session, [], {Tally("", hour, "forged"): 1})
    with alice.reading() as session:
        assert visits.uncounted(session, None, START, END) == {"forged": 6, "crawler": 3}
        assert visits.uncounted(session, "pie_x", START, END) == {"crawler": 3}
        assert visits.uncounted(session, None, START + timedelta(hours=1), END) == {}
    with charlie.reading() as session:
        assert visits.uncounted(session, None, START, END) == {"forged": 1}


def test_another_workspace_sees_nothing_of_it(alice: Tenant, charlie: Tenant) -> None:
    shown = seen.piece(alice)
    record(alice, [exposure(shown, "v1", START)])
    assert told(charlie, shown.piece_id) == []
    with charlie.writing() as session:
        assert visits.close(session, LATER) == 0
    assert len(told(alice, shown.piece_id)) == 1


def test_hours_close_once_and_say_what_the_rows_say(alice: Tenant) -> None:
    shown, other = seen.piece(alice), seen.piece(alice)
    marks = day(shown, 300, random.Random(5))
    random.Random(6).shuffle(marks)
    assert record(alice, marks) == {}
    record(alice, [exposure(other, "v1", START)])
    before = told(alice, shown.piece_id)
    assert_same(before, marks)
    with alice.writing() as session:
        assert visits.close(session, LATER) == len({each.since for each in before}) + 1
    with alice.writing() as session:
        assert visits.close(session, LATER) == 0
    after = told(alice, shown.piece_id)
    assert [(b.since, b.variant_id, b.exposures, dict(b.metrics)) for b in after] == [
        (b.since, b.variant_id, b.exposures, dict(b.metrics)) for b in before
    ]
    assert all(each.is_final for each in after)
    for seconds in (20, 900, 3600, 7200, 86_400, 10**7):
        batches = told(alice, shown.piece_id, seconds)
        assert sum(each.exposures for each in batches) == 300
        assert sum(each.of("read").value_sum for each in batches) == sum(m.value for m in marks if m.kind == "read")


def test_an_hour_closes_when_nothing_can_follow_in_it(alice: Tenant) -> None:
    shown = seen.piece(alice)
    last = exposure(shown, "v1", START + timedelta(minutes=59, seconds=59))
    record(alice, [last])
    for after, closed in ((timedelta(hours=1, minutes=30), 0), (counting.CLOSED_AFTER, 1)):
        assert record(alice, [did("cta", last, timedelta(minutes=30))] if not closed else []) == {}
        with alice.writing() as session:
            assert visits.close(session, START + after) == closed
    assert told(alice, shown.piece_id)[0].of("cta").conversions == 1


def test_a_clock_set_back_adds_nothing_to_a_closed_hour(alice: Tenant) -> None:
    shown = seen.piece(alice)
    record(alice, [exposure(shown, "v1", START)])
    with alice.writing() as session:
        assert visits.close(session, START + timedelta(hours=3)) == 1
    record(
        alice, [exposure(shown, "v2", START - timedelta(days=1)), exposure(shown, "v3", START + timedelta(minutes=1))]
    )
    found = told(alice, shown.piece_id)
    assert [(each.since, each.exposures) for each in found] == [(START, 1), (START + timedelta(hours=1), 2)]
    assert told(alice, shown.piece_id, since=START - timedelta(days=2), until=START) == []


def test_totals_of_a_stretch_are_by_variant(alice: Tenant) -> None:
    shown = seen.piece(alice)
    record(alice, [exposure(shown, f"v{n}", START + timedelta(hours=n), "AB"[n % 2]) for n in range(9)])
    with alice.reading() as session:
        found = visits.totals(session, shown.piece_id, START, END)
    assert {id: each.exposures for id, each in found.items()} == {shown.variants["A"]: 5, shown.variants["B"]: 4}


def test_a_stretch_nobody_can_bear_is_refused(alice: Tenant) -> None:
    with alice.reading() as session, pytest.raises(errors.Invalid, match="buckets"):
        visits.counts(session, "pie_x", START, END, 0)


def test_fifty_threads_telling_the_same_count_it_once(alice: Tenant) -> None:
    shown = seen.piece(alice)
    marks = day(shown, 60, random.Random(7))

    def tell(number: int) -> dict[str, int]:
        mine = list(marks)
        random.Random(number).shuffle(mine)
        return record(alice, sorted(mine, key=lambda mark: mark.kind != counting.EXPOSURE))

    with ThreadPoolExecutor(50) as pool:
        refused = list(pool.map(tell, range(50)))
    assert_same(told(alice, shown.piece_id), marks)
    assert sum(sum(each.values()) for each in refused) == 49 * len(marks)
    with alice.reading() as session:
        assert visits.uncounted(session, shown.piece_id, START - timedelta(hours=1), END) == {
            "replayed": 49 * len(marks)
        }
        assert len(list(session.scalars(select(Exposure.visitor)))) == 60


def test_two_processes_closing_at_once_write_one_batch(alice: Tenant) -> None:
    shown = seen.piece(alice)
    marks = day(shown, 100, random.Random(8))
    record(alice, marks)

    def close(_number: int) -> int:
        with alice.writing() as session:
            return visits.close(session, LATER)

    with ThreadPoolExecutor(8) as pool:
        closed = list(pool.map(close, range(8)))
    assert sum(closed) >= len({counting.hour_of(m.at) for m in marks if m.kind == counting.EXPOSURE})
    assert_same(told(alice, shown.piece_id), marks)


def test_a_call_that_breaks_off_leaves_nothing(alice: Tenant) -> None:
    shown = seen.piece(alice)

    def broken() -> None:
        with alice.writing() as session:
            visits.record(session, day(shown, 5, random.Random(9)), {Tally("", START, "forged"): 1})
            raise RuntimeError("the end")

    with pytest.raises(RuntimeError, match="the end"):
        broken()
    with alice.reading() as session:
        for table in (Exposure, Conversion, VisitBatch, Uncounted):
            assert session.scalars(select(table)).all() == []
