"""What experiments look like: their arms, decisions and course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from regrow.api.fields import Time, time_or_none
from regrow.domain.experiments.facts import DAY, HOUR
from regrow.domain.experiments.series import Line
from regrow.kit import clock
from regrow.services import experiment_pictures
from regrow.store import experiments as store
from regrow.store.tables.experiments import Experiment as Row
from regrow.store.tables.experiments import ExperimentArm, ExperimentDecision, ExperimentShares
from regrow.store.tenancy import Session

Status = Literal["running", "concluded", "inconclusive", "invalid"]
Verdict = Literal["continue", "promote", "terminate", "inconclusive", "invalid"]
Kind = Literal["proportion", "mean"]
Evidence = Literal["randomised", "randomised_slots", "observational"]


class ArmShape(BaseModel):
    """`outcome` is empty while it runs, then `loser`, `winner` or `left`; `share` is what it gets of readers now."""

    variant_id: str
    label: str
    share: float
    outcome: Literal["", "loser", "winner", "left"]
    joined_at: Time
    left_at: Time | None


class RatioShape(BaseModel):
    e_value: float
    flagged: bool


class DecisionShape(BaseModel):
    """`delta` is relative to the reference. `confidence` is no probability: `reason` says what it means.

    `is_applied`: the variant's status and the traffic follow it. `source` is `regrow`, or the outside system.
    """

    circuit_execution_id: str
    experiment_id: str
    variant_id: str
    label: str
    decision: Verdict
    confidence: float
    delta: float
    delta_low: float | None
    delta_high: float | None
    delta_shrunk: float | None
    evidence: Evidence
    n: int | None
    conversions: float | None
    needed: int | None
    srm: RatioShape | None
    reason: str
    method: str
    source: str
    is_applied: bool
    evaluation: int | None
    at: Time


class PointShape(BaseModel):
    """All counted up to `at`; `low` and `high` hold at all times at once."""

    at: Time
    n: int
    rate: float | None
    low: float | None
    high: float | None


class LineShape(BaseModel):
    variant_id: str
    label: str
    points: list[PointShape]


class ExperimentShape(BaseModel):
    """`decisions` are those of the last evaluation. `source` is `site` when our own site shows the arms and counts."""

    id: str
    piece_id: str
    metric: str
    kind: Kind
    evidence: Evidence
    reference: str | None
    allocation: dict[str, float]
    traffic: Literal["uniform", "clicks"]
    minimum_hours: float
    maximum_days: float
    batch_seconds: int
    dispersion: float
    status: Status
    source: Literal["site", "outside"]
    is_automatic: bool
    arms: list[ArmShape]
    batches: int
    decisions: list[DecisionShape]
    series: list[LineShape]
    note: str
    started_at: Time
    ended_at: Time | None
    version: int
    created_at: Time
    updated_at: Time


class Evaluation(BaseModel):
    experiment_id: str
    status: Status
    decisions: list[DecisionShape]


def shapes(session: Session, rows: Sequence[Row], note: str = "") -> list[dict[str, Any]]:
    """A constant number of queries, however many they are."""
    ids = [row.id for row in rows]
    arms, shares, sent = store.arms(session, ids), store.newest_shares(session, ids), store.sent(session, ids)
    last, lines = store.newest_evaluation(session, ids), experiment_pictures.courses(session, rows)
    return [
        {
            **_plain(row),
            "arms": [_arm(arm, shares.get(row.id)) for arm in arms[row.id]],
            "batches": sent[row.id].batches,
            "decisions": [decision(each) for each in last[row.id]],
            "series": [_line(line) for line in lines[row.id]],
            "note": note,
        }
        for row in rows
    ]


def _plain(row: Row) -> dict[str, Any]:
    names = ("id", "piece_id", "metric", "kind", "evidence", "allocation", "traffic", "batch_seconds", "dispersion")
    return {
        **{name: getattr(row, name) for name in (*names, "status", "source", "is_automatic", "version")},
        "reference": row.reference or None,
        "minimum_hours": row.minimum_seconds / HOUR,
        "maximum_days": row.maximum_seconds / DAY,
        **{name: time_or_none(getattr(row, name)) for name in ("started_at", "ended_at", "created_at", "updated_at")},
    }


def _arm(arm: ExperimentArm, shares: ExperimentShares | None) -> dict[str, Any]:
    return {
        **{name: getattr(arm, name) for name in ("variant_id", "label", "outcome")},
        "share": shares.shares.get(arm.variant_id, 0.0) if shares is not None else 0.0,
        "joined_at": clock.iso(arm.joined_at),
        "left_at": time_or_none(arm.left_at),
    }


def decision(row: ExperimentDecision) -> dict[str, Any]:
    names = ("experiment_id", "variant_id", "label", "decision", "confidence", "delta", "delta_low", "delta_high")
    more = ("delta_shrunk", "evidence", "n", "conversions", "needed", "srm", "reason", "method", "source")
    return {
        "circuit_execution_id": row.id,
        **{name: getattr(row, name) for name in (*names, *more, "is_applied", "evaluation")},
        "at": clock.iso(row.at),
    }


def evaluation(row: Row, made: Sequence[ExperimentDecision]) -> dict[str, Any]:
    return {"experiment_id": row.id, "status": row.status, "decisions": [decision(each) for each in made]}


def _line(line: Line) -> dict[str, Any]:
    points = [
        {"at": clock.iso(experiment_pictures.time(each.at)), "n": each.n, "rate": each.rate, "low": each.low}
        | {"high": each.high}
        for each in line.points
    ]
    return {"variant_id": line.variant_id, "label": line.label, "points": points}
