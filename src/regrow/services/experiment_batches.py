"""Batches of counts: told from outside, or taken in from the site's own visits; each once, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from regrow.domain.experiments import observations
from regrow.domain.experiments.metrics import METRICS
from regrow.domain.experiments.observations import Observation
from regrow.domain.visits import counting
from regrow.domain.visits.counting import Batch
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.services import experiments, visits
from regrow.store import audit
from regrow.store import experiments as store
from regrow.store.tables.experiments import Experiment, ExperimentArm, ExperimentBatch, ExperimentShares
from regrow.store.tenancy import Session

MOST = 100_000
"""Batches of one experiment; each look reads them all."""
SITE = "site"
Row = list[float | None]


def observe(session: Session, actor: Actor, id: str, told: Observation, source: str = "api") -> bool:
    """Takes a batch in; gives back whether it was there already, which changes nothing, not even when it has ended.

    Late batches and those out of order are as good as others. Conflict for a batch id that said something else.
    """
    actor.must(Role.EDITOR)
    row = experiments.locked_alone(session, id)
    arms = store.arms(session, [id])[id]
    observations.refuse(told, row.kind, [arm.variant_id for arm in arms], clock.now())  # type: ignore[arg-type]
    _refuse_evidence(row, told)
    shares = observations.intended(told, in_force(store.shares(session, id), told.at))
    numbers = {arm.variant_id: arm.number for arm in arms}
    counts: list[Row] = [
        [numbers[each.variant_id], each.exposures, each.total, each.squares, shares[each.variant_id]]
        for each in told.counts
    ]
    made = _batch(row, told.batch_id, told.at, told.evidence or row.evidence, counts, source)
    known = store.batch(session, id, told.batch_id)
    if known is not None:
        _refuse_other(known, made, has_shares=told.counts[0].share is not None)
        return True
    experiments.refuse_ended(row)
    _add(session, row, [made])
    audit.add(session, actor, "experiment.observed", id, batch_id=told.batch_id, arms=len(counts))
    return False


def in_force(changes: Sequence[ExperimentShares], at: datetime) -> Mapping[str, float]:
    """The shares at a time; before the first change its own, since batches may be told of earlier times."""
    found = changes[0].shares
    for change in changes:
        if change.at <= at:
            found = change.shares
    return found


def pull(session: Session, row: Experiment, now: datetime) -> int:
    """Takes in what the site counted since the last time, as far as nothing can be added to it any more.

    Buckets are cut where shares changed. The caller holds the experiment's lock; gives back how many batches came.
    """
    if row.source != SITE:
        return 0
    arms = {arm.variant_id: arm for arm in store.arms(session, [row.id])[row.id]}
    made, end = [], row.pulled_until
    for since, until, shares in _stretches(store.shares(session, row.id), row, now):
        made += [_site_batch(row, start, some, arms, shares) for start, some in _buckets(session, row, since, until)]
        end = until
    # Only what counts arms is a batch: readers of what is no arm say nothing here.
    made = [each for each in made if each.counts["arms"]]
    _add(session, row, made)
    if made:
        row.pulled_until = max(row.pulled_until, end)
    return len(made)


def final_until(row: Experiment, now: datetime) -> datetime:
    """The end of the newest bucket to which nothing can be added any more."""
    return counting.bucket_of(now - (counting.CLOSED_AFTER - counting.HOUR), row.batch_seconds)


def has_more(session: Session, row: Experiment, now: datetime) -> bool:
    """Whether the site counted anything since that is final by now."""
    final = final_until(row, now)
    return row.pulled_until < final and visits.has_exposures(session, row.piece_id, row.pulled_until, final)


def _stretches(
    changes: Sequence[ExperimentShares], row: Experiment, now: datetime
) -> Iterator[tuple[datetime, datetime, Mapping[str, float]]]:
    """Times of unchanged shares between what was taken in and what is final, at most as long as can be asked for."""
    final, most = final_until(row, now), timedelta(seconds=row.batch_seconds * (counting.MOST_BUCKETS - 1))
    for place, change in enumerate(changes):
        since = max(change.at, row.pulled_until) if place else row.pulled_until
        until = min(changes[place + 1].at, final) if place + 1 < len(changes) else final
        while since < until:
            end = min(counting.bucket_of(since, row.batch_seconds) + most, until)
            yield since, end, change.shares
            since = end


def _buckets(
    session: Session, row: Experiment, since: datetime, until: datetime
) -> Iterator[tuple[datetime, list[Batch]]]:
    found: dict[datetime, list[Batch]] = {}
    for batch in visits.counts(session, row.piece_id, since, until, row.batch_seconds):
        found.setdefault(batch.since, []).append(batch)
    yield from found.items()


def _site_batch(
    row: Experiment,
    start: datetime,
    some: Sequence[Batch],
    arms: Mapping[str, ExperimentArm],
    shares: Mapping[str, float],
) -> ExperimentBatch:
    name, is_mean = METRICS[row.metric].on_site, row.kind == "mean"
    counts: list[Row] = []
    by_variant = {batch.variant_id: batch for batch in some}
    for id, arm in arms.items():
        batch, share = by_variant.get(id), shares.get(id, 0.0)
        if batch is None and not share:
            continue
        sums = batch.of(name) if batch is not None else counting.Sums()
        total, squares = (sums.value_sum, sums.value_squares) if is_mean else (sums.conversions, None)
        counts.append([arm.number, batch.exposures if batch is not None else 0, total, squares, share])
    is_seen = any(id in by_variant for id in arms)
    return _batch(row, f"{observations.OURS}{clock.iso(start)}", start, row.evidence, counts if is_seen else [], SITE)


def _batch(
    row: Experiment, batch_id: str, at: datetime, evidence: str, counts: list[Row], source: str
) -> ExperimentBatch:
    return ExperimentBatch(
        experiment_id=row.id,
        batch_id=batch_id,
        at=at,
        evidence=evidence,
        source=source,
        counts={"arms": counts},
        digest=observations.digest(at, evidence, counts),
        received_at=clock.now(),
    )


def _add(session: Session, row: Experiment, made: Sequence[ExperimentBatch]) -> None:
    sent = store.sent(session, [row.id])[row.id]
    if sent.batches + len(made) > MOST:
        raise errors.Conflict(f"at most {MOST:,} batches: tell longer ones in a new experiment", "too_many_batches")
    for number, each in enumerate(made, start=sent.newest + 1):
        each.number = number
        session.add(each)
    session.flush()


def _refuse_evidence(row: Experiment, told: Observation) -> None:
    if told.evidence not in (None, row.evidence, "observational"):
        problem = f"evidence: this experiment is {row.evidence}; a batch is that too, or observational"
        raise errors.Invalid(problem, "bad_observation", problems=[problem])


def _refuse_other(known: ExperimentBatch, made: ExperimentBatch, has_shares: bool) -> None:
    """Shares that were not told are those that were in force when it came first."""
    same = known.digest == made.digest if has_shares else _bare(known) == _bare(made)
    if not same:
        told = "this batch_id was told with other numbers before: they stand; send new ones under a new batch_id"
        raise errors.Conflict(told, "batch_differs")


def _bare(batch: ExperimentBatch) -> str:
    return observations.digest(batch.at, batch.evidence, [arm[:4] for arm in batch.counts["arms"]])
