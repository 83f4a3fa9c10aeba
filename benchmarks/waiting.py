"""Fifty callers who wait for a model that takes five seconds, and what others get of the server meanwhile."""

from __future__ import annotations

import asyncio
import json
import time

from benchmarks import children, homes, load, stored_pieces, turns
from benchmarks.figures import Figure, Result, against_limit
from benchmarks.load import Connection
from regrow.services import topics

CALLERS, MODEL_SECONDS = 50, 5
EVERY_SECONDS = 0.05
MOST_SECONDS, WORST_SECONDS = 8.0, 0.3
KEY = "sk-bench-loopback"


def run(scale: float = 1.0) -> Result:
    """Two batches on one server: the first finds it fresh from its start, the second warm."""
    callers = turns.scaled(CALLERS, scale, 3)
    delay = MODEL_SECONDS if scale >= 0.1 else 0.2
    with homes.opened() as bench:
        piece = stored_pieces.fill(bench, 20)[0]
        with bench.writing() as session:
            topic_id = topics.discover(session, bench.owner, random_seed=1).id
        bench.home.close()
        model = ["--key", KEY, "--seconds", "300"]
        with children.serving("regrow.testing.openai_server", model) as port:
            settings = {
                "REGROW_MODELS": f"openai:slow-{delay}s",
                "OPENAI_API_KEY": KEY,
                "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            }
            arguments = ["--home", str(bench.home.settings.home), "serve", "--port", "0"]
            with children.serving("regrow", arguments, settings) as server:
                key = {"Authorization": f"Bearer {bench.api_key}"}
                rounds = [_batch(server, key, topic_id, piece, callers, name) for name in ("fresh", "warm")]
    return Result("waiting", tuple(figure for each in rounds for figure in each), ())


def _batch(port: int, key: dict[str, str], topic_id: str, piece: str, callers: int, name: str) -> list[Figure]:
    turns.say(f"{callers} callers wait, server {name}")
    batch, health, reads = asyncio.run(asyncio.wait_for(_waited(port, key, topic_id, piece, callers), 120))
    return [
        against_limit(f"{callers} callers of a slow model, server {name}: whole batch", "s", [batch], MOST_SECONDS),
        against_limit(f"/healthz meanwhile, server {name}, worst", "s", health, WORST_SECONDS),
        against_limit(f"reading a piece meanwhile, server {name}, worst", "s", reads, WORST_SECONDS),
    ]


async def _waited(
    port: int, key: dict[str, str], topic_id: str, piece: str, callers: int
) -> tuple[float, list[float], list[float]]:
    over = asyncio.Event()
    health = asyncio.create_task(load.beside(port, [load.head("GET", "/healthz", {})], EVERY_SECONDS, over.is_set))
    request = load.head("GET", f"/api/content/pieces/{piece}", key)
    reads = asyncio.create_task(load.beside(port, [request], EVERY_SECONDS, over.is_set))
    body = json.dumps({"topic_id": topic_id, "media": ["blog"]}).encode()
    wanted = load.head("POST", "/api/content/generate", key, body)
    connections = [await Connection.to(port) for _ in range(callers)]
    began = time.perf_counter()
    try:
        await asyncio.gather(*(load.timed(each, wanted, 201) for each in connections))
        batch = time.perf_counter() - began
    finally:
        over.set()
        for each in connections:
            each.close()
    return batch, await health, await reads
