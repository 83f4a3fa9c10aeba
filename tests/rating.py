"""Pieces with texts of their own, and people who rate them."""

from __future__ import annotations

from sqlalchemy import select

from regrow.domain import feedback as rules
from regrow.domain.contexts import Complexity
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import contexts, feedback, notes, topics
from regrow.store import content as content_store
from regrow.store.tables.content import Generation
from regrow.store.tables.personas import Persona
from tests.homes import Tenant

ANNA, BEN, CHRIS = "anna", "ben", "chris"


def person(tenant: Tenant, name: str, role: Role = Role.EDITOR) -> Actor:
    return Actor(tenant.id, f"key_{name}", role, name)


def written(tenant: Tenant, *bodies: str, context_id: str | None = None, medium: str = "social") -> list[str]:
    """Ids of pieces with these texts, all of one generation."""
    now = clock.now()
    with tenant.writing() as session:
        note = notes.create(session, tenant.owner, f"Note {ids.new('n')}", "Bread is good. " * 20)
        topic = topics.create(session, tenant.owner, [note.id], "Bread")
        persona = session.scalars(select(Persona)).first()
        assert persona is not None
        id = ids.new("gen")
        generation = Generation(
            id=id, line_id=id, task_id=ids.new("run"), topic_id=topic.id, persona_id=persona.id,
            cluster_note_ids=[note.id], topic_summary="", status="draft", warnings=[], created_at=now,
        )  # fmt: skip
        session.add(generation)
        session.flush()
        named = [ids.new("pie") for _ in bodies]
        pieces = [
            {
                "id": piece_id, "line_id": piece_id, "generation_id": generation.id, "campaign_id": None,
                "medium": medium, "sequence": number, "status": "draft", "version": 1, "meta": {"platform": "x"},
                "origin": "model", "provenance": {}, "context_id": context_id, "created_at": now, "updated_at": now,
            }
            for number, piece_id in enumerate(named, start=1)
        ]  # fmt: skip
        versions = [
            {
                "piece_id": id, "version": 1, "how": "written", "by": "write_social", "origin": "model",
                "provenance": {}, "at": now,
            }
            for id in named
        ]  # fmt: skip
        variants = [
            {
                "id": ids.new("var"), "piece_id": piece["id"], "label": "A", "version": 1, "content": {"body": body},
                "status": "draft", "by": "model", "created_at": now,
            }
            for piece, body in zip(pieces, bodies, strict=True)
        ]  # fmt: skip
        content_store.add_pieces(session, pieces, versions, variants)
        return [str(piece["id"]) for piece in pieces]


def finished(tenant: Tenant, is_closed: bool = True) -> str:
    with tenant.writing() as session:
        id = contexts.open_context(session, tenant.owner, "write_social", {}, Complexity.LOW, "run_x")
        if is_closed:
            contexts.close_done(session, contexts.Recording(id))
        return id


def give(tenant: Tenant, actor: Actor, piece_id: str, rating: str, comment: str = "") -> feedback.Given:
    with tenant.writing() as session:
        return feedback.give(session, actor, piece_id, rating, comment)


def summed(tenant: Tenant, piece_id: str) -> rules.Summary:
    with tenant.reading() as session:
        return feedback.of_piece(session, piece_id).summary
