"""The log of deliveries to webhooks: what was attempted, what came of it, and sending a message once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regrow.domain.publishing import posts as rules
from regrow.domain.publishing.channel import LONGEST_ANSWER, Outcome, Outgoing, Testable
from regrow.domain.publishing.channel import Channel as Connected
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids, redaction
from regrow.services import channels, contexts, editing, pieces, publishing
from regrow.services.publishing import Outside
from regrow.store import audit, deliveries, records
from regrow.store import posts as post_store
from regrow.store.tables.channels import Channel, Delivery
from regrow.store.tables.content import Variant
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session

WEBHOOK = "webhook"
Result = Literal["delivered", "again", "dead", "unknown"]
RESULTS: dict[str, Result] = {"published": "delivered", "retry": "again", "refused": "dead", "unknown": "unknown"}
"""`dead`: nothing more is tried by itself; a person may send it once more."""


@dataclass(frozen=True, slots=True)
class Again:
    """A message to be sent once more."""

    delivery_id: str
    post_id: str
    channel: Connected
    outgoing: Outgoing


def keep(session: Session, row: Post, attempt: int, outcome: Outcome, is_last: bool, is_removal: bool = False) -> None:
    """Notes an attempt for a post, when its channel is a webhook; `is_last` when no other is going to follow."""
    if _is_logged(session, row):
        result = RESULTS[outcome.kind]
        message_id = rules.removal_key(row.key) if is_removal else row.key
        _add(session, row, message_id, attempt, "dead" if is_last and result == "again" else result, outcome)


def bury(session: Session, row: Post, detail: str) -> None:
    """Notes that a post was given up, unless its last attempt says so already."""
    if _is_logged(session, row):
        last = deliveries.newest(session, row.id)
        if last is not None and last.outcome != "dead":
            _add(session, row, row.key, last.attempt, "dead", Outcome("refused", detail=detail))


def replay(session: Session, actor: Actor, outside: Outside, channel_id: str, id: str) -> Again:
    """What to send once more, with no transaction open; `replayed` then records it. The key stays the same.

    Conflict when that could make two of one: unless the receiver takes each key once, while the post is still under
    way, or when the text is there by another post.
    """
    actor.must(Role.REVIEWER)
    channel = _webhook(session, channel_id)
    row = editing.found(session, Delivery, id, "delivery")
    post = records.get(session, Post, row.post_id or "")
    if row.channel_id != channel.id or post is None or row.message_id != post.key:
        raise errors.Conflict("this was a test or a removal: only a post can be sent once more", "not_a_post")
    made = channels.connected(outside.register, outside.sealer, channel)
    if not made.capabilities.is_repeatable:
        told = "the receiver may take a message twice: publish the piece again, or set is_repeatable if it does not"
        raise errors.Conflict(told, "not_repeatable")
    _refuse_under_way(session, post)
    return Again(id, post.id, made, publishing.outgoing(session, outside.register, post))


def replayed(session: Session, actor: Actor, again: Again, outcome: Outcome) -> Delivery:
    """Records what came of it; a post that was given up is published when its message was taken after all."""
    actor.must(Role.REVIEWER)
    known = editing.found(session, Post, again.post_id, "post")
    if outcome.kind == "published":
        pieces.lock(session, known.piece_id)
    row = post_store.locked(session, again.post_id) or known
    attempt = 1 + deliveries.attempts(session, row.channel_id or "", row.key)
    result = RESULTS[outcome.kind]
    made = _add(session, row, row.key, attempt, "dead" if result == "again" else result, outcome)
    audit.add(session, actor, "delivery.replayed", made.id, of=again.delivery_id, post_id=row.id, outcome=result)
    if outcome.kind == "published" and row.status == "failed" and not _others(session, row):
        _revive(session, actor, row, outcome)
    return made


def trial(session: Session, actor: Actor, outside: Outside, channel_id: str) -> tuple[Testable, str]:
    """The channel to try with a message that publishes nothing, and the message's id."""
    actor.must(Role.REVIEWER)
    channel = _webhook(session, channel_id)
    made = channels.connected(outside.register, outside.sealer, channel)
    if not isinstance(made, Testable):
        raise errors.Conflict(f"a channel of kind {channel.kind} takes no test: ask for its status", "not_testable")
    return made, ids.new("tst")


