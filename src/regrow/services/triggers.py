"""Triggers: set on a piece, cleared, and told with what became of them."""

from __future__ import annotations

from typing import Any

from regrow.domain.triggers import conditions
from regrow.domain.triggers.conditions import Condition
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import editing, pieces
from regrow.store import audit
from regrow.store import triggers as store
from regrow.store.tables.content import Piece
from regrow.store.tables.triggers import Trigger, TriggerEvent
from regrow.store.tenancy import Session

MOST_FAILURES = 5
"""Runs of one trigger that may fail before a person has to set it again."""
ASKED = ("metric", "comparison", "value", "prompt")


def put(
    session: Session, actor: Actor, piece_id: str, metric: Any, comparison: Any, value: Any, prompt: Any = ""
) -> Trigger:
    """The piece's trigger from now on, in place of one that stood; a waiting one that says the same stays.

    Invalid names every field that is off. A run that the replaced trigger began writes nothing any more.
    """
    actor.must(Role.EDITOR)
    wanted = conditions.checked(metric, comparison, value, prompt)
    pieces.lock(session, piece_id)
    piece = editing.found(session, Piece, piece_id, "piece")
    if piece.status == "superseded":
        raise errors.Conflict("this piece was replaced by a newer one: set the trigger there", "piece_superseded")
    stands = store.of_pieces(session, [piece_id]).get(piece_id)
    if stands is not None:
        if stands.status == "set" and not stands.failures and condition_of(stands) == wanted:
            return stands
        _leave(session, actor, stands, "replaced")
    row = _added(session, actor, piece_id, wanted)
    record(session, actor, row, "set", **_asked(row))
    audit.add(session, actor, "trigger.set", row.id, piece_id=piece_id, condition=wanted.told)
    return row


def clear(session: Session, actor: Actor, piece_id: str) -> None:
    """The piece has no trigger any more; clearing twice changes nothing. A run that it began writes nothing."""
    actor.must(Role.EDITOR)
    pieces.lock(session, piece_id)
    stands = store.of_pieces(session, [piece_id]).get(piece_id)
    if stands is not None:
        _leave(session, actor, stands, "cleared")
        audit.add(session, actor, "trigger.cleared", stands.id, piece_id=piece_id)


def record(session: Session, actor: Actor, row: Trigger, kind: str, **detail: Any) -> None:
    """What became of a trigger, for its history."""
    session.add(
        TriggerEvent(
            id=ids.new("tev"),
            trigger_id=row.id,
            piece_id=row.piece_id,
            kind=kind,
            by=actor.id,
            detail=detail,
            at=clock.now(),
        )
    )


def condition_of(row: Trigger) -> Condition:
    return Condition(*(getattr(row, name) for name in ASKED))


def shape(row: Trigger) -> dict[str, Any]:
    """A trigger as every face shows it."""
    return {
        **_asked(row),
        "id": row.id,
        "status": row.status,
        "set_by": row.set_by,
        "set_at": clock.iso(row.set_at),
        "failures": row.failures,
        "retry_at": clock.iso(row.retry_at) if row.retry_at is not None else None,
        "task_id": row.task_id,
    }


def event_shape(row: TriggerEvent) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "trigger_id", "piece_id", "kind", "by", "detail")}
    return {**plain, "at": clock.iso(row.at)}


def _asked(row: Trigger) -> dict[str, Any]:
    value = int(row.value) if float(row.value).is_integer() else row.value
    return {
        "trigger_condition": row.metric,
        "trigger_comparison": row.comparison,
        "trigger_value": value,
        "trigger_prompt": row.prompt,
    }


def _leave(session: Session, actor: Actor, row: Trigger, how: str) -> None:
    row.status, row.ended_at = how, clock.now()
    record(session, actor, row, how)
    session.flush()


def _added(session: Session, actor: Actor, piece_id: str, wanted: Condition) -> Trigger:
    row = Trigger(
        id=ids.new("trg"),
        piece_id=piece_id,
        **{name: getattr(wanted, name) for name in ASKED},
        set_by=actor.id,
        set_at=clock.now(),
        status="set",
        firings=0,
        failures=0,
    )
    session.add(row)
    session.flush()
    return row
