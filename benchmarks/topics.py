"""Topic discovery among 100,000 notes and 500,000 links, against the bare recursive query over the same database."""

from __future__ import annotations

import random
import sqlite3
import statistics

from benchmarks import homes, linked_notes, turns
from benchmarks.figures import Figure, Result, only_told
from benchmarks.homes import Bench
from regrow.services import topics

NOTES, LINKS = 100_000, 500_000
BARE = """
WITH RECURSIVE reached(id, depth) AS (
    SELECT ?, 0
    UNION SELECT l.to_note_id, depth + 1 FROM reached JOIN note_links l ON l.workspace_id = ? AND l.note_id = reached.id
    WHERE depth < ? AND l.to_note_id IS NOT NULL
    UNION SELECT l.note_id, depth + 1 FROM reached JOIN note_links l
    ON l.workspace_id = ? AND l.to_note_id = reached.id WHERE depth < ?
) SELECT DISTINCT n.id, n.title FROM reached JOIN notes n ON n.id = reached.id LIMIT ?
"""
"""Both directions, each through its index: the fastest way found to write it."""


def run(scale: float = 1.0) -> Result:
    """Discoveries from drawn seeds in turns with the bare query, two and three links deep, from drawn seeds."""
    notes, links = turns.scaled(NOTES, scale, 400), turns.scaled(LINKS, scale, 2_000)
    with homes.opened() as bench:
        turns.say(f"writing {notes} notes and {links} links")
        note_ids = linked_notes.fill(bench.home.engine, bench.id, notes, links)
        return _measured(bench, note_ids, f"{notes:,} notes, {links:,} links", turns.scaled(200, scale, 5))


def _measured(bench: Bench, note_ids: list[str], size: str, rounds: int) -> Result:
    bare = sqlite3.connect(bench.home.settings.url.removeprefix("sqlite:///"))
    dice = random.Random(7)
    held: list[int] = []

    def discover() -> None:
        with bench.writing() as session:
            held.append(len(topics.discover(session, bench.owner, random_seed=dice.randrange(2**31)).note_ids))

    def reach(depth: int) -> None:
        seed = note_ids[dice.randrange(len(note_ids))]
        bare.execute(BARE, (seed, bench.id, depth, bench.id, depth, 1_000)).fetchall()

    turns.say(f"{rounds} discoveries")
    seconds = turns.taken([discover, lambda: reach(2), lambda: reach(3)], rounds, warm=20)
    bare.close()
    ours, two, three = (tuple(each * 1_000 for each in one) for one in seconds)
    what = f"topic discovery, {size}"
    return Result(
        "topics",
        (
            Figure(what, "ms", ours, three, "the bare recursive query, 3 links deep", 3.0),
            only_told(what, "ms", ours, two, "the bare recursive query, 2 links deep"),
        ),
        (f"A topic held {statistics.mean(held):.1f} notes on average; discovery also writes it, with its audit row.",),
    )
