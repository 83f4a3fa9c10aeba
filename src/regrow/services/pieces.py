"""Pieces: a person's decision on each of them, its undoing, and which variant goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from regrow.domain import content, replacing
from regrow.domain.brand import deciding
from regrow.domain.workspaces import RANK, Actor, Role
from regrow.kit import clock, errors
from regrow.services import editing, guarding
from regrow.store import audit, posts
from regrow.store import content as content_store
from regrow.store import replacing as replacing_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tenancy import Session

GUARD_FAILED = "the brand guard failed it: change it, or let an owner approve it with an override and a reason"
JUDGE_PENDING = (
    "the judge has not decided on it yet: wait a moment, or let an owner approve it with an override and a reason"
)
NEEDS_PERSON = "the judge is in doubt about it: a person reads it and approves it by itself"
SKIPPED = {
    "approved": "it is approved already",
    "published": "it is published already",
    "rejected": "it was rejected: approve it by itself if that was a mistake",
}
IS_OUT = "it takes the place of what is out: approve it by itself"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A piece that was left as it was, and why, in words."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Approved:
    """Ids of the pieces that were approved, and those that were not."""

    approved: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def approve(
    session: Session,
    actor: Actor,
    id: str,
    reason: str = "",
    override: bool = False,
    expected_version: int | None = None,
) -> Piece:
    """The piece may go out; its variants become live, or the selected one alone. Approving twice changes nothing.

    Conflict when the guard failed it or its judge has not decided, unless an owner overrides that and says why; Stale
    when it is not the version that was read. Where the judge was in doubt, whoever approves is the person who decides.
    """
    return _decide(session, actor, id, "approved", reason, override, expected_version)


def reject(
    session: Session,
    actor: Actor,
    id: str,
    reason: str = "",
    override: bool = False,
    expected_version: int | None = None,
) -> Piece:
    """The piece may not go out; the reason is kept for whoever writes it again.

    Where earlier texts of it are out, only its drafts are rejected: they do not come back, and the piece is what it was
    before they came.
    """
    return _decide(session, actor, id, "rejected", reason, override, expected_version)


def reopen(session: Session, actor: Actor, id: str) -> Piece:
    """Takes a yes or no back: the piece is a draft again. Reopening a draft changes nothing."""
    actor.must(Role.REVIEWER)
    piece, generation = _locked(session, id)
    content.refuse_decision(piece.status, "reopened")
    if piece.status == "draft":
        return piece
    piece.meta = {name: value for name, value in piece.meta.items() if name != "reject_reason"}
    _become(session, actor, piece, "draft", {"was": piece.status})
    _follow(session, {generation.id: generation})
    return piece


def select(session: Session, actor: Actor, id: str, label: str | None) -> Piece:
    """Only the variant of this label will be published; with None all of them will. Selecting twice changes nothing.

    NotFound for a label that the piece does not have; Conflict for what is published or replaced.
    """
    actor.must(Role.REVIEWER)
    piece, _generation = _locked(session, id)
    content.refuse_decision(piece.status, "selected")
    labels = [row.label for row in content_store.newest_variants(session, [id])[id]]
    if label is not None and label not in labels:
        told = f"this piece has no variant {label[:10]!r}: it has {', '.join(labels)}"
        raise errors.NotFound(told, "variant_not_found")
    if piece.meta.get("selected") == label:
        return piece
    rest = {name: value for name, value in piece.meta.items() if name != "selected"}
    piece.meta = rest if label is None else {**rest, "selected": label}
    piece.updated_at = clock.now()
    if piece.status == "approved":
        waiting = replacing_store.waiting_ids(session, piece)
        content_store.set_variants(session, piece.id, ["live"], "draft")
        content_store.make_live(session, piece.id, label, waiting)
    audit.add(session, actor, "piece.variant_selected", piece.id, label=label)
    return piece


def approve_drafts(session: Session, actor: Actor, ids: Iterable[str]) -> Approved:
    """Approves those of these pieces that are drafts the guard let pass; superseded ones are not spoken of.

    Give ids of the same generation together and the generations in order of their ids: they are locked in turn.
    """
    actor.must(Role.REVIEWER)
    approved: list[str] = []
    skipped: list[Skipped] = []
    generations: dict[str, Generation] = {}
    for id in ids:
        piece, generation = _locked(session, id)
        reason = _why_not(session, actor, piece, generation)
        if reason is None:
            _become(session, actor, piece, "approved", {})
            generations[generation.id] = generation
            approved.append(id)
        elif piece.status != "superseded":
            skipped.append(Skipped(id, reason))
    _follow(session, generations)
    return Approved(tuple(approved), tuple(skipped))


def lock(session: Session, id: str) -> tuple[Piece, Generation]:
    """Keeps the piece and its generation from everybody else; whoever locks posts of it as well does this first."""
    return _locked(session, id)


def is_set_back(session: Session, piece: Piece) -> bool:
    """Whether the piece is a draft whose earlier texts are out."""
    return piece.status == "draft" and bool(posts.live_variants(session, piece.id))


def follow_posts(session: Session, actor: Actor, piece_id: str) -> None:
    """An approved piece whose live variants all stand published somewhere is published, and so may be its generation.

    Called before the transaction locks any of the piece's posts.
    """
    piece, generation = _locked(session, piece_id)
    if piece.status == "approved" and _is_out(session, actor, piece):
        _follow(session, {generation.id: generation})


def follow(session: Session, piece_id: str) -> None:
    """Makes the generation of a piece what its current pieces say."""
    _piece, generation = _locked(session, piece_id)
    _follow(session, {generation.id: generation})


def of_variant(session: Session, variant_id: str) -> str:
    """The piece a variant belongs to."""
    piece_id = content_store.piece_of_variant(session, variant_id)
    if piece_id is None:
        raise errors.NotFound(f"there is no variant {variant_id[:60]!r} here")
    return piece_id


def _decide(
    session: Session,
    actor: Actor,
    id: str,
    decision: str,
    reason: str,
    override: bool,
    expected_version: int | None,
) -> Piece:
    actor.must(Role.REVIEWER)
    piece, generation = _locked(session, id)
    if override:
        refuse_override(actor, reason)
    content.refuse_decision(piece.status, decision)
    editing.refuse_stale(piece, expected_version, "piece")
    if piece.status == decision:
        return piece
    if decision == "approved" and not override:
        refuse_unguarded(_verdict(session, actor, piece, generation))
    if reason and decision == "rejected":
        piece.meta = {**piece.meta, "reject_reason": reason}
    _become(session, actor, piece, decision, {"reason": reason, **({"override": True} if override else {})})
    _follow(session, {generation.id: generation})
    return piece


def _is_all_out(session: Session, piece_id: str) -> bool:
    live = {row.id for row in posts.live_variants(session, piece_id)}
    return bool(live) and not live - posts.published_variants(session, piece_id)


def refuse_override(actor: Actor, reason: str) -> None:
    """Forbidden for anybody but owners, Invalid without a reason."""
    if RANK[actor.role] < RANK[Role.OWNER]:
        raise errors.Forbidden(
            f"only an owner may override; your role is {actor.role}. Leave override out, or ask an owner",
            "override_needs_owner",
        )
    if not reason.strip():
        problem = "body.reason: an override needs a reason, which is kept in the audit"
        raise errors.Invalid(problem, "override_needs_reason", problems=[problem])


def _locked(session: Session, id: str) -> tuple[Piece, Generation]:
    locked = content_store.locked_piece(session, id)
    if locked is None:
        raise errors.NotFound(f"there is no piece {id[:60]!r} here")
    return locked


def _why_not(session: Session, actor: Actor, piece: Piece, generation: Generation) -> str | None:
    if piece.status != "draft":
        return SKIPPED.get(piece.status, f"it is {piece.status}")
    if is_set_back(session, piece):
        return IS_OUT
    found = _verdict(session, actor, piece, generation)
    if deciding.is_pending(found):
        return JUDGE_PENDING
    if found.get("needs_person"):
        return NEEDS_PERSON
    return None if found["passed"] else GUARD_FAILED


def refuse_unguarded(found: dict[str, Any]) -> None:
    """Conflict for a verdict that does not let pass, unless it leaves the decision to a person."""
    if deciding.is_pending(found):
        raise errors.Conflict(JUDGE_PENDING, "judge_pending")
    if not found["passed"] and not found.get("needs_person"):
        raise errors.Conflict(GUARD_FAILED, "guard_failed")


def _verdict(session: Session, actor: Actor, piece: Piece, generation: Generation) -> dict[str, Any]:
    """What was written before there was a guard is judged now, by the rules."""
    return piece.guard if piece.guard is not None else guarding.check(session, actor, piece, generation, False)


def _become(session: Session, actor: Actor, piece: Piece, decision: str, said: dict[str, Any]) -> None:
    piece.updated_at = clock.now()
    if decision == "rejected" and is_set_back(session, piece):
        said = {**said, "variant_ids": _put_back(session, piece, str(said.get("reason", "")))}
    else:
        piece.status = decision
    if decision == "approved":
        done = content_store.make_live(session, piece.id, piece.meta.get("selected"))
        piece.meta = replacing.with_replaced(piece.meta, done.replaced)
        said = {**said, **({"replaced": list(done.replaced)} if done.replaced else {})}
    elif piece.status == decision:
        content_store.set_variants(session, piece.id, ["live"], "draft")
    audit.add(session, actor, "piece.reopened" if decision == "draft" else f"piece.{decision}", piece.id, **said)
    if decision == "approved":
        _is_out(session, actor, piece)  # What was published elsewhere may have been recorded while it was a draft.


def _is_out(session: Session, actor: Actor, piece: Piece) -> bool:
    """Whether all live variants of an approved piece stand published somewhere; it is published then."""
    if not _is_all_out(session, piece.id):
        return False
    piece.status = "published"
    piece.updated_at = clock.now()
    audit.add(session, actor, "piece.published", piece.id)
    return True


def _put_back(session: Session, piece: Piece, reason: str) -> list[str]:
    """Drafts that were to replace what is out are gone, and the piece is what it was before; gives back which."""
    drafts = sorted(replacing_store.waiting_ids(session, piece))
    content_store.set_status(session, drafts, "superseded")
    piece.meta = replacing.with_replaced(replacing.with_rejected(piece.meta, drafts, reason), ())
    piece.status = "published" if _is_all_out(session, piece.id) else "approved"
    return drafts


def _follow(session: Session, generations: dict[str, Generation]) -> None:
    """Makes each generation what its current pieces say."""
    session.flush()
    statuses: dict[str, list[str]] = {id: [] for id in generations}
    for piece in content_store.pieces_of(session, list(generations)):
        statuses[piece.generation_id].append(piece.status)
    for id, found in statuses.items():
        generations[id].status = content.generation_status(found)
