"""Decisions computed again from what was recorded: the same numbers, or what differs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from regrow.domain import experiments as library
from regrow.domain.experiments import ArmDecision, observations
from regrow.services import experiment_facts, experiments
from regrow.store import experiments as store
from regrow.store.tables.experiments import ExperimentDecision
from regrow.store.tenancy import Session

NUMBERS = ("confidence", "delta", "delta_low", "delta_high", "delta_shrunk", "n", "conversions", "needed")
WORDS = ("decision", "evidence", "method", "reason")
TOLERANCE = 1e-9
"""Other machines add in another order."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision; `differences` names each value that came out otherwise: recorded, then computed."""

    id: str
    evaluation: int
    label: str
    decision: str
    confidence: float
    differences: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Replay:
    """`changed_batches` are those whose counts are no longer what their digest says."""

    experiment_id: str
    batches: int
    decisions: tuple[Replayed, ...]
    changed_batches: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not self.changed_batches and not any(each.differences for each in self.decisions)


def replay(session: Session, id: str) -> Replay:
    """Every evaluation of an experiment, from its batches alone; those of outside systems have none."""
    experiments.found(session, id)
    batches = store.batches(session, id)
    counted = [store.Counted(row.number, row.at, row.evidence, row.counts["arms"]) for row in batches]
    found: list[Replayed] = []
    for rows in store.evaluations(session, id):
        made = {each.variant_id: each for each in library.decide(experiment_facts.facts(rows[0].facts, counted))}
        found += [_compared(row, made.get(row.variant_id)) for row in rows]
    changed = [
        row.batch_id for row in batches if observations.digest(row.at, row.evidence, row.counts["arms"]) != row.digest
    ]
    return Replay(id, len(batches), tuple(found), tuple(changed))


def _compared(row: ExperimentDecision, made: ArmDecision | None) -> Replayed:
    differences: dict[str, tuple[Any, Any]] = {}
    if made is None:
        differences["decision"] = (row.decision, None)
    else:
        pairs = {name: (getattr(row, name), getattr(made, name)) for name in (*NUMBERS, *WORDS)}
        pairs["srm"] = ((row.srm or {}).get("e_value"), made.srm.e_value)
        pairs["reached_loser"] = (row.reached_loser, made.reached.loser)
        pairs["reached_winner"] = (row.reached_winner, made.reached.winner)
        differences = {name: pair for name, pair in pairs.items() if not _is_alike(*pair)}
    return Replayed(row.id, row.evaluation or 0, row.label, row.decision, row.confidence, differences)


def _is_alike(recorded: Any, computed: Any) -> bool:
    if isinstance(recorded, int | float) and isinstance(computed, int | float):
        return math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(recorded == computed)
