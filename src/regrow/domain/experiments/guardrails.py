"""What must be in order before a decision is made; all are looked at, all that fail are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regrow.domain.experiments import means
from regrow.domain.experiments.facts import ExperimentFacts
from regrow.domain.experiments.grid import Floats

LEAST_EXPOSURES = 100
LEAST_BATCHES = 3
"""With fewer there is no last third to look at."""


@dataclass(frozen=True, slots=True)
class Look:
    """One live arm against its reference: the columns of the arm and of what it is held against, and delta's sign."""

    facts: ExperimentFacts
    arm: int
    others: tuple[int, ...]
    sign: float


def enough_exposures(look: Look) -> str | None:
    fewest = look.facts.batches.exposures[:, [look.arm, *look.others]].sum(axis=0).min()
    if look.facts.evidence != "randomised" or fewest >= LEAST_EXPOSURES:
        return None
    return f"an arm has {fewest:.0f} exposures, and {LEAST_EXPOSURES} are needed"


def enough_values(look: Look) -> str | None:
    """For means: by Cauchy and Schwarz at least (sum)^2 / (sum of squares) values are other than zero."""
    batches, columns = look.facts.batches, [look.arm, *look.others]
    if look.facts.kind != "mean" or batches.squares is None:
        return None
    total, squares = batches.conversions[:, columns].sum(axis=0), batches.squares[:, columns].sum(axis=0)
    fewest = float(np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0).min())
    if fewest >= means.LEAST_VALUES:
        return None
    return f"an arm has {fewest:.0f} values that count, and {means.LEAST_VALUES} are needed"


def a_full_cycle(look: Look) -> str | None:
    at = look.facts.batches.at
    spanned = float(at.max() - at.min()) if at.size else 0.0
    if spanned >= look.facts.minimum_seconds:
        return None
    left = (look.facts.minimum_seconds - spanned) / 3_600
    return f"{left:.1f} more hours must be seen: readers differ by the hour and the day"


def same_sign_lately(look: Look) -> str | None:
    """Novelty wears off: the last third of the batches, by their own time, must point the same way."""
    batches = look.facts.batches
    if look.facts.evidence != "randomised" or batches.at.size < LEAST_BATCHES or look.sign == 0:
        return None
    last = np.argsort(batches.at, kind="stable")[-max(batches.at.size // 3, 1) :]
    own = _rate(batches.conversions[last][:, [look.arm]], batches.exposures[last][:, [look.arm]])
    others = _rate(batches.conversions[last][:, list(look.others)], batches.exposures[last][:, list(look.others)])
    if own is None or others is None or (own - others) * look.sign > 0:
        return None
    return "the last third of the batches does not point the same way"


def _rate(conversions: Floats, exposures: Floats) -> float | None:
    total = float(exposures.sum())
    return float(conversions.sum()) / total if total else None


GUARDRAILS: tuple[Callable[[Look], str | None], ...] = (enough_exposures, enough_values, a_full_cycle, same_sign_lately)


def failed(look: Look) -> tuple[str, ...]:
    return tuple(said for check in GUARDRAILS if (said := check(look)) is not None)
