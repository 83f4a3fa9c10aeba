"""Many linked notes straight into the database, for measurements that need the graph and not the import."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from sqlalchemy import insert

from regrow.kit import clock, ids
from regrow.store import database
from regrow.store.tables.notes import Note, NoteLink

WORDS = (
    "dough oven steam crust crumb starter flour water salt heat bake knead fold rest rise shape score loaf rye wheat "
    "hydration gluten yeast acid sugar time temperature stone lid basket"
).split()
GROUP = 40


def fill(engine: database.Engine, workspace: str, notes: int, links: int) -> list[str]:
    """Notes of about 100 words in groups of 40; most links stay in the group, one in a hundred leads to an index."""
    dice = random.Random(1)
    note_ids = [ids.new("not") for _ in range(notes)]
    with database.writing(engine, workspace) as session:
        for start in range(0, notes, 5_000):
            rows = [_note(dice, id, start + n) for n, id in enumerate(note_ids[start : start + 5_000])]
            session.execute(insert(Note).execution_options(dml_strategy="raw", render_nulls=True), rows)
        for start in range(0, links, 10_000):
            rows = [_link(dice, note_ids, n) for n in range(start, min(start + 10_000, links))]
            session.execute(insert(NoteLink).execution_options(dml_strategy="raw", render_nulls=True), rows)
    return note_ids


def _note(dice: random.Random, id: str, number: int) -> dict[str, Any]:
    told = (f"{' '.join(dice.choices(WORDS, k=12)).capitalize()}." for _ in range(8))
    now = clock.now()
    return {
        "id": id, "source": "bench", "identity": f"n{number}", "path": f"{number % 300}/n{number}.md",
        "title": f"{dice.choice(WORDS).capitalize()} and {dice.choice(WORDS)} {number}", "body": " ".join(told),
        "tags": [], "aliases": [], "front_matter": {}, "warnings": [],
        "digest": hashlib.sha256(str(number).encode()).hexdigest(),
        "word_count": 96, "is_private": False, "version": 1, "created_at": now, "updated_at": now, "archived_at": None,
    }  # fmt: skip


def _link(dice: random.Random, note_ids: list[str], number: int) -> dict[str, Any]:
    start, chance = number % len(note_ids), dice.random()
    group = start // GROUP * GROUP
    end = min(group + dice.randrange(GROUP), len(note_ids) - 1) if chance < 0.7 else dice.randrange(len(note_ids))
    end = dice.randrange(min(20, len(note_ids))) if chance > 0.99 else end
    return {
        "note_id": note_ids[start], "position": number // len(note_ids), "kind": "wikilink", "target": f"n{end}",
        "name": f"n{end}", "heading": None, "alias": None, "to_note_id": note_ids[end],
    }  # fmt: skip
