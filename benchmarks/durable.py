"""Durable runs against bare workflows of as many steps: each kind of database in a process of its own."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dbos import SetWorkflowID

from benchmarks import children, homes, turns
from benchmarks.bare_runs import BareRuns
from benchmarks.figures import Figure, Result, only_told, result_from
from benchmarks.homes import Bench
from regrow.domain.writing import Writer
from regrow.store.tables.runs import Run
from regrow.workflows import engine, runtime, starting

GOAL = 2.0
WARM = 3
Measure = Callable[[Bench, BareRuns, str, float], Sequence[Figure]]

assert starting.WORKS


def on_each_kind(name: str, note: str, scale: float) -> Result:
    """The figures of `benchmarks.<name>` on each kind of database there is: the engine is launched once a process."""
    figures: list[Figure] = []
    for kind in homes.kinds(scale):
        turns.say(f"{name} on {kind}")
        figures += result_from(children.told(f"benchmarks.{name}", kind, str(scale))).figures
    return Result(name, tuple(figures), (note,))


def tell(name: str, writer: Writer, steps: int, measure: Measure) -> None:
    """Measures on the kind of database named on the command line, and writes the figures."""
    kind, scale = sys.argv[1:]
    with homes.opened(kind) as bench, _launched(bench, writer, steps) as bare:
        made = Result(name, tuple(measure(bench, bare, kind, float(scale))))
    sys.stdout.write(json.dumps(dataclasses.asdict(made)) + "\n")


@contextmanager
def _launched(bench: Bench, writer: Writer, steps: int) -> Iterator[BareRuns]:
    bench.home.writer = writer
    bare = BareRuns(bench, steps)
    bench.home.launch()
    try:
        yield bare
    finally:
        runtime.stop()
        bare.close()


def work(run: Run) -> None:
    """Runs the workflow here and now, without the queue."""
    calls = engine.WORKS[run.function].calls(run)
    with SetWorkflowID(run.id):
        engine.run_functions(run.workspace_id, run.id, run.function, ",".join(calls))


def in_one_thread(ask: Callable[[], Run], bare: BareRuns, steps: int, rounds: int, what: str) -> list[Figure]:
    """Asked for and worked on in turns with the bare one; `what` names the work, then the kind of database."""
    runs, bare_ids = [ask()], [bare.ask()]
    acts = (
        lambda: runs.append(ask()),
        lambda: work(runs.pop(0)),
        lambda: bare_ids.append(bare.ask()),
        lambda: bare.work(bare_ids.pop(0)),
    )
    seconds = turns.taken(acts, rounds, warm=WARM)
    asked, done, insert, bare_done = (tuple(each * 1_000 for each in one) for one in seconds)
    ours = tuple(sum(parts) for parts in zip(asked, done, strict=True))
    peer = tuple(sum(parts) for parts in zip(insert, bare_done, strict=True))
    against, kind = f"a bare workflow, {steps} steps", what.rpartition(", ")[2]
    return [
        Figure(what, "ms", ours, peer, f"{against}, and one INSERT", GOAL),
        only_told(f"of that, the run alone, {kind}", "ms", done, bare_done, against),
        only_told(f"of that, the asking alone, {kind}", "ms", asked, insert, "one INSERT"),
    ]
