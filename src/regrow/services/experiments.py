"""Experiments: variants of a piece held against one another, begun, changed while they run, and ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from regrow.domain.experiments import planning, traffic
from regrow.domain.experiments.metrics import METRICS
from regrow.domain.experiments.planning import Plan
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, pieces
from regrow.store import audit, records, replacing
from regrow.store import content as content_store
from regrow.store import experiments as store
from regrow.store import posts as post_store
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentShares
from regrow.store.tenancy import Session

ARCHIVED = ("superseded", "rejected")
"""Statuses of a piece that nobody is shown any more."""
IN_USE = ("draft", "live", "winner")
"""Statuses of a variant that can be held against others."""


def create(session: Session, actor: Actor, asked: Mapping[str, Any]) -> Experiment:
    """Begins an experiment on a piece: `asked` as contracts have it, and `traffic`, `dispersion`, `source` and
    `is_automatic`: a text that loses is asked for anew by itself.

    Arms are the newest version of each label in use. Invalid names all that is off; Conflict when one on this metric
    runs already, or another one on the site.
    """
    actor.must(Role.EDITOR)
    piece_id = str(asked.get("piece_id") or "")
    piece = editing.found(session, Piece, piece_id, "piece")
    pieces.lock(session, piece.id)
    refuse_archived(piece)
    variants = _variants(session, piece_id)
    plan = planning.planned(asked, [row.label for row in variants], piece.medium)
    source = _source(session, asked, plan, variants)
    _refuse_second(session, piece_id, plan, source)
    row = _added(session, piece_id, plan, source, bool(asked.get("is_automatic")))
    for number, variant in enumerate(variants):
        add_arm(session, row, variant, number)
    session.flush()
    share(session, row, [variant.id for variant in variants], dict(plan.allocation), "begun")
    labels = [variant.label for variant in variants]
    audit.add(session, actor, "experiment.begun", row.id, piece_id=piece_id, metric=plan.metric, arms=labels)
    return row


def found(session: Session, id: str) -> Experiment:
    return editing.found(session, Experiment, id, "experiment")


def locked(session: Session, id: str) -> Experiment:
    """An experiment that nobody else changes until the transaction ends; its piece is locked before it."""
    pieces.lock(session, found(session, id).piece_id)
    return locked_alone(session, id)


def locked_alone(session: Session, id: str) -> Experiment:
    """As `locked`, for those that do nothing to the piece or its variants."""
    row = store.locked(session, id)
    if row is None:
        raise errors.NotFound(f"there is no experiment {id[:60]!r} here")
    return row


def refuse_ended(row: Experiment) -> None:
    if row.status != "running":
        raise errors.Conflict(f"this experiment has ended, it is {row.status}: begin a new one", "experiment_ended")


def refuse_archived(piece: Piece) -> None:
    if piece.status in ARCHIVED:
        raise errors.Conflict(
            f"this piece is {piece.status}, nobody is shown it any more: take the one that stands now",
            f"piece_{piece.status}",
        )


def add_arm(session: Session, row: Experiment, variant: Variant, number: int) -> None:
    if variant.status != "winner":  # nobody changes a winner: its arms alone say in which tests it was
        variant.experiment_id = row.id
    session.add(
        ExperimentArm(
            experiment_id=row.id,
            variant_id=variant.id,
            number=number,
            label=variant.label,
            outcome="",
            joined_at=clock.now(),
        )
    )


def share(session: Session, row: Experiment, live: Sequence[str], parts: Mapping[str, float], reason: str) -> None:
    """From now on these variants get these shares of readers: `parts` are weights by label, or by variant id."""
    arms = store.arms(session, [row.id])[row.id]
    weights = {
        arm.variant_id: float(parts.get(arm.variant_id, parts.get(arm.label, 0.0)))
        for arm in arms
        if arm.variant_id in live
    }
    total = math.fsum(weights.values())
    shares = {id: weight / total if total > 0 else 1 / len(weights) for id, weight in weights.items()}
    before = store.newest_shares(session, [row.id]).get(row.id)
    if before is not None and before.shares == shares:
        return
    number = before.number + 1 if before is not None else 1
    # A clock that was set back must not put a change before the one before it.
    at = max(clock.now(), before.at) if before is not None else row.started_at
    session.add(ExperimentShares(experiment_id=row.id, number=number, at=at, shares=shares, reason=reason))
    session.flush()


def weights(row: Experiment, arms: Sequence[ExperimentArm], totals: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """What each live arm is to get: as declared, or, for clicks, what its counts so far (by variant id) say of it."""
    live = [arm for arm in arms if not arm.outcome]
    if row.traffic == "clicks" and live:
        return traffic.clicks({arm.variant_id: totals.get(arm.variant_id, (0, 0)) for arm in live}, row.random_seed)
    usual = math.fsum(row.allocation.values()) / max(len(row.allocation), 1)
    return {arm.variant_id: float(row.allocation.get(arm.label, usual)) for arm in live}


def touch(row: Experiment) -> None:
    row.version += 1
    row.updated_at = clock.now()


def _variants(session: Session, piece_id: str) -> list[Variant]:
    """Drafts that wait to replace what is out are none yet."""
    waiting = replacing.waiting_ids(session, editing.found(session, Piece, piece_id, "piece"))
    rows = [row for row in content_store.variants_of(session, [piece_id]) if row.id not in waiting]
    newest = {row.label: row for row in sorted(rows, key=lambda row: (row.status != "superseded", row.version))}
    return [newest[label] for label in sorted(newest) if newest[label].status in IN_USE]


def _source(session: Session, asked: Mapping[str, Any], plan: Plan, variants: Sequence[Variant]) -> str:
    """`site` when it counts this metric and shows every arm, unless the caller says who counts."""
    is_counted = bool(METRICS[plan.metric].on_site) and plan.evidence == "randomised"
    shown = post_store.shown_on_site(session, [row.id for row in variants])
    wanted = asked.get("source")
    if wanted == "site" and not is_counted:
        told = ", ".join(name for name, each in METRICS.items() if each.on_site)
        raise errors.Invalid(f"source: the site counts {told} of randomised readers", "not_counted_on_site")
    if wanted == "site" and len(shown) < len(variants):
        raise errors.Conflict("source: not every arm is published on the site, publish them first", "not_on_site")
    return str(wanted or ("site" if is_counted and len(shown) == len(variants) else "outside"))


def _refuse_second(session: Session, piece_id: str, plan: Plan, source: str) -> None:
    for other in store.of_piece(session, piece_id, "running"):
        if other.metric == plan.metric:
            told = f"an experiment on {plan.metric} of this piece runs already: {other.id}"
            raise errors.Conflict(told, "experiment_running")
        if other.source == source == "site":
            told = f"{other.id} has the readers of this piece on the site: end it first, or count elsewhere (source)"
            raise errors.Conflict(told, "experiment_running")


def _added(session: Session, piece_id: str, plan: Plan, source: str, is_automatic: bool) -> Experiment:
    now = clock.now()
    names = ("metric", "kind", "evidence", "reference", "traffic", "minimum_seconds", "maximum_seconds")
    id = ids.new("exp")
    row = Experiment(
        id=id,
        piece_id=piece_id,
        **{name: getattr(plan, name) for name in (*names, "batch_seconds", "dispersion")},
        allocation=dict(plan.allocation),
        status="running",
        source=source,
        is_automatic=is_automatic,
        random_seed=int(ids.derived("exp", id)[4:11], 16),
        arms_changed=0,
        pulled_until=now,
        started_at=now,
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def variant_of(session: Session, row: Experiment, variant_id: str) -> Variant:
    """A variant of the experiment's piece; NotFound for any other."""
    variant = records.get(session, Variant, variant_id)
    if variant is None or variant.piece_id != row.piece_id:
        raise errors.NotFound(f"the piece of this experiment has no variant {variant_id[:60]!r}", "variant_not_found")
    return variant
