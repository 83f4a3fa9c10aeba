"""Posts: moved, cancelled, settled by a person, taken down, recorded from elsewhere, and the totals told of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from regrow.domain.publishing import posts as rules
from regrow.domain.publishing import schedules, totals
from regrow.domain.publishing.channel import Channel as Connected
from regrow.domain.publishing.channel import Outcome, Outgoing
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import channels, contexts, deliveries, editing, markup, pieces, publishing, successions
from regrow.services.publishing import Outside, Planned
from regrow.store import audit, records
from regrow.store import content as content_store
from regrow.store import posts as post_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.posts import Post, PostTotals
from regrow.store.tenancy import Session

Answer = Literal["found", "not_found", "post_again"]
RECORDED: Mapping[str, Any] = {
    **{"number": 1, "round": 1, "attempts": 0, "version": 1},
    **{"slug": "", "detail": "recorded by hand", "answer": ""},
}
AHEAD = timedelta(minutes=5)
"""Clocks of those who tell totals may be so far ahead of ours."""


def move(session: Session, actor: Actor, id: str, at: str | None, expected_version: int | None = None) -> Planned:
    """Plans a post that has not gone out for another time, or for now; a missed one is planned anew by it.

    Whoever calls starts its run once this is committed, when it is due.
    """
    actor.must(Role.REVIEWER)
    row = _locked(session, id)
    editing.refuse_stale(row, expected_version, "post")
    if row.status not in ("planned", "missed"):
        raise errors.Conflict(f"this post is {row.status}: only what is planned or missed can be moved", _code(row))
    channel = editing.found(session, Channel, row.channel_id or "", "channel")
    moment = publishing.moment_of(session, channel, at)
    row.due_at, row.status, row.detail = moment.at, "planned", ""
    row.round += 1
    _touch(session, actor, row, "post.moved", due_at=clock.iso(moment.at))
    return Planned((row,), schedules.told(moment.note, moment.at, channels.zone_name(session, channel)))


def cancel(session: Session, actor: Actor, id: str) -> Post:
    """It does not go out. Cancelling twice changes nothing; what is being sent right now can no longer be held."""
    actor.must(Role.REVIEWER)
    row = _locked(session, id)
    if row.status == "cancelled":
        return row
    if row.status == "sending":
        raise errors.Conflict("this post is being sent right now: wait, then take it down", "post_sending")
    rules.refuse_step(row.status, "cancelled")
    row.status = "cancelled"
    _close(session, row, "cancelled by a person")
    _touch(session, actor, row, "post.cancelled")
    return row


def resolve(session: Session, actor: Actor, id: str, answer: Answer, address: str = "", outside_id: str = "") -> Post:
    """A person looked where nobody could tell: `found` there, `not_found`, or `post_again` whatever the risk.

    With `post_again` whoever calls starts its run once this is committed; it carries the same key.
    """
    actor.must(Role.REVIEWER)
    known = records.get(session, Post, id)
    if known is not None:
        pieces.lock(session, known.piece_id)
    row = _locked(session, id)
    if row.status != "unknown":
        raise errors.Conflict(f"this post is {row.status}: there is nothing to settle", _code(row))
    if answer == "found":
        _found(session, actor, row, _web_address(address), outside_id)
    elif answer == "not_found":
        row.status, row.detail = "failed", "a person looked and did not find it"
        _close(session, row, row.detail)
    else:
        row.status, row.detail, row.due_at = "planned", "", clock.now()
        row.round += 1
    _touch(session, actor, row, "post.resolved", answer=answer)
    return row


def removal(session: Session, actor: Actor, outside: Outside, id: str) -> tuple[Connected, Outgoing, str] | None:
    """What to ask the channel so that it takes the post down; None when a person has to, or nothing is left to do."""
    actor.must(Role.REVIEWER)
    row = editing.found(session, Post, id, "post")
    channel = records.get(session, Channel, row.channel_id or "")
    if row.status == "removed" or channel is None:
        return None
    rules.refuse_step(row.status, "removed")
    made = channels.connected(outside.register, outside.sealer, channel)
    if not made.capabilities.can_remove:
        return None
    return made, publishing.outgoing(session, outside.register, row), row.outside_id


def removed(session: Session, actor: Actor, id: str, outcome: Outcome | None, is_by_hand: bool) -> Post:
    """Records that a post was taken down, by its channel or, where that cannot, by a person's own hand."""
    actor.must(Role.REVIEWER)
    row = _locked(session, id)
    if row.status == "removed":
        return row
    rules.refuse_step(row.status, "removed")
    if outcome is None and not is_by_hand:
        told = "this cannot be taken down from here: take it down there, then say so (by_hand)"
        raise errors.Conflict(told, "take_down_by_hand")
    if outcome is not None and outcome.kind != "published" and not is_by_hand:
        told = outcome.detail or outcome.kind
        raise errors.Unavailable(f"the channel did not take it down: {told}", "not_taken_down")
    if outcome is not None:
        deliveries.keep(session, row, 1, outcome, is_last=True, is_removal=True)
    row.status, row.removed_at = "removed", clock.now()
    _touch(session, actor, row, "post.removed", by_hand=is_by_hand)
    return row


