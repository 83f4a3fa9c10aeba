"""Pieces with two variants for tests of visits, and the smallest site that shows them."""

from __future__ import annotations

import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import insert
from starlette.responses import HTMLResponse

from regrow import settings, wiring
from regrow.adapters.sealing import FernetSealer
from regrow.domain.visits import assignment
from regrow.domain.visits import beacons as domain_beacons
from regrow.domain.visits.beacons import Ticket
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


@dataclass(frozen=True)
class Face:
    label: str
    variant_id: str


@dataclass(frozen=True)
class Article:
    piece_id: str
    faces: tuple[Face, ...]


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
        piece = pages[slug]
        faces = tuple(Face(label, id) for label, id in piece.variants.items())
        shown = visiting.choose(request, tenant.id, Article(piece.piece_id, faces))
        link = '<a href="https://elsewhere.example/" id="out">Out</a> <button data-cta>Try</button>'
        place = f"/s/{workspace}/seen"
        script = f'<script src="{place}.js" data-address="{place}" data-token="{shown.token}" defer></script>'
        told = f"<main><div data-text>{shown.label} {link}</div></main>{script if shown.token else ''}"
        response = HTMLResponse(told)
        shown.keep(response)
        return response

    return app


@contextmanager
def open_site(tenant: Tenant, pages: dict[str, Shown]) -> Iterator[FastAPI]:
    # Several machines may share a PostgreSQL, so there a secret is never made by itself.
    tenant.home.__dict__["sealer"] = FernetSealer("k" * 40, None)
    app = site(tenant, pages)
    try:
        yield app
    finally:
        app.state.visiting.close()


def ticketed(visits: visiting.Visiting, tenant: Tenant, shown: Shown) -> tuple[str, str]:
    """A new reader's cookie, and a token of theirs that was made a while ago."""
    id, keys = secrets.token_urlsafe(16), visits.keys(tenant.id)
    label = assignment.assign(keys.assigning, shown.piece_id, id, dict.fromkeys(shown.variants, 1.0))
    name = assignment.pseudonym(keys.naming, shown.piece_id, id)
    issued_at = clock.now() - timedelta(seconds=5)
    ticket = Ticket(tenant.id, shown.piece_id, shown.variants[label], label, name, issued_at)
    return f"{visiting.COOKIE}={id}.{visiting._seal(visits, id, 0)}", domain_beacons.sealed(keys.signing[0], ticket)


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    # With the protocol named, or asyncio leaves Nagle's algorithm on and every answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.listen(256)
        yield heard, heard.getsockname()[1]


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real server on loopback."""
    with listening() as (heard, port):
        made = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=made.run, args=([heard],), name="site")
        thread.start()
        while not made.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        made.should_exit = True
        thread.join()


def child() -> None:
    """A site in a process of its own, which tests may kill; says its port."""
    spec = json.loads(sys.argv[1])
    spec["settings"]["home"] = Path(spec["settings"]["home"])
    home = wiring.open_home(settings.Settings(**spec["settings"]))
    tenant = Tenant(home, spec["workspace_id"], "")
    with listening() as (heard, port), open_site(tenant, {"bread": Shown(spec["piece_id"], spec["variants"])}) as app:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run([heard])


if __name__ == "__main__":
    child()
