"""Taking a yes or no back to texts beside what is out: what they replaced stands again."""

from __future__ import annotations

from collections.abc import Iterable

from regrow.domain import replacing as rules
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.services import experiment_arms, pieces, posts
from regrow.store import audit, records, replacing
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store import posts as post_store
from regrow.store.tables.channels import Channel
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session


def variant(session: Session, actor: Actor, id: str) -> Piece:
    """The text waits again. Posts of it on the site are taken down, and it leaves its experiments, which it cannot join
    a second time; what it had replaced is live again.

    Conflict when it stands elsewhere, is being sent right now, or something newer has its place.
    """
    actor.must(Role.REVIEWER)
    piece, _generation = pieces.lock(session, pieces.of_variant(session, id))
    row = session.get_one(Variant, id)
    session.refresh(row)
    version = replacing.version_of(session, row)
    if version is None or not rules.is_beside(piece.status, version.how):
        raise errors.Conflict("this text is decided on with its piece: reopen that", "not_beside")
    if row.status == "draft":
        return piece
    rules.refuse_taking_back(row.status, row.id in (piece.meta.get(rules.REJECTED) or {}))
    _refuse_newer(session, row)
    _undo(session, actor, piece, [row])
    audit.add(session, actor, "variant.reopened", id, piece_id=piece.id, was=row.status)
    return piece


def piece(session: Session, actor: Actor, id: str) -> Piece:
    """The last decision on a piece is taken back, also on one whose drafts took, or were to take, the place of what is
    out: that is live again, and the piece is a draft with them.
    """
    actor.must(Role.REVIEWER)
    row, _generation = pieces.lock(session, id)
    drafts = _decided(session, row)
    if row.status == "draft" or not drafts:
        return pieces.reopen(session, actor, id)
    was = row.status
    _undo(session, actor, row, drafts)
    row.status = "draft"
    pieces.follow(session, id)
    audit.add(session, actor, "piece.reopened", id, was=was, variant_ids=[each.id for each in drafts])
    return row


def reopen(session: Session, actor: Actor, id: str) -> Piece:
    """As `pieces.reopen`: a piece that is published stays so, and one that replaced what is out is set back again."""
    actor.must(Role.REVIEWER)
    row, _generation = pieces.lock(session, id)
    return piece(session, actor, id) if row.status == "approved" else pieces.reopen(session, actor, id)


def _decided(session: Session, piece: Piece) -> list[Variant]:
    """The texts that the last decision on a whole piece was about, where earlier ones were out then."""
    rows = content_store.variants_of(session, [piece.id])
    replaced = [row for row in rows if row.id in (piece.meta.get(rules.REPLACED) or ())]
    labels = {row.label: row.version for row in replaced}
    if replaced:
        newest = max(labels.values())
        return [row for row in rows if row.status == "live" and row.version > labels.get(row.label, newest)]
    newest = max((row.version for row in rows if row.status in post_store.LIVE), default=piece.version)
    rejected = [row for row in rows if row.id in (piece.meta.get(rules.REJECTED) or {})]
    return [row for row in rejected if row.status == "superseded" and row.version > newest]


def _undo(session: Session, actor: Actor, piece: Piece, rows: list[Variant]) -> None:
    for row in rows:
        if row.status == "live":
            _leave(session, actor, piece, row)
            _take_down(session, actor, row)
    content_store.set_status(session, [row.id for row in rows], "draft")
    again = _replaced_by(session, piece, rows)
    content_store.set_status(session, again, "live")
    piece.meta = rules.without_decision(piece.meta, [row.id for row in rows], again)
    piece.updated_at = clock.now()


def _replaced_by(session: Session, piece: Piece, rows: Iterable[Variant]) -> list[str]:
    kept = set(piece.meta.get(rules.REPLACED) or ())
    labels = {row.label: row.version for row in rows}
    texts = content_store.variants_of(session, [piece.id])
    return [row.id for row in texts if row.id in kept and row.version < labels.get(row.label, 0)]


def _take_down(session: Session, actor: Actor, variant: Variant) -> None:
    for row in post_store.of_piece(session, variant.piece_id):
        if row.variant_id != variant.id or row.status in ("failed", "cancelled", "removed"):
            continue
        if row.status == "published":
            _refuse_elsewhere(session, row)
            posts.removed(session, actor, row.id, None, is_by_hand=True)
        elif row.status == "unknown":
            raise errors.Conflict("nobody knows yet whether a post of it went out: settle that first", "post_unknown")
        else:
            posts.cancel(session, actor, row.id)


def _refuse_elsewhere(session: Session, row: Post) -> None:
    channel = records.get(session, Channel, row.channel_id or "")
    if channel is None or channel.kind != rules.SITE:
        where = channel.name if channel is not None else row.platform
        raise errors.Conflict(f"it stands on {where}: take {row.id} down there first", "post_published")


def _leave(session: Session, actor: Actor, piece: Piece, variant: Variant) -> None:
    running = experiment_store.of_piece(session, piece.id, "running")
    arms = experiment_store.arms(session, [row.id for row in running])
    for row in running:
        if any(arm.variant_id == variant.id and not arm.outcome for arm in arms[row.id]):
            experiment_arms.change(session, actor, row.id, remove=variant.id)


def _refuse_newer(session: Session, variant: Variant) -> None:
    for row in content_store.variants_of(session, [variant.piece_id]):
        if row.label == variant.label and row.version > variant.version and row.status != "superseded":
            raise errors.Conflict(f"a newer text of {row.label} stands: decide on that one", "variant_replaced")