def record(session: Session, actor: Actor, values: Mapping[str, Any]) -> Post:
    """What was published elsewhere: `variant_id`, or `piece_id` with a `label` (A); `platform`, and what is known of
    `outside_id`, `address` and `published_at`. Conflict when the same was recorded before.

    What happened is kept whatever we think of the piece: a draft stays a draft until somebody approves it, and is
    published from then on when all its variants are.
    """
    actor.must(Role.EDITOR)
    variant = _variant(session, values)
    pieces.lock(session, variant.piece_id)
    piece = editing.found(session, Piece, variant.piece_id, "piece")
    now = clock.now()
    at = values.get("published_at") or now
    _refuse_future(at, "published_at")
    address, outside_id = _web_address(values.get("address", "")), values.get("outside_id", "")
    platform = values["platform"]
    key = rules.key_of(actor.workspace_id, f"elsewhere:{platform}", outside_id or address or variant.id, 0)
    if (known := records.one(session, Post, key=key)) is not None:
        raise errors.Conflict(f"this was recorded before, as {known.id}", "already_recorded")
    row = Post(
        id=ids.new("pst"),
        piece_id=piece.id,
        variant_id=variant.id,
        channel_id=None,
        platform=platform,
        status="published",
        key=key,
        **RECORDED,
        outside_id=outside_id,
        address=address,
        context_id=piece.context_id,
        by=actor.id,
        **dict.fromkeys(("due_at", "sent_at", "published_at"), at),
        **dict.fromkeys(("created_at", "updated_at"), now),
    )
    session.add(row)
    session.flush()
    audit.add(session, actor, "post.recorded", row.id, platform=platform, piece_id=piece.id)
    pieces.follow_posts(session, actor, piece.id)
    return row


def add_totals(
    session: Session, actor: Actor, id: str, counts: Mapping[str, int], source: str, at: datetime | None = None
) -> PostTotals:
    """What a platform said the post had in all at that time, word for word; what went down is kept and named.

    The same source telling the same again changes nothing.
    """
    actor.must(Role.EDITOR)
    row = _locked(session, id)
    if row.published_at is None:
        raise errors.Conflict(f"this post is {row.status}: it has no totals before it is published", _code(row))
    now = clock.now()
    when = at or now
    _refuse_future(when, "at")
    given = dict(_checked(counts).counts)
    known = post_store.totals_at(session, id, source, when)
    if known is not None and known.counts == given:
        return known
    before = known or post_store.totals_before(session, id, source, when)
    went_down = totals.lowered(totals.Totals(before.counts), totals.Totals(given)) if before is not None else ()
    made = PostTotals(
        id=ids.new("tot"),
        post_id=id,
        at=when,
        source=source,
        counts=given,
        lowered=list(went_down),
        by=actor.id,
        received_at=now,
    )
    session.add(made)
    audit.add(session, actor, "post.totals_told", id, source=source, lowered=list(went_down))
    return made


def _checked(counts: Mapping[str, Any]) -> totals.Totals:
    problems = [
        f"{name[:60]}: unknown, use {', '.join(totals.METRICS)}" for name in counts if name not in totals.METRICS
    ]
    problems += [
        f"{name[:60]}: a whole number from 0 to {totals.MOST}"
        for name, value in counts.items()
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= totals.MOST
    ]
    if not counts:
        problems.append("name at least one total")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_totals", problems=problems)
    return totals.Totals(counts)


def _found(session: Session, actor: Actor, row: Post, address: str, outside_id: str) -> None:
    row.status, row.published_at, row.detail = "published", clock.now(), "a person found it"
    row.address, row.outside_id = address or row.address, outside_id or row.outside_id
    if row.context_id is not None:
        contexts.close_done(session, contexts.Recording(row.context_id, result={"post_id": row.id}))
    session.flush()
    pieces.follow_posts(session, actor, row.piece_id)
    successions.went_out(session, actor, row)


def _variant(session: Session, values: Mapping[str, Any]) -> Variant:
    if values.get("variant_id"):
        return editing.found(session, Variant, values["variant_id"], "variant")
    if not values.get("piece_id"):
        raise errors.Invalid("name the variant_id, or the piece_id with a label", "which_variant")
    piece = editing.found(session, Piece, values["piece_id"], "piece")
    label = str(values.get("label") or "A").upper()
    # What readers may see comes first: a draft that waits to replace it was not published elsewhere.
    for row in (*post_store.live_variants(session, piece.id), *_newest(session, piece)):
        if row.label == label:
            return row
    raise errors.NotFound(f"this piece has no variant {label[:10]!r}", "variant_not_found")


def _newest(session: Session, piece: Piece) -> list[Variant]:
    return content_store.newest_variants(session, [piece.id])[piece.id]


def _web_address(address: str) -> str:
    if address and markup.web_address(address) is None:
        raise errors.Invalid("address: an address that begins with https:// or http://", "bad_address")
    return address.strip()


def _refuse_future(at: datetime, what: str) -> None:
    if at > clock.now() + AHEAD:
        raise errors.Invalid(f"{what}: this time has not come yet", "bad_time")


def _locked(session: Session, id: str) -> Post:
    row = post_store.locked(session, id)
    if row is None:
        raise errors.NotFound(f"there is no post {id[:60]!r} here")
    return row


def _close(session: Session, row: Post, why: str) -> None:
    if row.context_id is not None:
        contexts.close_failed(session, row.context_id, why)


def _code(row: Post) -> str:
    return f"post_{row.status}"


def _touch(session: Session, actor: Actor, row: Post, action: str, **detail: Any) -> None:
    row.version += 1
    row.updated_at = clock.now()
    audit.add(session, actor, action, row.id, **detail)