def tried(session: Session, actor: Actor, channel_id: str, message_id: str, outcome: Outcome) -> Delivery:
    """Records what came of a test."""
    actor.must(Role.REVIEWER)
    channel = _webhook(session, channel_id)
    result = RESULTS[outcome.kind]
    made = _row(channel.id, None, message_id, 1, "dead" if result == "again" else result, outcome)
    session.add(made)
    audit.add(session, actor, "channel.tested", channel.id, outcome=result)
    return made


def _refuse_under_way(session: Session, post: Post) -> None:
    if post.status not in ("published", "failed"):
        told = f"this post is {post.status}: only what is published or given up is sent once more"
        raise errors.Conflict(told, f"post_{post.status}")
    if post.status == "published":
        return
    if standing := _others(session, post):
        raise errors.Conflict(f"this text is there by another post: {standing[0].id}", "already_published")
    variant = records.get(session, Variant, post.variant_id)
    if variant is None or variant.status not in post_store.LIVE:
        raise errors.Conflict("this text may not go out any more: its piece was reopened or rejected", "nothing_live")


def _revive(session: Session, actor: Actor, row: Post, outcome: Outcome) -> None:
    rules.refuse_step(row.status, "published")
    row.status, row.detail = "published", ""
    row.published_at = row.updated_at = clock.now()
    row.outside_id = outcome.outside_id[:300] or row.outside_id
    row.address = outcome.address or row.address
    row.answer = _kept(outcome)
    row.version += 1
    if row.context_id is not None:
        contexts.close_done(session, contexts.Recording(row.context_id, result={"post_id": row.id}))
    audit.add(session, actor, "post.published", row.id, was="failed", attempt=row.attempts, round=row.round)
    session.flush()
    pieces.follow_posts(session, actor, row.piece_id)


def _others(session: Session, row: Post) -> list[Post]:
    """Posts of the same text on the same channel that stand or are on their way."""
    pair = post_store.of_pair(session, row.channel_id or "", [row.variant_id])
    return [each for each in pair if each.id != row.id and each.status not in rules.ENDED]


def _webhook(session: Session, channel_id: str) -> Channel:
    channel = editing.found(session, Channel, channel_id, "channel")
    editing.refuse_archived(channel, "channel")
    if channel.kind != WEBHOOK:
        told = f"a channel of kind {channel.kind} takes no messages: only a {WEBHOOK} does"
        raise errors.Conflict(told, "not_a_webhook")
    return channel


def _is_logged(session: Session, row: Post) -> bool:
    channel = records.get(session, Channel, row.channel_id or "")
    return channel is not None and channel.kind == WEBHOOK


def _add(session: Session, row: Post, message_id: str, attempt: int, result: Result, outcome: Outcome) -> Delivery:
    made = _row(row.channel_id or "", row.id, message_id, attempt, result, outcome)
    session.add(made)
    return made


def _row(
    channel_id: str, post_id: str | None, message_id: str, attempt: int, result: Result, outcome: Outcome
) -> Delivery:
    return Delivery(
        id=ids.new("dlv"),
        channel_id=channel_id,
        post_id=post_id,
        message_id=message_id,
        attempt=attempt,
        outcome=result,
        status=outcome.status,
        detail=redaction.shorten(outcome.detail, 1_000),
        answer=_kept(outcome),
        milliseconds=outcome.milliseconds,
        at=clock.now(),
    )


def _kept(outcome: Outcome) -> str:
    """What databases can hold of an answer, without what looks like a secret."""
    return redaction.redact(outcome.answer.replace("\x00", ""))[:LONGEST_ANSWER]
