"""Triggers at work: checked page by page, each fired once however many look, and their runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from regrow.domain import functions
from regrow.domain import workspaces as workspace_rules
from regrow.domain.workspaces import Actor
from regrow.kit import errors, pages
from regrow.services import trigger_checks, trigger_runs
from regrow.services.trigger_checks import Outcome
from regrow.store import database
from regrow.store import triggers as store
from regrow.store.tables.runs import Run
from regrow.workflows import engine, runtime

log = structlog.get_logger()

PAGE = 200
"""Triggers that are read at once."""
PAGES = 10
"""Pages of one workspace that one look of the schedule takes up; the next look takes the next."""
PAUSES = (0.05, 0.2, 0.8)
"""Seconds before a piece is tried again that somebody else is at work on; outside of any transaction."""
SHORT = ("row_locked", "busy")
"""What is over in a moment. A database that stays locked was waited for already."""
_LONG = "locked: another program is writing for long, check again in a moment"

engine.register(
    engine.Work(
        name=trigger_runs.NAME,
        calls=trigger_runs.calls,
        brief=trigger_runs.brief,
        parse=trigger_runs.parse,
        save=trigger_runs.save,
        failed=trigger_runs.failed,
        gates={each.name: trigger_runs.keep for each in functions.WRITERS},
    )
)


@dataclass
class Report:
    """What a check came to: how many triggers it looked at, and what it has to tell of some of them."""

    checked: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        return [each.run for each in self.outcomes if each.run is not None]

    def as_dict(self) -> dict[str, Any]:
        """As contracts have it; those that are not met are counted and in neither list."""
        triggered = [
            {
                "piece_id": each.piece_id,
                "triggered_variants": list(each.triggered),
                "metrics": each.metrics,
                "task_id": each.run.id,
            }
            for each in self.outcomes
            if each.run is not None
        ]
        skipped = [{"piece_id": each.piece_id, "reason": each.reason} for each in self.outcomes if each.reason]
        return {"checked": self.checked, "triggered": triggered, "skipped": skipped}


class _Places:
    """Where the schedule of this process goes on in each workspace: after the last trigger that it looked at."""

    after: dict[str, str] = {}  # noqa: RUF012


def check(made: database.Engine, actor: Actor, campaign_id: str | None = None) -> Report:
    """Checks every trigger of the workspace, or of a campaign, and begins the runs of those that are met."""
    with database.reading(made, actor.workspace_id) as session:
        trigger_checks.refuse_campaign(session, actor, campaign_id)
    report, after = Report(), None
    while True:
        after = _page(made, actor, report, after, campaign_id)
        if after is None:
            return report


def look(made: database.Engine, workspace_id: str) -> Report:
    """The schedule's check: a bounded part of the workspace's triggers, and the next part the next time."""
    actor, report = workspace_rules.system(workspace_id), Report()
    place = _Places.after.pop(workspace_id, None)
    for _ in range(PAGES):
        place = _page(made, actor, report, place, None)
        if place is None:
            return report
    if place is not None:
        _Places.after[workspace_id] = place
    return report


def _page(
    made: database.Engine, actor: Actor, report: Report, after: str | None, campaign_id: str | None
) -> str | None:
    """One page; gives back after which id the next one begins, None behind the last."""
    with database.reading(made, actor.workspace_id) as session:
        found = store.page(session, PAGE, after, campaign_id)
        looked = trigger_checks.look(session, found.items)
    report.checked += len(looked)
    report.outcomes += _settled(made, actor, looked)
    return pages.decode(found.next_cursor)


def _settled(made: database.Engine, actor: Actor, looked: Sequence[Outcome]) -> list[Outcome]:
    """What is met is fired; one piece that fails keeps none of the others."""
    is_stuck, done = False, []
    for each in looked:
        if not each.is_met:
            done.append(each)
            continue
        made_of_it = _skipped(each, _LONG) if is_stuck else _fired(made, actor, each)
        # One writer at a time: who waited long for SQLite once need not do so for every piece.
        is_stuck = is_stuck or (made.dialect.name == "sqlite" and made_of_it.reason == _LONG)
        done.append(made_of_it)
    return done


def _fired(made: database.Engine, actor: Actor, each: Outcome) -> Outcome:
    """Fires it, and starts its run; what keeps it from that is its reason."""
    outcome = _claimed(made, actor, each)
    for pause in PAUSES:
        if outcome is not None:
            break
        time.sleep(pause)
        outcome = _claimed(made, actor, each)
    if outcome is None:
        return _skipped(each, "locked: somebody else is at work on it, check again in a moment")
    if outcome.run is not None and runtime.is_launched():
        engine.start(outcome.run)
    return outcome


def _claimed(made: database.Engine, actor: Actor, each: Outcome) -> Outcome | None:
    """One try, in a transaction of its own; None when it is worth another one in a moment."""
    try:
        with database.writing(made, actor.workspace_id) as session:
            return trigger_checks.fire(session, actor, each.piece_id)
    except errors.RegrowError as error:
        if error.code in SHORT:
            return None
        return _skipped(each, _LONG if error.code == "database_locked" else f"{error.code}: {error.detail}")
    except Exception:
        log.exception("trigger.check_failed", piece=each.piece_id)
        return _skipped(each, "failed: an error of ours, which the log tells; the other pieces were checked")


def _skipped(each: Outcome, reason: str) -> Outcome:
    return replace(each, triggered=(), metrics={}, reason=reason)
