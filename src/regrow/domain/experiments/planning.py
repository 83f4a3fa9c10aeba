"""What an experiment is asked to be, checked as a whole: every problem is named."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from regrow.domain.experiments.facts import DAY, HOUR, Evidence, Kind
from regrow.domain.experiments.metrics import METRICS
from regrow.kit import errors

Traffic = Literal["uniform", "clicks"]

EVIDENCE = ("randomised", "randomised_slots", "observational")
SLOW_MEDIA = ("blog", "article", "email")
"""Their readers differ by the day of the week: a whole week must be seen."""
LONGEST_DAYS = 366
MOST_ARMS = 10
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Plan:
    """`allocation` is the share of each label. Times in seconds."""

    metric: str
    kind: Kind
    evidence: Evidence
    reference: str
    allocation: Mapping[str, float]
    traffic: Traffic
    minimum_seconds: float
    maximum_seconds: float
    batch_seconds: int
    dispersion: float


def planned(asked: Mapping[str, Any], labels: Sequence[str], medium: str) -> Plan:
    """A checked plan for arms of these labels; what was not asked for is as it usually is."""
    metric = str(asked.get("metric") or "click_rate")
    known = METRICS.get(metric)
    kind = asked.get("kind") or (known.kind if known else "proportion")
    plan = Plan(
        metric=metric,
        kind=cast(Kind, kind),
        evidence=cast(Evidence, asked.get("evidence") or "randomised"),
        reference=str(asked.get("reference") or ""),
        allocation=asked.get("allocation") or {label: 1 / len(labels) for label in labels},
        traffic=cast(Traffic, asked.get("traffic") or "uniform"),
        minimum_seconds=_or(asked, "minimum_hours", usual_seconds(medium) / HOUR) * HOUR,
        maximum_seconds=_or(asked, "maximum_days", 30.0) * DAY,
        batch_seconds=int(_or(asked, "batch_seconds", HOUR)),
        dispersion=_or(asked, "dispersion", 1.0),
    )
    problems = [*_about_arms(plan, labels), *_about_metric(plan), *_about_times(plan)]
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_experiment", problems=problems)
    return plan


def _or(asked: Mapping[str, Any], name: str, usual: float) -> float:
    found = asked.get(name)
    return usual if found is None else float(found)


def usual_seconds(medium: str) -> float:
    """How long readers of a medium must be seen before anything is decided."""
    return 7 * DAY if medium in SLOW_MEDIA else DAY


def _about_arms(plan: Plan, labels: Sequence[str]) -> list[str]:
    if len(labels) < 2:
        told = "no variant" if not labels else f"the variant {labels[0]} alone"
        return [f"arms: at least two variants are held against one another, this piece has {told}"]
    problems = [f"arms: at most {MOST_ARMS}"] if len(labels) > MOST_ARMS else []
    if plan.reference and plan.reference not in labels:
        problems.append(f"reference: there is no arm {plan.reference[:10]!r}, use one of {', '.join(labels)}")
    if plan.traffic == "clicks" and plan.evidence != "randomised":
        problems.append("traffic: clicks needs randomised readers")
    return problems + about_shares(plan.allocation, labels)


def about_shares(allocation: Mapping[str, float], labels: Sequence[str]) -> list[str]:
    """What is wrong with the shares of these labels."""
    problems = []
    if set(allocation) != set(labels):
        problems.append(f"allocation: name a share for each of {', '.join(labels)} and for nothing else")
    if not all(math.isfinite(share) and 0 < share < 1 for share in allocation.values()):
        problems.append("allocation: each share is above 0 and below 1")
    elif abs(math.fsum(allocation.values()) - 1) > TOLERANCE:
        problems.append(f"allocation: the shares add up to {math.fsum(allocation.values()):.6g}, they must add up to 1")
    return problems


def _about_metric(plan: Plan) -> list[str]:
    problems = []
    known = METRICS.get(plan.metric)
    if known is None:
        problems.append(f"metric: {plan.metric[:60]!r} is unknown, use one of {', '.join(METRICS)}")
    elif known.kind != plan.kind:
        problems.append(f"kind: {plan.metric} is a {known.kind}")
    if plan.evidence not in EVIDENCE:
        problems.append(f"evidence: use one of {', '.join(EVIDENCE)}")
    if plan.evidence == "randomised_slots" and plan.kind != "proportion":
        problems.append("evidence: pairs of slots are compared by rates, so that kind must be proportion")
    if not (math.isfinite(plan.dispersion) and 1 <= plan.dispersion <= 1_000):
        problems.append("dispersion: a number from 1 to 1000")
    return problems


def _about_times(plan: Plan) -> list[str]:
    problems = []
    if not (0 <= plan.minimum_seconds <= LONGEST_DAYS * DAY):
        problems.append(f"minimum_hours: a number from 0 to {LONGEST_DAYS * 24}")
    if not (HOUR <= plan.maximum_seconds <= LONGEST_DAYS * DAY):
        problems.append(f"maximum_days: a number of days, from an hour's part up to {LONGEST_DAYS}")
    elif plan.minimum_seconds > plan.maximum_seconds:
        problems.append("minimum_hours: longer than maximum_days, so that nothing could ever be decided")
    if not (1 <= plan.batch_seconds <= 7 * DAY):
        problems.append("batch_seconds: a whole number from 1 to 604800")
    return problems
