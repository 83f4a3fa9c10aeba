"""A generation with a writer that answers at once, against a bare durable workflow of the same number of steps."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dbos import DBOS

from benchmarks import durable, linked_notes, turns
from benchmarks.bare_runs import BareRuns
from benchmarks.figures import Figure, Result
from benchmarks.homes import Bench
from benchmarks.instant import InstantWriter
from regrow.services import generations, topics
from regrow.store import records
from regrow.store.tables.runs import Run
from regrow.workflows import runtime, starting

STEPS = 3
"""The steps of a generation: one call for each of two media, and the end; checked before anything is timed."""
ROUNDS, QUEUED_ROUNDS, AT_ONCE = 60, 5, 12
PATIENCE_SECONDS = 60


NOTE = (
    "Asked for, worked on and finished: 5 posts and 1 article in 2 variants each, with contexts, credits, "
    "progress and audit. The peer has one INSERT when asked and one in each of its 3 steps; same engine, same "
    "queue, and database connections of its own."
)


def run(scale: float = 1.0) -> Result:
    """One by one, and a dozen at once through the queue."""
    return durable.on_each_kind("generations", NOTE, scale)


def _measured(bench: Bench, bare: BareRuns, kind: str, scale: float) -> list[Figure]:
    linked_notes.fill(bench.home.engine, bench.id, 400, 2_000)
    with bench.writing() as session:
        topic_id = topics.discover(session, bench.owner, random_seed=1).id
    _check(bench, topic_id)
    rounds = turns.scaled(ROUNDS, scale, 3)
    what = f"generation, asked and done in one thread, {kind}"
    return [
        *durable.in_one_thread(lambda: _ask(bench, topic_id), bare, STEPS, rounds, what),
        _queued(bench, bare, topic_id, kind, scale),
    ]


def _queued(bench: Bench, bare: BareRuns, topic_id: str, kind: str, scale: float) -> Figure:
    count = turns.scaled(AT_ONCE, scale, 2)

    def ours() -> None:
        runs = [_ask(bench, topic_id) for _ in range(count)]
        for each in runs:
            starting.start(each)
        _await([each.id for each in runs])

    def peer() -> None:
        task_ids = [bare.ask() for _ in range(count)]
        for task_id in task_ids:
            bare.enqueue(task_id)
        _await(task_ids)

    mine, theirs = turns.taken([ours, peer], turns.scaled(QUEUED_ROUNDS, scale), warm=1)
    what = f"{count} generations through the queue, {kind}"
    return Figure(what, "s", mine, theirs, f"{count} of the same", durable.GOAL)


def _ask(bench: Bench, topic_id: str) -> Run:
    with bench.writing() as session:
        return generations.ask(session, bench.owner, topic_id)


def _check(bench: Bench, topic_id: str) -> None:
    """The work that is timed is the whole of it, and has as many steps as the peer."""
    run = _ask(bench, topic_id)
    durable.work(run)
    with bench.reading() as session:
        ended = records.get(session, Run, run.id)
        made = generations.outcome(session, run.id)
    if ended is None or made is None or len(runtime.steps(run.id)) != STEPS:
        raise RuntimeError(f"a generation does not end as expected: {runtime.steps(run.id)}")


def _await(task_ids: Sequence[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = DBOS.list_workflows(workflow_ids=list(task_ids), load_input=False, load_output=False)
        states = [each.status for each in found]
        if states.count("SUCCESS") == len(task_ids):
            return
        if "ERROR" in states:
            raise RuntimeError("a run failed while it was measured")
        time.sleep(0.01)
    raise TimeoutError(f"{len(task_ids)} runs did not end within {PATIENCE_SECONDS} s")


if __name__ == "__main__":
    durable.tell("generations", InstantWriter(), STEPS, _measured)
