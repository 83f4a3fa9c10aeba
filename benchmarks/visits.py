"""Assigning readers, and taking their beacons against bare INSERTs; both again with ten times the visitors."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import insert

from benchmarks import contexts, homes, stored_pieces, turns
from benchmarks.figures import Figure, Result, only_told
from benchmarks.homes import Bench
from regrow.domain.visits import assignment, counting
from regrow.domain.visits.counting import Mark
from regrow.kit import clock
from regrow.services import visits
from regrow.store import content as content_store
from regrow.store.tables.visits import Conversion, Exposure

IDS, ROUNDS, BEACONS, VISITORS, TENFOLD = 20_000, 12, 500, 10_000, 10
NEEDED_A_SECOND = 50_000.0
GROWTH = 1.5
SHARES = {"A": 0.5, "B": 0.5}


def run(scale: float = 1.0) -> Result:
    """Assignments alone, then each kind of database there is."""
    figures = [_assigned(turns.scaled(IDS, scale, 100), turns.scaled(ROUNDS, scale, 3))]
    for kind in homes.kinds(scale):
        turns.say(f"beacons on {kind}")
        with homes.opened(kind) as small, homes.opened(kind) as large:
            figures += _measured(kind, small, large, scale)
    notes = (
        f"Beacons are written {BEACONS} in a transaction, as they come at once, half of them exposures, half clicks; "
        "the bare INSERTs write as many rows in one statement, without looking whether they were there.",
        "Buckets of an hour over a day; in the larger home every hour holds ten times the visitors.",
    )
    return Result("visits", tuple(figures), notes)


def _assigned(count: int, rounds: int) -> Figure:
    key, ids = secrets.token_bytes(32), [secrets.token_urlsafe(16) for _ in range(count)]

    def assign() -> None:
        for id in ids:
            assignment.assign(key, "pie_1", id, SHARES)

    [seconds] = turns.taken([assign], rounds)
    ours = tuple(count / each for each in seconds)
    return Figure("assignments", "a second", ours, (NEEDED_A_SECOND,), "the floor we set ourselves", 1.0, "at least")


class Visited:
    """One piece of a home with so many visitors over a day, and the marks of more."""

    def __init__(self, bench: Bench, visitors: int) -> None:
        self.bench = bench
        self.piece_id = stored_pieces.fill(bench, 1)[0]
        with bench.reading() as session:
            self.variants = [row.id for row in content_store.newest_variants(session, [self.piece_id])[self.piece_id]]
        self.until = counting.hour_of(clock.now())
        self.since = self.until - timedelta(days=1)
        self._fill(visitors)

    def tell(self, count: int) -> None:
        """Beacons of new readers in one transaction."""
        now = clock.now()
        marks = []
        for number in range(count // 2):
            variant_id, visitor = self.variants[number % 2], secrets.token_hex(16)
            for kind in (counting.EXPOSURE, "cta"):
                marks.append(Mark(kind, self.piece_id, variant_id, visitor, 1, now, now))
        with self.bench.writing() as session:
            visits.record(session, marks)

    def count(self) -> object:
        with self.bench.reading() as session:
            return visits.counts(session, self.piece_id, self.since, self.until, 3600)

    def close(self) -> None:
        with self.bench.writing() as session:
            visits.close(session, self.until + timedelta(hours=2))

    def _fill(self, visitors: int) -> None:
        step = timedelta(days=1) / visitors
        names = [secrets.token_hex(16) for _ in range(visitors)]
        shown = [
            {
                "piece_id": self.piece_id,
                "visitor": name,
                "variant_id": self.variants[n % 2],
                "at": self.since + step * n,
            }
            for n, name in enumerate(names)
        ]
        done = [
            {"piece_id": self.piece_id, "visitor": row["visitor"], "metric": "cta", "value": 1, "at": row["at"]}
            for row in shown[::5]
        ]
        with self.bench.writing() as session:
            session.execute(insert(Exposure).execution_options(dml_strategy="raw"), shown)
            session.execute(insert(Conversion).execution_options(dml_strategy="raw"), done)


def _measured(kind: str, small: Bench, large: Bench, scale: float) -> list[Figure]:
    few, rounds = turns.scaled(VISITORS, scale, 200), turns.scaled(ROUNDS, scale, 3)
    count = turns.scaled(BEACONS, scale, 20) // 2 * 2
    ours, tenfold = Visited(small, few), Visited(large, few * TENFOLD)
    acts = [lambda: tenfold.tell(count), lambda: ours.tell(count), _bare(small, count)]
    many, mine, bare = (tuple(count / each for each in one) for one in turns.taken(acts, rounds, warm=2))
    size = f"{few:,} to {few * TENFOLD:,} visitors, {kind}"
    figures = [
        only_told(f"beacons, {kind}", "a second", mine, bare, "bare INSERTs, as many at once"),
        Figure(f"growth of beacons, {size}", "a second", many, mine, "a tenth of the visitors", 1 / GROWTH, "at least"),
    ]
    for visited in (ours, tenfold):
        visited.close()
    larger, smaller = (_ms(each) for each in turns.taken([tenfold.count, ours.count], rounds, warm=1))
    return [
        *figures,
        Figure(f"growth of a day's counts, {size}", "ms", larger, smaller, "a tenth of the visitors", GROWTH),
    ]


def _ms(seconds: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(each * 1_000 for each in seconds)


def _bare(bench: Bench, count: int) -> Callable[[], None]:
    table = contexts.bare_table(bench, "bench_visits")

    def write() -> None:
        rows = [{"id": secrets.token_hex(16), "value": 1, "at": time.time()} for _ in range(count)]
        with bench.home.engine.begin() as connection:
            connection.execute(sa.insert(table), rows)

    return write
