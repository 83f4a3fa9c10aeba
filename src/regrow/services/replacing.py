"""A person's yes or no to new texts beside what is out; what is approved takes the place of the text before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain import replacing as rules
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors
from regrow.services import guarding, pieces, successions
from regrow.services.publishing import Outside
from regrow.store import audit, posts, replacing
from regrow.store import content as content_store
from regrow.store.replacing import Waiting
from regrow.store.tables.content import Generation, Piece, Variant
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session

GUARD_FAILED = "the brand guard failed this text: reject it, or let an owner approve it with an override and a reason"
AGAIN = "it was decided so before"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says with a decision."""

    reason: str = ""
    override: bool = False
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The piece, and of what was decided beside texts that are out: which variants, which of them gave way, the posts
    to start once this is committed, and what else is to be said.
    """

    piece: Piece
    variants: tuple[Variant, ...] = ()
    replaced: tuple[str, ...] = ()
    posts: tuple[Post, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = Said()


def approve(session: Session, actor: Actor, outside: Outside, id: str, said: Said = NOTHING) -> Decided:
    """As `pieces.approve`; where earlier texts of the piece are out, the new ones take their place.

    Experiments on what is replaced end first, so that a winner among them stays.
    """
    actor.must(Role.REVIEWER)
    piece, _generation = pieces.lock(session, id)
    is_set_back = pieces.is_set_back(session, piece)
    before = _live(session, id)
    drafts = {row.label for row in _texts(session, id) if row.status == "draft"} if is_set_back else set()
    ended = successions.end_tests(
        session, actor, piece, drafts & {piece.meta.get("selected") or label for label in drafts}
    )
    pieces.approve(session, actor, id, said.reason, said.override, said.expected_version)
    made = [row for row in _texts(session, id) if row.status == "live" and row.id not in before]
    new = [row for row in made if is_set_back or _how(session, row) in rules.BESIDE]
    if not new:
        return Decided(piece)
    replaced = [row.id for row in _texts(session, id) if row.id in before and row.status == "superseded"]
    return _succeeded(session, actor, outside, piece, new, replaced, ended)


def reject(session: Session, actor: Actor, id: str, said: Said = NOTHING) -> Decided:
    """As `pieces.reject`, which keeps what is out."""
    return Decided(pieces.reject(session, actor, id, said.reason, said.override, said.expected_version))


def approve_variant(session: Session, actor: Actor, outside: Outside, id: str, said: Said = NOTHING) -> Decided:
    """A draft beside live texts goes live by itself: posts of it are planned where the text before it stands on the
    site, and it joins the experiment that one lost in. Any other variant stands for its piece.

    Conflict when the guard failed it, unless an owner overrides that and says why, and for what was rejected. Approving
    twice changes nothing.
    """
    piece, generation, waiting = _locked(session, actor, id, said)
    if waiting is None:
        return approve(session, actor, outside, piece.id, said)
    variant = waiting.variant
    if rules.is_decided(variant.status, _is_rejected(piece, id), "approved"):
        return Decided(piece, (variant,), notes=(AGAIN,))
    if not said.override:
        _refuse_unguarded(guarding.of_variant(session, piece, generation, waiting))
    ended = successions.end_tests(session, actor, piece, [variant.label])
    others = [row.id for row in _texts(session, piece.id) if row.id != id and row.version >= variant.version]
    done = content_store.make_live(session, piece.id, variant.label, others)
    if done.replaced:
        piece.meta = rules.with_replaced(piece.meta, done.replaced)
    _note(session, actor, piece, variant, "approved", said, replaced=list(done.replaced))
    return _succeeded(session, actor, outside, piece, [variant], done.replaced, ended)


def reject_variant(session: Session, actor: Actor, id: str, said: Said = NOTHING) -> Decided:
    """A draft beside live texts does not come back; what is out stays. Any other variant stands for its piece."""
    piece, _generation, waiting = _locked(session, actor, id, said)
    if waiting is None:
        return reject(session, actor, piece.id, said)
    variant = waiting.variant
    if rules.is_decided(variant.status, _is_rejected(piece, id), "rejected"):
        return Decided(piece, (variant,), notes=(AGAIN,))
    content_store.set_status(session, [id], "superseded")
    piece.meta = rules.with_rejected(piece.meta, [id], said.reason)
    _note(session, actor, piece, variant, "rejected", said)
    return Decided(piece, (variant,))


def _succeeded(
    session: Session,
    actor: Actor,
    outside: Outside,
    piece: Piece,
    new: Sequence[Variant],
    replaced: Sequence[str],
    told: Sequence[str],
) -> Decided:
    planned = successions.plan(session, actor, outside, piece, new)
    session.flush()
    joined = [note for row in new for note in successions.join(session, actor, row)]
    return Decided(piece, tuple(new), tuple(replaced), planned.posts, (*told, *joined, *planned.notes))


def _locked(session: Session, actor: Actor, id: str, said: Said) -> tuple[Piece, Generation, Waiting | None]:
    """The piece of a variant, locked; and the variant, where it is decided on by itself."""
    actor.must(Role.REVIEWER)
    piece, generation = pieces.lock(session, pieces.of_variant(session, id))
    variant = _fresh(session, id)
    version = replacing.version_of(session, variant)
    if version is None or not rules.is_beside(piece.status, version.how):
        return piece, generation, None
    if said.override:
        pieces.refuse_override(actor, said.reason)
    return piece, generation, Waiting(variant, version)


def _fresh(session: Session, id: str) -> Variant:
    """As it is now that its piece is locked."""
    variant = session.get_one(Variant, id)
    session.refresh(variant)
    return variant


def _refuse_unguarded(found: dict[str, Any]) -> None:
    try:
        pieces.refuse_unguarded(found)
    except errors.Conflict as error:
        if error.code != "guard_failed":
            raise
        raise errors.Conflict(GUARD_FAILED, error.code) from None


def _note(session: Session, actor: Actor, piece: Piece, row: Variant, decision: str, said: Said, **more: Any) -> None:
    piece.updated_at = clock.now()
    told: dict[str, Any] = {"piece_id": piece.id, "label": row.label, "reason": said.reason, **more}
    if said.override:
        told["override"] = True
    audit.add(session, actor, f"variant.{decision}", row.id, **told)
    session.flush()
    session.refresh(row)


def _texts(session: Session, piece_id: str) -> list[Variant]:
    return content_store.variants_of(session, [piece_id])


def _live(session: Session, piece_id: str) -> set[str]:
    return {row.id for row in _texts(session, piece_id) if row.status in posts.LIVE}


def _how(session: Session, row: Variant) -> str:
    version = replacing.version_of(session, row)
    return version.how if version is not None else ""


def _is_rejected(piece: Piece, variant_id: str) -> bool:
    return variant_id in (piece.meta.get(rules.REJECTED) or {})
