"""Topic discovery among 100,000 notes and 500,000 links, against the bare recursive query over the same database."""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import topics
from regrow.store import database, migrate, tenancy
from regrow.store.tables.notes import Note, NoteLink
from regrow.store.tables.workspaces import Workspace

WORDS = (
    "dough oven steam crust crumb starter flour water salt heat bake knead fold rest rise shape score loaf rye wheat "
    "hydration gluten yeast acid sugar time temperature stone lid basket"
).split()
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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--notes", type=int, default=100_000)
    asked.add_argument("--links", type=int, default=500_000)
    asked.add_argument("--rounds", type=int, default=200)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in measure(Path(folder, "notes.db"), given.notes, given.links, given.rounds):
            print(json.dumps(line), flush=True)


def measure(path: Path, notes: int, links: int, rounds: int) -> Iterator[dict[str, Any]]:
    """One line per peer; ours and the peers take turns, so that the machine's load hits all alike."""
    engine = database.engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    workspace = ids.new("ws")
    with tenancy.system(), database.writing(engine) as session:
        session.add(Workspace(id=workspace, slug="bench", name="Bench", created_at=clock.now(), archived_at=None))
    note_ids = fill(engine, workspace, notes, links)
    actor = Actor(workspace, "key_bench", Role.OWNER)
    bare = sqlite3.connect(path)
    dice = random.Random(7)
    held: list[int] = []

    def discover() -> None:
        with database.writing(engine, workspace) as session:
            held.append(len(topics.discover(session, actor, random_seed=dice.randrange(2**31)).note_ids))

    def reach(depth: int) -> None:
        seed = note_ids[dice.randrange(len(note_ids))]
        bare.execute(BARE, (seed, workspace, depth, workspace, depth, 1_000)).fetchall()

    calls: list[Callable[[], None]] = [discover, lambda: reach(2), lambda: reach(3)]
    ours, two, three = timed(calls, rounds)
    for what, peer in (("bare recursive query, 2 links deep", two), ("bare recursive query, 3 links deep", three)):
        yield {
            "what": f"topic discovery, {notes} notes, {links} links, against the {what}",
            "ours": round(statistics.median(ours) * 1_000, 3),
            "peer": round(statistics.median(peer) * 1_000, 3),
            "unit": "ms, median",
            "ratio": round(statistics.median(ours) / statistics.median(peer), 2),
            "ours_p95": round(statistics.quantiles(ours, n=20)[-1] * 1_000, 3),
            "notes_in_a_topic": statistics.mean(held),
        }


def timed(calls: list[Callable[[], None]], rounds: int) -> list[list[float]]:
    for call in calls:
        for _ in range(20):
            call()
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, taken, strict=True):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
    return taken


def fill(engine: Any, workspace: str, notes: int, links: int) -> list[str]:
    """Notes of about 100 words in groups of 40; most links stay in the group, one in a hundred leads to an index."""
    dice = random.Random(1)
    note_ids = [ids.new("not") for _ in range(notes)]
    with database.writing(engine, workspace) as session:
        for start in range(0, notes, 5_000):
            rows = [_note(dice, id, start + n) for n, id in enumerate(note_ids[start : start + 5_000])]
            session.execute(insert(Note), rows)
        for start in range(0, links, 10_000):
            rows = [_link(dice, note_ids, n) for n in range(start, min(start + 10_000, links))]
            session.execute(insert(NoteLink), rows)
    return note_ids


def _note(dice: random.Random, id: str, number: int) -> dict[str, Any]:
    told = (f"{' '.join(dice.choices(WORDS, k=12)).capitalize()}." for _ in range(8))
    now = clock.now()
    return {
        "id": id, "source": "bench", "identity": f"n{number}", "path": f"{number % 300}/n{number}.md",
        "title": f"{dice.choice(WORDS).capitalize()} and {dice.choice(WORDS)} {number}", "body": " ".join(told), "tags": [],
        "aliases": [], "front_matter": {}, "warnings": [], "digest": hashlib.sha256(str(number).encode()).hexdigest(),
        "word_count": 96, "is_private": False, "version": 1, "created_at": now, "updated_at": now, "archived_at": None,
    }  # fmt: skip


def _link(dice: random.Random, note_ids: list[str], number: int) -> dict[str, Any]:
    start, chance = number % len(note_ids), dice.random()
    group = start // 40 * 40
    end = min(group + dice.randrange(40), len(note_ids) - 1) if chance < 0.7 else dice.randrange(len(note_ids))
    end = dice.randrange(20) if chance > 0.99 else end
    return {
        "note_id": note_ids[start], "position": number // len(note_ids), "kind": "wikilink", "target": f"n{end}",
        "name": f"n{end}", "heading": None, "alias": None, "to_note_id": note_ids[end],
    }  # fmt: skip


if __name__ == "__main__":
    main()
