"""Starting runs that were asked for, in this process or in the one that holds the home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from regrow.kit import clock
from regrow.services import circuits as circuit_service
from regrow.store import database, tenancy, workspaces
from regrow.store import runs as run_store
from regrow.store.tables.runs import Run
from regrow.workflows import circuits, comparing_prompts, engine, generating, judging, regenerating, runtime, triggers

WORKS = (generating, regenerating, judging, comparing_prompts, circuits, triggers)
"""Named here, because whoever starts runs must know every kind of work."""
GRACE = timedelta(seconds=30)
"""A run asked for this long ago without anybody starting it lost its starter to a crash."""


def start(run: Run) -> None:
    """Queues the run; callers do so right after the transaction that asked for it."""
    engine.start(run)


def start_automatic(made: database.Engine, decisions: Sequence[str]) -> list[Run]:
    """Queues what these decisions asked for by themselves, where somebody works here; else whoever does finds it."""
    with database.reading(made) as session:
        begun = circuit_service.automatic(session, decisions)
    for run in begun if runtime.is_launched() else ():
        engine.start(run)
    return begun


def hand_over(system: database.Engine, run: Run) -> None:
    """Queues the run for the process that holds the home."""
    engine.hand_over(system, run)


def sweep(made: database.Engine, grace: timedelta = GRACE) -> int:
    """Starts what was asked for and never started, and ends what the engine gave up; gives back how many."""
    with tenancy.system(), database.reading(made) as session:
        everyone = [row.id for row in workspaces.everyone(session, has_archived=True)]
    return sum(_sweep_one(made, workspace_id, grace) for workspace_id in everyone)


def _sweep_one(made: database.Engine, workspace_id: str, grace: timedelta) -> int:
    with tenancy.workspace(workspace_id):
        with database.reading(made) as session:
            waiting = run_store.unfinished(session, clock.now() - grace)
        swept = 0
        states = runtime.states([run.id for run in waiting])
        for run in waiting:
            state = states.get(run.id)
            if state is None:
                start(run)
                swept += 1
            elif state in ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"):
                _end(made, run.id, state)
                swept += 1
        return swept


def _end(made: database.Engine, task_id: str, state: str) -> None:
    with database.writing(made) as session:
        run = session.get(Run, task_id)
        if run is not None and run.finished_at is None:
            detail = f"the run could not be finished ({state.lower()}): ask for it again"
            engine.fail(session, run, {}, {"code": "abandoned", "detail": detail})
