"""Sending posts: claimed in one transaction, answered in the next; a channel is called once for each claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from regrow.domain.publishing import posts as rules
from regrow.domain.publishing import schedules
from regrow.domain.publishing.channel import LONGEST_ANSWER, Capabilities, Outcome, Outgoing
from regrow.domain.publishing.channel import Channel as Connected
from regrow.domain.workspaces import Actor, system
from regrow.kit import clock, errors, redaction
from regrow.services import channels, contexts, deliveries, pieces, publishing, successions
from regrow.services.publishing import Outside
from regrow.store import audit, records
from regrow.store import posts as post_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session

MOST_ATTEMPTS = 5
MOST_QUESTIONS = 6
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 3_600.0
DIED = "whoever was sending this died before the answer was known"
LOOK_THERE = "nobody can tell whether it was taken: look there, then say so with regrow posts resolve"
Next = Literal["send", "ask", "over"]


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done with a post now; with `over`, nothing. `attempt` is the one that the answer belongs to."""

    act: Next
    attempt: int = 0
    channel: Connected | None = None
    outgoing: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes next, and after how long."""

    act: Next
    seconds: float = 0


def claim(session: Session, outside: Outside, id: str, round_: int, grace: timedelta) -> Errand:
    """Makes a planned post one that is being sent. Found as `sending`, a former try died: it is asked about instead."""
    row = post_store.locked(session, id)
    if row is None or row.round != round_ or row.status not in ("planned", "sending", "unknown"):
        return Errand("over")
    if row.status == "sending":
        _become(session, row, "unknown", DIED)
    if row.status == "unknown":
        return Errand("ask")
    if _is_put_off(session, row, grace):
        return Errand("over")
    return _claimed(session, outside, row)


def question(session: Session, outside: Outside, id: str, round_: int) -> Errand:
    """What to ask the channel about a post of which nobody knows."""
    row = records.get(session, Post, id)
    if row is None or row.round != round_:
        return Errand("over")
    if row.status == "planned":
        return Errand("send")  # A former try of this question was answered, and died before the run knew.
    if row.status != "unknown":
        return Errand("over")
    made = channels.connected(outside.register, outside.sealer, _channel(session, row))
    return Errand("ask", row.attempts, made, publishing.outgoing(session, outside.register, row))


def answered(session: Session, id: str, attempt: int, outcome: Outcome) -> Verdict:
    """Stores what came of an attempt. One that comes after somebody else settled the post is only put on record."""
    row = _settling(session, id, outcome)
    deliveries.keep(session, row, attempt, outcome, is_last=attempt >= MOST_ATTEMPTS)
    if row.attempts != attempt or row.status not in ("sending", "unknown"):
        audit.add(session, _actor(row), "post.answered_late", id, outcome=outcome.kind, attempt=attempt)
        return Verdict("over")
    _keep(row, outcome)
    if outcome.kind == "published":
        return _published(session, row)
    if outcome.kind == "refused":
        return _failed(session, row, outcome.detail or "the channel refused it")
    if outcome.kind == "unknown":
        if row.status != "unknown":
            _become(session, row, "unknown", outcome.detail or LOOK_THERE)
        return Verdict("ask", FIRST_WAIT_SECONDS)
    return _again(session, row, outcome)


def reconciled(
    session: Session, id: str, attempt: int, asked: int, outcome: Outcome, limits: Capabilities, settle: timedelta
) -> Verdict:
    """What the channel's word on an unknown post leads to; `asked` counts the questions before this one.

    That it was not taken is believed once `settle` has passed: what was sent may still be on its way.
    """
    row = _settling(session, id, outcome)
    if row.attempts != attempt or row.status != "unknown":
        return Verdict("over")
    if outcome.kind == "published":
        _keep(row, outcome)
        return _published(session, row)
    is_settled = clock.now() >= row.updated_at + settle
    if outcome.kind == "retry" and (is_settled or limits.is_repeatable):
        return _again(session, row, outcome)
    if limits.can_reconcile and asked + 1 < MOST_QUESTIONS:
        return Verdict("ask", max(_wait(asked + 1), 0 if is_settled else settle.total_seconds() / 2))
    if limits.is_repeatable and row.attempts < MOST_ATTEMPTS:
        return _again(session, row, outcome)
    row.detail = redaction.shorten(f"{row.detail}; {LOOK_THERE}", 1_000) if LOOK_THERE not in row.detail else row.detail
    audit.add(session, _actor(row), "post.needs_a_person", row.id, asked=asked + 1)
    return Verdict("over")


def miss(session: Session, id: str, grace: timedelta) -> bool:
    """Tells a planned post that is too late to be fired as missed; false when that is not so any more."""
    row = post_store.locked(session, id)
    if row is None or row.status != "planned" or not schedules.is_missed(row.due_at, clock.now(), grace):
        return False
    _miss(session, row)
    return True


def orphaned(session: Session, id: str, round_: int) -> int | None:
    """A post that is being sent by nobody any more becomes unknown; gives back the round to ask about it in."""
    row = post_store.locked(session, id)
    if row is None or row.status != "sending" or row.round != round_:
        return None
    _become(session, row, "unknown", DIED)
    row.round += 1
    return row.round


def stalled(session: Session, id: str, round_: int) -> int | None:
    """A planned post whose run is over, however that came: gives back the round to start it again in."""
    row = post_store.locked(session, id)
    if row is None or row.status != "planned" or row.round != round_:
        return None
    row.round += 1
    row.updated_at = clock.now()
    return row.round


def _is_put_off(session: Session, row: Post, grace: timedelta) -> bool:
    """Whether a planned post does not go out now: it waits for another time, or for a person."""
    now, channel = clock.now(), _channel(session, row)
    if channel.paused_at is not None or row.due_at > now + timedelta(seconds=5):
        row.round += 1  # The run of this round ends here; the schedule starts the next one.
        return True
    if schedules.is_missed(row.due_at, now, grace):
        _miss(session, row)
        return True
    if channel.archived_at is not None:
        _failed(session, row, "its channel is archived: publish it on another one")
        return True
    variant, piece = records.get(session, Variant, row.variant_id), records.get(session, Piece, row.piece_id)
    if variant is None or piece is None or variant.status not in post_store.LIVE:
        _failed(session, row, "this text may not go out any more: its piece was reopened, rejected or replaced")
        return True
    return False


def _claimed(session: Session, outside: Outside, row: Post) -> Errand:
    try:
        made = channels.connected(outside.register, outside.sealer, _channel(session, row))
        first = row.sent_at or clock.now()
        outgoing = publishing.outgoing(session, outside.register, row, first)
        problems = made.validate(outgoing)
    except errors.RegrowError as error:
        problems, made, outgoing, first = (error.detail,), None, None, None
    if problems:
        _failed(session, row, "; ".join(problems))
        return Errand("over")
    # All at once: a second UPDATE of the row would have PostgreSQL look up its piece, which others may hold.
    row.attempts, row.sent_at = row.attempts + 1, first
    _become(session, row, "sending", "")
    return Errand("send", row.attempts, made, outgoing)


def _settling(session: Session, id: str, outcome: Outcome) -> Post:
    """The post, locked; when it may become published, its piece is locked before it, as everywhere."""
    if outcome.kind == "published":
        row = records.get(session, Post, id)
        if row is not None:
            pieces.lock(session, row.piece_id)
    locked = post_store.locked(session, id)
    if locked is None:
        raise errors.NotFound(f"there is no post {id[:60]!r} here")
    return locked


def _keep(row: Post, outcome: Outcome) -> None:
    row.answer = redaction.redact(_storable(outcome.answer))[:LONGEST_ANSWER] or row.answer
    row.outside_id = _storable(outcome.outside_id)[:300] or row.outside_id
    row.address = _storable(outcome.address)[:2_000] or row.address
    row.detail = redaction.shorten(outcome.detail, 1_000)


def _storable(text: str) -> str:
    """What databases and JSON can hold of a text from outside."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _published(session: Session, row: Post) -> Verdict:
    _become(session, row, "published", row.detail)
    row.published_at = clock.now()
    told = {"post_id": row.id, "address": row.address, "outside_id": row.outside_id}
    if row.context_id is not None:
        contexts.close_done(session, contexts.Recording(row.context_id, result=told))
    session.flush()
    pieces.follow_posts(session, _actor(row), row.piece_id)
    successions.went_out(session, _actor(row), row)
    return Verdict("over")


