"""What readers were shown and did: rows that are written once, and counts that are computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regrow.domain.visits import counting
from regrow.domain.visits.counting import Batch, Mark, Sums
from regrow.store.tables.content import Piece
from regrow.store.tables.visits import Conversion, Exposure, Uncounted, VisitBatch
from regrow.store.tenancy import Session

Who = tuple[str, str]
AT_ONCE = 400


def add_exposures(session: Session, marks: Sequence[Mark]) -> set[Who]:
    """Writes those that are the first of their piece and visitor; gives back which."""
    rows = [
        {"piece_id": each.piece_id, "visitor": each.visitor, "variant_id": each.variant_id, "at": each.at}
        for each in marks
    ]
    return {(piece_id, visitor) for piece_id, visitor in _added(session, Exposure, rows, "piece_id", "visitor")}


def add_conversions(session: Session, marks: Sequence[Mark]) -> set[tuple[str, str, str]]:
    """As `add_exposures`, once for each metric."""
    rows = [
        {"piece_id": each.piece_id, "visitor": each.visitor, "metric": each.kind, "value": each.value, "at": each.at}
        for each in marks
    ]
    return {(one, two, three) for one, two, three in _added(session, Conversion, rows, "piece_id", "visitor", "metric")}


def exposures(session: Session, who: Collection[Who]) -> dict[Who, tuple[str, datetime]]:
    """Which variant each of these was shown, and when."""
    found = {}
    for piece_id, some in _by_piece(who):
        wanted = select(Exposure.visitor, Exposure.variant_id, Exposure.at).where(Exposure.piece_id == piece_id)
        for row in session.execute(wanted.where(Exposure.visitor.in_(some))):
            found[piece_id, row.visitor] = (row.variant_id, row.at)
    return found


def conversions(session: Session, who: Collection[Who]) -> dict[tuple[str, str, str], datetime]:
    """When each of these did what."""
    found = {}
    for piece_id, some in _by_piece(who):
        wanted = select(Conversion.visitor, Conversion.metric, Conversion.at).where(Conversion.piece_id == piece_id)
        for row in session.execute(wanted.where(Conversion.visitor.in_(some))):
            found[piece_id, row.visitor, row.metric] = row.at
    return found


def tally(session: Session, piece_id: str, hour: datetime, reason: str, count: int) -> None:
    """Adds to a count; whoever else adds at the same time is added to, not overwritten."""
    row = {"piece_id": piece_id, "hour": hour, "reason": reason}
    if not _raised(session, row, count) and not _added(session, Uncounted, [{**row, "count": count}], "reason"):
        _raised(session, row, count)


def tallies(session: Session, piece_id: str | None, since: datetime, until: datetime) -> dict[str, int]:
    """How many were not counted in these hours, by reason; of everything when no piece is named."""
    wanted = select(Uncounted.reason, func.sum(Uncounted.count)).group_by(Uncounted.reason)
    wanted = wanted.where(Uncounted.hour >= since, Uncounted.hour < until)
    if piece_id is not None:
        wanted = wanted.where(Uncounted.piece_id == piece_id)
    return {reason: int(count) for reason, count in session.execute(wanted)}


def closed_until(session: Session, piece_ids: Collection[str]) -> dict[str, datetime]:
    """The end of the newest closed hour of each of these pieces that has one."""
    found = {}
    for some in _parts(piece_ids):
        wanted = select(VisitBatch.piece_id, func.max(VisitBatch.hour)).where(VisitBatch.piece_id.in_(some))
        for piece_id, hour in session.execute(wanted.group_by(VisitBatch.piece_id)):
            found[piece_id] = hour + counting.HOUR
    return found


def seen_pieces(session: Session) -> list[str]:
    """Pieces that were ever shown to anybody."""
    return list(session.scalars(select(Piece.id).where(exists().where(Exposure.piece_id == Piece.id))))


def next_exposure(session: Session, piece_id: str, since: datetime, until: datetime) -> datetime | None:
    """When the piece was first shown in this stretch."""
    wanted = select(Exposure.at).where(_within(piece_id, since, until))
    return session.scalars(wanted.order_by(Exposure.at).limit(1)).first()


def counted(
    session: Session, piece_id: str, since: datetime, until: datetime
) -> list[tuple[str, int, dict[str, Sums]]]:
    """Exposures and conversions of each variant, by the time of the exposure, straight from the rows."""
    is_within = _within(piece_id, since, until)
    shown = select(Exposure.variant_id, func.count()).where(is_within).group_by(Exposure.variant_id)
    sums: dict[str, dict[str, Sums]] = {}
    for variant_id, metric, *numbers in session.execute(_converted(is_within)):
        sums.setdefault(variant_id, {})[metric] = Sums(*map(int, numbers))
    return [(id, int(count), sums.get(id, {})) for id, count in session.execute(shown.order_by(Exposure.variant_id))]


def close(session: Session, piece_id: str, batches: Sequence[Batch]) -> int:
    """Writes a closed hour, every metric of every variant; nothing when another process closed it already."""
    rows: list[dict[str, Any]] = []
    for batch in batches:
        for metric in counting.METRICS:
            sums = batch.of(metric)
            rows.append(
                {
                    "piece_id": piece_id,
                    "variant_id": batch.variant_id,
                    "hour": batch.since,
                    "metric": metric,
                    "exposures": batch.exposures,
                    "conversions": sums.conversions,
                    "value_sum": sums.value_sum,
                    "value_squares": sums.value_squares,
                }
            )
    return len(_added(session, VisitBatch, rows, "variant_id", "metric"))


def closed(session: Session, piece_id: str, since: datetime, until: datetime) -> list[VisitBatch]:
    """The closed hours that begin in this stretch, in their order."""
    wanted = select(VisitBatch).where(VisitBatch.piece_id == piece_id)
    wanted = wanted.where(VisitBatch.hour >= since, VisitBatch.hour < until)
    return list(session.scalars(wanted.order_by(VisitBatch.hour, VisitBatch.variant_id, VisitBatch.metric)))


def _within(piece_id: str, since: datetime, until: datetime) -> Any:
    return and_(Exposure.piece_id == piece_id, Exposure.at >= since, Exposure.at < until)


def _converted(is_within: Any) -> Select[str, str, int, int, int]:
    is_same = and_(Conversion.piece_id == Exposure.piece_id, Conversion.visitor == Exposure.visitor)
    value = Conversion.value
    sums = (func.count(), func.sum(value), func.sum(value * value))
    wanted = select(Exposure.variant_id, Conversion.metric, *sums).join(Conversion, is_same).where(is_within)
    return wanted.group_by(Exposure.variant_id, Conversion.metric)


def _raised(session: Session, row: Mapping[str, Any], count: int) -> bool:
    wanted = update(Uncounted).filter_by(**row).values(count=Uncounted.count + count)
    result: Any = session.execute(wanted.execution_options(synchronize_session=False))
    return bool(result.rowcount)


def _added(session: Session, table: Any, rows: list[dict[str, Any]], *back: str) -> list[Any]:
    """Inserts the rows that are new; gives back these columns of them."""
    if not rows:
        return []
    made: Any = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)
    made = made.on_conflict_do_nothing().returning(*(getattr(table, name) for name in back))
    return list(session.execute(made, rows))


def _by_piece(who: Collection[Who]) -> Iterator[tuple[str, list[str]]]:
    """Visitors of one piece at a time: pairs would not be looked up by the key."""
    visitors: dict[str, list[str]] = {}
    for piece_id, visitor in who:
        visitors.setdefault(piece_id, []).append(visitor)
    for piece_id, some in visitors.items():
        yield from ((piece_id, part) for part in _parts(some))


def _parts(all: Collection[Any]) -> list[list[Any]]:
    each = list(all)
    return [each[at : at + AT_ONCE] for at in range(0, len(each), AT_ONCE)]
