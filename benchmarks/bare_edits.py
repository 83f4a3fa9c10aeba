"""The peer of a change by hand: one UPDATE and three INSERTs of the same size in one transaction, without the ORM."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from benchmarks.contexts import bare_table
from benchmarks.homes import Bench
from regrow.kit import ids

TOLD = "one bare UPDATE and three bare INSERTs in one transaction"
TEXT: dict[str, Any] = {"title": "", "body": "By hand, for the 100. time.", "hashtags": ["bread"], "sources": []}


class BareEdits:
    """A row that is changed again and again, and three tables that each change adds a row to."""

    def __init__(self, bench: Bench) -> None:
        self._engine = bench.home.engine
        self._changed = bare_table(bench, "bench_pieces")
        self._added = [bare_table(bench, f"bench_{name}") for name in ("variants", "versions", "audit")]
        with self._engine.begin() as connection:
            connection.execute(sa.insert(self._changed), {"id": "one", "value": {}, "at": time.time()})

    def change(self) -> None:
        now = time.time()
        with self._engine.begin() as connection:
            wanted = sa.update(self._changed).where(self._changed.c.id == "one")
            connection.execute(wanted.values(value=TEXT, at=now))
            for table in self._added:
                connection.execute(sa.insert(table), {"id": ids.new("bench"), "value": TEXT, "at": now})