def _failed(session: Session, row: Post, detail: str) -> Verdict:
    _become(session, row, "failed", detail)
    if row.context_id is not None:
        contexts.close_failed(session, row.context_id, detail)
    return Verdict("over")


def _again(session: Session, row: Post, outcome: Outcome) -> Verdict:
    """Certainly not taken, or harmless to repeat: planned once more, a while later, until it was tried often enough."""
    if row.attempts >= MOST_ATTEMPTS:
        detail = f"tried {row.attempts} times, the last time: {outcome.detail or 'not taken'}"
        deliveries.bury(session, row, detail)
        return _failed(session, row, detail)
    wait = min(max(_wait(row.attempts - 1), outcome.retry_after_seconds or 0), LONGEST_WAIT_SECONDS)
    _become(session, row, "planned", outcome.detail)
    row.due_at = clock.now() + timedelta(seconds=wait)
    return Verdict("send", wait)


def _miss(session: Session, row: Post) -> None:
    _become(session, row, "missed", "nobody was there to send it in time: move it to another time, or cancel it")


def _become(session: Session, row: Post, status: str, detail: str) -> None:
    rules.refuse_step(row.status, status)
    was, row.status = row.status, status
    row.detail = redaction.shorten(detail, 1_000)
    row.version += 1
    row.updated_at = clock.now()
    audit.add(session, _actor(row), f"post.{status}", row.id, was=was, attempt=row.attempts, round=row.round)


def _channel(session: Session, row: Post) -> Channel:
    found = records.get(session, Channel, row.channel_id or "")
    if found is None:
        raise errors.NotFound(f"the post {row.id} has no channel")
    return found


def _wait(turn: int) -> float:
    return float(FIRST_WAIT_SECONDS * 4**turn)


def _actor(row: Post) -> Actor:
    return system(row.workspace_id)
