"""Pieces: a person's decision on each of them."""

from __future__ import annotations

from regrow.domain import content
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tenancy import Session

BECOMES = {"approved": ("draft", "live"), "rejected": ("live", "draft")}


def approve(session: Session, actor: Actor, id: str) -> Piece:
    """The piece may go out; its variants become live. Approving twice changes nothing."""
    return _decide(session, actor, id, "approved", "")


def reject(session: Session, actor: Actor, id: str, reason: str = "") -> Piece:
    """The piece may not go out; the reason is kept for whoever writes it again."""
    return _decide(session, actor, id, "rejected", reason)


def of_variant(session: Session, variant_id: str) -> str:
    """The piece a variant belongs to."""
    piece_id = content_store.piece_of_variant(session, variant_id)
    if piece_id is None:
        raise errors.NotFound(f"there is no variant {variant_id[:60]!r} here")
    return piece_id


def _decide(session: Session, actor: Actor, id: str, decision: str, reason: str) -> Piece:
    actor.must(Role.REVIEWER)
    locked = content_store.locked_piece(session, id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {id[:60]!r} here")
    piece, generation = locked
    content.refuse_decision(piece.status, decision)
    if piece.status == decision:
        return piece
    piece.status = decision
    piece.updated_at = clock.now()
    if reason:
        piece.meta = {**piece.meta, "reject_reason": reason}
    was, becomes = BECOMES[decision]
    content_store.set_variants(session, id, [was], becomes)
    audit.add(session, actor, f"piece.{decision}", id, reason=reason)
    _follow(session, generation)
    return piece


def _follow(session: Session, generation: Generation) -> None:
    session.flush()
    statuses = [piece.status for piece in content_store.pieces_of(session, [generation.id])]
    generation.status = content.generation_status(statuses)
