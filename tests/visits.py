"""Pieces with two variants for tests of visits, and the smallest site that shows them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import insert
from starlette.responses import HTMLResponse

from regrow.kit import clock, ids
from regrow.services import personas
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.topics import Topic
from regrow.web import beacons, visiting
from tests.homes import Tenant


@dataclass(frozen=True)
class Shown:
    """A piece and its variants' ids by label."""

    piece_id: str
    variants: dict[str, str]


def piece(tenant: Tenant, labels: str = "AB") -> Shown:
    """A piece straight in the database: who visits it does not care how it was written."""
    now = clock.now()
    made = Shown(ids.new("pie"), {label: ids.new("var") for label in labels})
    with tenant.writing() as session:
        topic_id, generation_id = ids.new("top"), ids.new("gen")
        persona_id = personas.chosen(session, None).id
        rows: list[tuple[Any, list[dict[str, Any]]]] = [
            (Topic, [_topic(topic_id)]),
            (Generation, [_generation(generation_id, topic_id, persona_id)]),
            (Piece, [_piece(made.piece_id, generation_id)]),
            (Variant, [_variant(id, made.piece_id, label) for label, id in made.variants.items()]),
        ]
        for table, values in rows:
            for value in values:
                value.setdefault("created_at", now)
            session.execute(insert(table), values)
    return made


def _topic(id: str) -> dict[str, Any]:
    return {
        "id": id, "kind": "notes", "seed_note_id": None, "note_ids": [], "title": "Bread", "summary": "", "why": "",
        "random_seed": 1, "version": 1, "updated_at": clock.now(), "archived_at": None,
    }  # fmt: skip


def _generation(id: str, topic_id: str, persona_id: str) -> dict[str, Any]:
    return {
        "id": id, "line_id": id, "task_id": ids.new("run"), "topic_id": topic_id, "persona_id": persona_id,
        "campaign_id": None, "seed_note_id": None, "cluster_note_ids": [], "topic_summary": "", "status": "published",
        "regeneration_of": None, "warnings": [], "context_id": None,
    }  # fmt: skip


def _piece(id: str, generation_id: str) -> dict[str, Any]:
    return {
        "id": id, "line_id": id, "generation_id": generation_id, "campaign_id": None, "medium": "blog", "sequence": 1,
        "status": "published", "version": 1, "parent_piece_id": None, "meta": {}, "guard": None, "origin": "model",
        "provenance": {}, "context_id": None, "updated_at": clock.now(),
    }  # fmt: skip


def _variant(id: str, piece_id: str, label: str) -> dict[str, Any]:
    content = {"title": f"Bread {label}", "body": "Bake it."}
    return {
        "id": id, "piece_id": piece_id, "label": label, "version": 1, "content": content, "status": "live",
        "parent_variant_id": None, "experiment_id": None, "by": "model",
    }  # fmt: skip


def site(tenant: Tenant, pages: dict[str, Shown]) -> FastAPI:
    """The beacons' own routes, and pages that say no more than which variant they show."""
    app = FastAPI()
    app.state.visiting = visiting.Visiting(tenant.home)
    app.router.routes.extend(beacons.router.routes)

    @app.get("/s/{workspace}/{slug}")
    async def page(request: Request, workspace: str, slug: str) -> HTMLResponse:
        visit = visiting.visitor_of(request)
        shown = visiting.show(request, tenant.id, visit, pages[slug].piece_id, pages[slug].variants)
        token = html.escape(shown.token or "")
        body = (
            f'<main data-text>{shown.label}</main><script data-token="{token}" src="/s/{workspace}/seen.js"></script>'
        )
        response = HTMLResponse(body)
        visiting.keep(response, request, visit)
        return response

    return app


@contextmanager
def open_site(tenant: Tenant, pages: dict[str, Shown]) -> Iterator[FastAPI]:
    app = site(tenant, pages)
    try:
        yield app
    finally:
        app.state.visiting.close()
