"""Experiments as they are shown: rates and intervals over time, as a picture, as a table and in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrow.domain.experiments import drawing, series
from regrow.domain.experiments.series import Line
from regrow.services import experiment_facts, experiments
from regrow.store import experiments as store
from regrow.store.tables.experiments import Experiment
from regrow.store.tenancy import Session

HEADINGS = ("arm", "seen", "rate", "interval that always holds")


@dataclass(frozen=True, slots=True)
class Picture:
    """`table` holds label, units, rate and interval of each arm; `description` says the same in words."""

    title: str
    description: str
    lines: tuple[Line, ...]
    table: tuple[tuple[str, str, str, str], ...]
    is_share: bool

    def svg(self, id: str = "experiment", is_alone: bool = False, width: int = drawing.WIDTH) -> str:
        return drawing.svg(self.lines, self.title, self.description, self.is_share, id, is_alone, width)

    def terminal(self, width: int) -> list[str]:
        return drawing.terminal(self.lines, width, self.is_share)


def picture(session: Session, id: str, variant_ids: Collection[str] | None = None) -> Picture:
    """Of all arms that there ever were, or of these alone."""
    row = experiments.found(session, id)
    every = courses(session, [row])[id]
    lines = tuple(each for each in every if variant_ids is None or each.variant_id in variant_ids)
    is_share = row.kind == "proportion"
    table = tuple(drawing.table(lines, is_share))
    metric = row.metric.replace("_", " ")
    return Picture(f"{metric} of {len(lines)} variants, {row.status}", _told(metric, table), lines, table, is_share)


def courses(session: Session, rows: Sequence[Experiment]) -> dict[str, tuple[Line, ...]]:
    """The cumulative course of every arm, by experiment; three queries however many they are."""
    ids = [row.id for row in rows]
    arms, counted = store.arms(session, ids), store.counted(session, ids)
    found = {}
    for row in rows:
        told = experiment_facts.settings(row, arms[row.id], {}, 2**31, False)
        found[row.id] = series.lines(experiment_facts.facts(told, counted[row.id]))
    return found


def time(at: float) -> datetime:
    """A point's time."""
    return datetime.fromtimestamp(at, UTC)


def _told(metric: str, table: Sequence[tuple[str, str, str, str]]) -> str:
    parts = [
        f"{label}: {rate} of {units} seen{f', surely {interval}' if interval else ''}"
        if rate
        else f"{label}: not seen yet"
        for label, units, rate, interval in table
    ]
    return f"Cumulative {metric} over time. {'; '.join(parts)}."
