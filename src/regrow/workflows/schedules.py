"""The schedule: what is due is started, what is late is told, hours are closed, experiments and triggers judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from regrow.domain import workspaces as workspaces_rules
from regrow.kit import clock
from regrow.services import experiment_decisions, sending, visits
from regrow.store import database, experiments, posts, tenancy, workspaces
from regrow.store.tables.experiments import Experiment
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session
from regrow.workflows import publishing, runtime, starting, triggers

log = structlog.get_logger()

MOST = 200
"""Posts of one workspace that one look takes up; the next look takes the next."""
QUIET = timedelta(seconds=30)
"""A post that is being sent for so long may have lost its sender."""
HOURS_SECONDS = 60.0
"""How often hours of visits are looked at that may be over for good."""
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def tick(made: database.Engine) -> int:
    """Looks at every workspace in use; gives back how many posts it did something about."""
    with tenancy.system(), database.reading(made) as session:
        everyone = [row.id for row in workspaces.everyone(session)]
    done, is_hourly = 0, _Hours.are_due()
    for workspace_id in everyone:
        with tenancy.workspace(workspace_id):
            done += _tick_one(made)
            if is_hourly:
                _close_hours(made)
                judge(made, workspace_id)
                triggers.look(made, workspace_id)
    return done


class _Hours:
    """When this process last looked at the hours of visits, by a clock that is never set back."""

    looked_at = -HOURS_SECONDS

    @classmethod
    def are_due(cls) -> bool:
        now = time.monotonic()
        if now - cls.looked_at < HOURS_SECONDS:
            return False
        cls.looked_at = now
        return True


def _close_hours(made: database.Engine) -> None:
    with database.writing(made) as session:
        visits.close(session, clock.now())


def judge(made: database.Engine, workspace_id: str) -> int:
    """Evaluates the running experiments of the workspace entered that have anything new; gives back how many.

    One that cannot be evaluated is told in the log, and the others are all the same.
    """
    with database.reading(made) as session:
        running = experiments.running(session)
    return sum(_judged(made, workspace_id, row) for row in running)


def _judged(made: database.Engine, workspace_id: str, row: Experiment) -> bool:
    try:
        with database.reading(made) as session:
            is_due = experiment_decisions.is_due(session, row, clock.now())
        if is_due:
            actor = workspaces_rules.system(workspace_id)
            with database.writing(made) as session:
                decided = [each.id for each in experiment_decisions.evaluate(session, actor, row.id)]
            starting.start_automatic(made, decided)
    except Exception:
        log.exception("experiment.not_evaluated", experiment=row.id)
        return False
    return is_due


def _tick_one(made: database.Engine) -> int:
    now, grace = clock.now(), timedelta(seconds=runtime.live().grace_seconds)
    with database.reading(made) as session:
        due = posts.due_in_use(session, now, MOST)
        sent = [row for row in posts.due(session, "sending", now, MOST) if row.updated_at < now - QUIET]
    late = [row for row in due if now > row.due_at + grace]
    missed = sum(_missed(made, row, grace) for row in late)
    waiting = [row for row in due if row not in late]
    states = runtime.states([publishing.run_id(row) for row in (*waiting, *sent)])
    lost = [row for row in sent if states.get(publishing.run_id(row), "ERROR") in OVER]
    stalled = [row for row in waiting if states.get(publishing.run_id(row)) in OVER]
    unstarted = [row for row in waiting if publishing.run_id(row) not in states]
    for row in unstarted:
        publishing.start(row)
    anew = sum(_started_anew(made, row, sending.orphaned) for row in lost)
    return missed + len(unstarted) + anew + sum(_started_anew(made, row, sending.stalled) for row in stalled)


def _missed(made: database.Engine, row: Post, grace: timedelta) -> bool:
    with database.writing(made) as session:
        return sending.miss(session, row.id, grace)


def _started_anew(made: database.Engine, row: Post, settle: Callable[[Session, str, int], int | None]) -> bool:
    """In the next round, unless somebody else was first."""
    with database.writing(made) as session:
        round_ = settle(session, row.id, row.round)
    if round_ is None:
        return False
    row.round = round_
    publishing.start(row)
    return True
