"""Pages of the built-in site a second, the slowest of them, and what ten times the articles make of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks import children, homes, load, turns
from benchmarks.figures import Figure, Result, only_told
from benchmarks.instant import BODIES
from benchmarks.load import Target
from tests import published
from tests.homes import Tenant

ARTICLES, TIMES = 200, 10
ROUNDS, WINDOW_SECONDS, IN_TURN = 7, 1.2, 300
GROWTH_ROUNDS, GROWTH_REQUESTS = 9, 40
BODY = "\n\n".join(BODIES * 4)
LEAST_RATE, MOST_GROWTH = 0.25, 1.5


def run(scale: float = 1.0) -> Result:
    """Both servers are child processes that take turns; then the same server with more articles."""
    with homes.opened() as bench:
        press = published.press(Tenant(bench.home, bench.id, bench.api_key))
        few = press.many(turns.scaled(ARTICLES, scale, 3), BODY)
        bench.home.close()
        arguments = ["--home", str(bench.home.settings.home), "serve", "--port", "0"]
        with (
            children.serving("benchmarks.bare_site", []) as bare,
            children.serving("regrow", arguments) as ours,
        ):
            figures = _rates(_paths(press.slug, few), ours, bare, scale)
            growth = _grown(press, few, ours, scale)
    note = (
        "One article with its whole page; the peer renders a page of the same size from a Jinja template, no database."
    )
    return Result("site", (*figures, *growth), (note,))


def _paths(site: str, slugs: Sequence[str]) -> list[str]:
    return [f"/s/{site}/{slug}" for slug in slugs[:: max(len(slugs) // 100, 1)]]


def _rates(paths: Sequence[str], ours: int, bare: int, scale: float) -> list[Figure]:
    targets = (Target(ours, paths, {}), Target(bare, ["/"], {}))
    turns.say("reading articles of the site")
    seconds = WINDOW_SECONDS * max(scale, 0.1)
    rates: list[list[float]] = [[], []]
    slowest: list[list[float]] = [[], []]
    for target in targets:
        load.latencies(target, len(paths))
    for _ in range(turns.scaled(ROUNDS, scale)):
        for place, target in enumerate(targets):
            rates[place].append(load.per_second(target, seconds))
            slowest[place].append(_slowest(load.latencies(target, turns.scaled(IN_TURN, scale, 20))))
    peer = "a bare FastAPI route that renders a template"
    return [
        Figure("an article of the site", "requests/s", *map(tuple, rates), peer, LEAST_RATE, "at least"),
        only_told("an article of the site, p99", "s", *slowest, peer),
    ]


def _slowest(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1]


def _grown(press: published.Press, few: Sequence[str], port: int, scale: float) -> list[Figure]:
    """How long each kind of page takes with TIMES as many articles; the medians of rounds."""
    turns.say(f"the same with {TIMES} times the articles")
    kinds = {"an article": _paths(press.slug, few), "the list": [f"/s/{press.slug}/"]}
    before = {kind: _medians(port, paths, scale) for kind, paths in kinds.items()}
    press.many(len(few) * (TIMES - 1), BODY)
    after = {kind: _medians(port, paths, scale) for kind, paths in kinds.items()}
    against = f"the same with {len(few)} articles"
    return [
        Figure(f"{kind}, among {len(few) * TIMES}", "s", after[kind], before[kind], against, MOST_GROWTH)
        for kind in kinds
    ]


def _medians(port: int, paths: Sequence[str], scale: float) -> tuple[float, ...]:
    target = Target(port, paths, {})
    load.latencies(target, len(paths))
    count = turns.scaled(GROWTH_REQUESTS, scale, 5)
    return tuple(statistics.median(load.latencies(target, count)) for _ in range(turns.scaled(GROWTH_ROUNDS, scale)))
