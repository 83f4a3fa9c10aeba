"""What an experiment's decisions are made of, read from the store and kept as plain JSON beside each decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from regrow.domain.experiments.facts import Arm, Batches, Evidence, ExperimentFacts, Reached, no_batches
from regrow.kit import clock
from regrow.services import experiment_posts
from regrow.store.experiments import Counted
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentDecision

WEAKEST: Evidence = "observational"


def settings(
    row: Experiment, arms: Sequence[ExperimentArm], reached: Mapping[str, Reached], through: int, is_ended: bool
) -> dict[str, Any]:
    """Everything but the counts, as JSON: with the batches up to `through` it gives the same decisions again."""
    return {
        "through": through,
        "now": clock.now().timestamp(),
        "started_at": row.started_at.timestamp(),
        "arms_changed": row.arms_changed,
        "arms": [[arm.variant_id, arm.label, not arm.outcome] for arm in arms],
        "reached": {id: [each.loser, each.winner] for id, each in reached.items()},
        **{name: getattr(row, name) for name in ("metric", "kind", "evidence", "reference", "dispersion")},
        "minimum_seconds": row.minimum_seconds,
        "maximum_seconds": row.maximum_seconds,
        "is_ended": is_ended,
    }


def facts(told: Mapping[str, Any], counted: Sequence[Counted]) -> ExperimentFacts:
    """The facts of these settings and of the batches that they reach."""
    arms = tuple(Arm(id, label, is_live) for id, label, is_live in told["arms"])
    some = [each for each in counted if each.number <= told["through"]]
    return ExperimentFacts(
        arms=arms,
        batches=batches(some, len(arms), told["kind"] == "mean"),
        started_at=told["started_at"],
        now=told["now"],
        minimum_seconds=told["minimum_seconds"],
        maximum_seconds=told["maximum_seconds"],
        kind=told["kind"],
        evidence=weakest(told["evidence"], some),
        reference=told["reference"] or None,
        dispersion=told["dispersion"],
        metric=told["metric"],
        reached={id: Reached(*each) for id, each in told["reached"].items()},
        is_ended=told["is_ended"],
        posts=experiment_posts.read(told.get("posts")),
    )


def batches(counted: Sequence[Counted], arms: int, has_squares: bool) -> Batches:
    """Counts as arrays: one row for each batch, one column for each arm; an arm that a batch does not name has none."""
    if not counted:
        return no_batches(arms)
    rows = [place for place, each in enumerate(counted) for _ in each.arms]
    told = np.array([arm for each in counted for arm in each.arms], dtype=np.float64)  # None becomes nan
    columns = told[:, 0].astype(np.intp)
    found = np.zeros((4, len(counted), arms))
    found[:, rows, columns] = np.nan_to_num(told[:, 1:5].T)
    at = np.array([each.at.timestamp() for each in counted])
    return Batches(at, found[0], found[1], found[3], found[2] if has_squares else None)


def weakest(declared: Evidence, counted: Sequence[Counted]) -> Evidence:
    """What the whole is worth: a single batch that nobody drew lots for makes it no better than that."""
    return WEAKEST if any(each.evidence == WEAKEST for each in counted) else declared


def reached(rows: Sequence[ExperimentDecision]) -> dict[str, Reached]:
    """The confidence that each arm had reached by an evaluation."""
    return {row.variant_id: Reached(row.reached_loser, row.reached_winner) for row in rows}
