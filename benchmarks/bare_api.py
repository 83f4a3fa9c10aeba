"""The peer of the API: plain FastAPI routes that run the same queries with a plain session and return the same JSON."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from regrow.store import database
from regrow.store.tables.content import Piece, Variant

LONGEST_SECONDS = 600
"""A server that nobody stops leaves by itself."""


def make_app(engine: database.Engine, workspace_id: str) -> FastAPI:
    """Each address twice: with FastAPI's own encoding of what a route returns, and with ready JSON."""
    app = FastAPI()
    reading = engine.execution_options(**{database.READ: True})

    def one(id: str) -> dict[str, Any]:
        with Session(reading) as session:
            wanted = select(Piece).where(Piece.id == id, Piece.workspace_id == workspace_id)
            return _shaped(session, workspace_id, [session.scalars(wanted).one()])[0]

    def some(limit: int = 50) -> dict[str, Any]:
        with Session(reading) as session:
            wanted = select(Piece).where(Piece.workspace_id == workspace_id).order_by(Piece.id).limit(limit + 1)
            rows = session.scalars(wanted).all()
            return {"items": _shaped(session, workspace_id, rows[:limit]), "next_cursor": rows[-1].id}

    def one_ready(id: str) -> JSONResponse:
        return JSONResponse(one(id))

    def some_ready(limit: int = 50) -> JSONResponse:
        return JSONResponse(some(limit))

    app.get("/pieces/{id}")(one)
    app.get("/pieces")(some)
    app.get("/ready/pieces/{id}")(one_ready)
    app.get("/ready/pieces")(some_ready)
    return app


def _shaped(session: Session, workspace_id: str, rows: Sequence[Piece]) -> list[dict[str, Any]]:
    newest = (
        select(Variant.piece_id, Variant.label, func.max(Variant.version).label("version"))
        .where(Variant.piece_id.in_([row.id for row in rows]), Variant.workspace_id == workspace_id)
        .group_by(Variant.piece_id, Variant.label)
        .subquery()
    )
    same = (
        Variant.piece_id == newest.c.piece_id,
        Variant.label == newest.c.label,
        Variant.version == newest.c.version,
    )
    found: dict[str, list[Variant]] = {row.id: [] for row in rows}
    wanted = select(Variant).join(newest, and_(*same)).where(Variant.workspace_id == workspace_id)
    for variant in session.scalars(wanted.order_by(Variant.piece_id, Variant.label)):
        found[variant.piece_id].append(variant)
    return [_piece(row, [_variant(variant) for variant in found[row.id]]) for row in rows]


def _piece(row: Piece, variants: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id, "generation_id": row.generation_id, "campaign_id": row.campaign_id, "medium": row.medium,
        "sequence": row.sequence, "status": row.status, "version": row.version, "parent_piece_id": row.parent_piece_id,
        "title": variants[0]["content"]["title"], "body": variants[0]["content"]["body"], "meta": row.meta,
        "guard": row.guard, "origin": row.origin, "provenance": row.provenance, "variants": variants, "trigger": None,
        "context_id": row.context_id, "created_at": row.created_at.isoformat(),
    }  # fmt: skip


def _variant(row: Variant) -> dict[str, Any]:
    return {
        "id": row.id, "label": row.label, "version": row.version, "content": row.content, "status": row.status,
        "parent_variant_id": row.parent_variant_id, "experiment_id": row.experiment_id,
        "created_at": row.created_at.isoformat(),
    }  # fmt: skip


def main() -> None:
    """Serves on a free port of loopback until told to stop, at most ten minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("workspace_id")
    given = parser.parse_args()
    app = make_app(database.engine(given.url), given.workspace_id)
    # The protocol is named because the event loop turns delays by Nagle's algorithm off only where it sees TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        timer = threading.Timer(LONGEST_SECONDS, signal.raise_signal, (signal.SIGTERM,))
        timer.daemon = True
        timer.start()
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server.run([listener])


if __name__ == "__main__":
    main()
