"""Point reads and pages with ten times the rows: in the store, and through the API."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from benchmarks import children, homes, load, stored_pieces, turns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from benchmarks.load import Target
from regrow.api import pieces as shapes
from regrow.services import editing
from regrow.store import records
from regrow.store.tables.content import Piece

GENERATIONS, TENFOLD = 300, 10
ROUNDS, TURNS, REQUESTS = 200, 5, 60
GOAL = 1.5


def run(scale: float = 1.0) -> Result:
    """Two homes, the second with ten times the rows of the first; reads of both take turns."""
    few = turns.scaled(GENERATIONS, scale, 2)
    with homes.opened() as small, homes.opened() as large:
        turns.say(f"writing {few} and {few * TENFOLD} generations")
        small_ids, large_ids = (
            stored_pieces.fill(bench, count, scale) for bench, count in ((small, few), (large, few * TENFOLD))
        )
        size = f"{len(small_ids):,} to {len(large_ids):,} pieces"
        figures = _stored(small, small_ids, large, large_ids, size, turns.scaled(ROUNDS, scale, 3))
        for bench in (small, large):
            bench.home.close()
        figures += _served(small, small_ids, large, large_ids, size, scale)
    return Result("growth", tuple(figures), ())


def _stored(
    small: Bench, small_ids: Sequence[str], large: Bench, large_ids: Sequence[str], size: str, rounds: int
) -> list[Figure]:
    point = turns.taken([_point(large, large_ids), _point(small, small_ids)], rounds, warm=10)
    page = turns.taken([_page(large), _page(small)], max(rounds // 2, 2), warm=10)
    return [
        _figure(f"growth of a point read in the store, {size}", *point),
        _figure(f"growth of a page of 20 in the store, {size}", *page),
    ]


def _point(bench: Bench, piece_ids: Sequence[str]) -> Callable[[], object]:
    dice = random.Random(3)

    def read() -> object:
        with bench.reading() as session:
            row = editing.found(session, Piece, piece_ids[dice.randrange(len(piece_ids))], "piece")
            return shapes.pieces(session, [row])

    return read


def _page(bench: Bench) -> Callable[[], object]:
    def read() -> object:
        with bench.reading() as session:
            return shapes.pieces(session, records.page(session, Piece, 20).items)

    return read


def _served(
    small: Bench, small_ids: Sequence[str], large: Bench, large_ids: Sequence[str], size: str, scale: float
) -> list[Figure]:
    requests = turns.scaled(REQUESTS, scale, 5)
    with _server(small) as small_port, _server(large) as large_port:
        turns.say("reading through the API")
        targets = (_target(large, large_ids, large_port), _target(small, small_ids, small_port))
        for target in targets:
            load.latencies(target, requests)
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(turns.scaled(TURNS, scale)):
            for target, times in zip(targets, taken, strict=True):
                times += load.latencies(target, requests)
    return [_figure(f"growth of a point read through the API, {size}", *taken)]


def _server(bench: Bench) -> children.Serving:
    return children.serving("regrow", ["--home", str(bench.home.settings.home), "serve", "--port", "0"])


def _target(bench: Bench, piece_ids: Sequence[str], port: int) -> Target:
    some = piece_ids[:: max(len(piece_ids) // 500, 1)]
    paths = [f"/api/content/pieces/{id}" for id in some]
    return Target(port, paths, {"Authorization": f"Bearer {bench.api_key}"})


def _figure(what: str, large: Sequence[float], small: Sequence[float]) -> Figure:
    ours, peer = (tuple(each * 1_000 for each in one) for one in (large, small))
    return Figure(what, "ms", ours, peer, "a tenth of the rows", GOAL)
