"""Keeping a context around a block of code, against one bare INSERT and one bare UPDATE in their own transactions."""

from __future__ import annotations

import time

import sqlalchemy as sa

from benchmarks import homes, turns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from regrow.services import contexts
from regrow.store import database

ROUNDS = 300
SEED_MS = 5.0


def run(scale: float = 1.0) -> Result:
    """On each kind of database there is: `contexts.record` in turns with its two statements alone."""
    figures: list[Figure] = []
    for kind in homes.kinds(scale):
        turns.say(f"contexts on {kind}")
        with homes.opened(kind) as bench:
            figures += _measured(bench, kind, turns.scaled(ROUNDS, scale, 3))
    note = "The bare statements go through the same engine, with the values that a context has, without the ORM."
    return Result("contexts", tuple(figures), (note,))


def _measured(bench: Bench, kind: str, rounds: int) -> list[Figure]:
    bare = bare_table(bench, "bench_contexts", sa.Column("result", sa.JSON), sa.Column("finished", sa.Float))
    number = iter(range(10**9))

    def ours() -> None:
        with contexts.record(bench.writing, bench.owner, "bench", {"asked": 1}) as recording:
            recording.result = {"found": 3}

    def peer() -> None:
        key = f"ctx_{next(number)}"
        with bench.home.engine.begin() as connection:
            connection.execute(sa.insert(bare), {"id": key, "value": {"asked": 1}, "at": time.time()})
        with bench.home.engine.begin() as connection:
            end = {"result": {"found": 3}, "finished": time.time()}
            connection.execute(sa.update(bare).where(bare.c.id == key).values(**end))

    seconds = turns.taken([ours, peer], rounds, warm=20)
    mine, theirs = (tuple(each * 1_000 for each in one) for one in seconds)
    return [
        Figure(f"context, write and update, {kind}", "ms", mine, theirs, "one bare INSERT and one bare UPDATE", 3.0),
        Figure(f"the same, {kind}", "ms", mine, (SEED_MS,), "the seed's ceiling", 1.0),
    ]


def bare_table(bench: Bench, name: str, *more: sa.Column[object]) -> sa.Table:
    """A plain table beside ours, which the application may read and write."""
    columns = (sa.Column("id", sa.String(60), primary_key=True), sa.Column("value", sa.JSON), sa.Column("at", sa.Float))
    table = sa.Table(name, sa.MetaData(), *columns, *more)
    owner = database.engine(bench.owner_url, 2)
    table.create(owner)
    if not bench.home.settings.is_sqlite:
        role = database.user_of(bench.home.settings.url)
        with owner.begin() as connection:
            connection.exec_driver_sql(f'GRANT SELECT, INSERT, UPDATE ON {name} TO "{role}"')
    owner.dispose()
    return table
