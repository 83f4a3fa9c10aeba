"""Many generations with their pieces and variants straight into the database, for measurements that read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from benchmarks import linked_notes
from benchmarks.homes import Bench
from benchmarks.instant import BODIES, POSTS
from regrow.kit import clock, ids
from regrow.services import personas, topics
from regrow.store.tables.content import Generation, Piece, Variant

MEDIA = ("blog", *("social",) * 5)
LABELS = ("A", "B")
AT_ONCE = 500
NOTES = 400


def fill(bench: Bench, generations: int, scale: float = 1.0) -> list[str]:
    """That many generations of one article and five posts in two variants each; the ids of all pieces in order."""
    notes = max(round(NOTES * scale), 40)
    linked_notes.fill(bench.home.engine, bench.id, notes, notes * 5)
    with bench.writing() as session:
        topic = topics.discover(session, bench.owner, random_seed=1)
        about = {"topic_id": topic.id, "persona_id": personas.chosen(session, None).id, "note_ids": topic.note_ids}
    pieces: list[str] = []
    for start in range(0, generations, AT_ONCE):
        pieces += _some(bench, about, min(AT_ONCE, generations - start))
    return pieces


def _some(bench: Bench, about: dict[str, Any], count: int) -> list[str]:
    rows = [_generation(about) for _ in range(count)]
    pieces = [_piece(row["id"], place, about["note_ids"]) for row in rows for place in range(len(MEDIA))]
    variants = [_variant(piece, number) for piece in pieces for number in range(len(LABELS))]
    with bench.writing() as session:
        for table, values in ((Generation, rows), (Piece, pieces), (Variant, variants)):
            session.execute(insert(table).execution_options(dml_strategy="raw", render_nulls=True), values)
    return [piece["id"] for piece in pieces]


def _generation(about: dict[str, Any]) -> dict[str, Any]:
    id = ids.new("gen")
    return {
        "id": id, "line_id": id, "task_id": ids.new("run"), "topic_id": about["topic_id"],
        "persona_id": about["persona_id"], "campaign_id": None, "seed_note_id": about["note_ids"][0],
        "cluster_note_ids": about["note_ids"], "topic_summary": BODIES[0], "status": "draft", "regeneration_of": None,
        "warnings": [], "context_id": None, "created_at": clock.now(),
    }  # fmt: skip


def _piece(generation_id: str, place: int, note_ids: list[str]) -> dict[str, Any]:
    now = clock.now()
    provenance: dict[str, Any] = {"function": "write", "template": "bench", "template_version": 1, "sources": note_ids}
    id = ids.new("pie")
    return {
        "id": id, "line_id": id, "generation_id": generation_id, "campaign_id": None, "medium": MEDIA[place],
        "sequence": place or 1, "status": "draft", "version": 1, "parent_piece_id": None, "meta": {}, "guard": None,
        "origin": "model", "provenance": provenance, "context_id": None, "created_at": now, "updated_at": now,
    }  # fmt: skip


def _variant(piece: dict[str, Any], number: int) -> dict[str, Any]:
    if piece["medium"] == "blog":
        content: dict[str, Any] = {"title": f"Notes, read as {LABELS[number]}", "body": "\n\n".join(BODIES * 5)}
    else:
        content = {"title": "", "body": POSTS[number], "hashtags": ["bread"]}
    return {
        "id": ids.new("var"), "piece_id": piece["id"], "label": LABELS[number], "version": 1, "content": content,
        "status": "draft", "parent_variant_id": None, "experiment_id": None, "by": "model",
        "created_at": piece["created_at"],
    }  # fmt: skip
