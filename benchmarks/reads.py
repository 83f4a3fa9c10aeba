"""Authenticated reads through the API, against bare FastAPI routes with the same queries on the same database."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import children, homes, load, stored_pieces, turns
from benchmarks.figures import Figure, Result, only_told
from benchmarks.homes import Bench
from benchmarks.load import Target

GENERATIONS = 300
ROUNDS, WINDOW_SECONDS = 7, 1.2


def run(scale: float = 1.0) -> Result:
    """Both servers are child processes; their windows of load take turns."""
    with homes.opened() as bench:
        pieces = stored_pieces.fill(bench, turns.scaled(GENERATIONS, scale, 5))
        bench.home.close()
        url, folder = bench.home.settings.url, bench.home.settings.home
        with (
            children.serving("benchmarks.bare_api", [url, bench.id]) as bare,
            children.serving("regrow", ["--home", str(folder), "serve", "--port", "0"]) as ours,
        ):
            figures = _measured(bench, pieces, ours, bare, scale)
    note = "8 kept connections from one client; the server runs as `regrow serve` starts it, with its worker."
    return Result("reads", tuple(figures), (note,))


def _measured(bench: Bench, pieces: Sequence[str], ours: int, bare: int, scale: float) -> list[Figure]:
    some = pieces[:: max(len(pieces) // 200, 1)]
    key = {"Authorization": f"Bearer {bench.api_key}"}
    figures: list[Figure] = []
    for what, paths in (("one piece", [f"/pieces/{id}" for id in some]), ("20 pieces", ["/pieces?limit=20"])):
        targets = (
            Target(ours, [f"/api/content{path}" for path in paths], key),
            Target(bare, [f"/ready{path}" for path in paths], {}),
            Target(bare, paths, {}),
        )
        turns.say(f"reading {what} through the API")
        mine, ready, encoded = _rates(targets, turns.scaled(ROUNDS, scale), WINDOW_SECONDS * max(scale, 0.25))
        what = f"API read of {what}, authenticated"
        figures += [
            Figure(what, "requests/s", mine, ready, "a bare route that returns ready JSON", 0.6, "at least"),
            only_told(what, "requests/s", mine, encoded, "a bare route that FastAPI encodes"),
        ]
    return figures


def _rates(targets: Sequence[Target], rounds: int, seconds: float) -> list[tuple[float, ...]]:
    for target in targets:
        load.per_second(target, min(seconds, 0.5))
    taken: list[list[float]] = [[] for _ in targets]
    for _ in range(rounds):
        for target, rates in zip(targets, taken, strict=True):
            rates.append(load.per_second(target, seconds))
    return [tuple(each) for each in taken]
