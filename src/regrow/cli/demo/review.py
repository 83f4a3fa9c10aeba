"""What the report tells of the first review: who decided what and when, and the two texts word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regrow.cli import content, output
from regrow.cli.demo import second_try, story
from regrow.cli.demo.acts import Act, Stage
from regrow.cli.demo.story import NoteRef, PieceTold, Story
from regrow.domain.differences import Op, Part
from regrow.kit import clock

if TYPE_CHECKING:
    from regrow.cli.demo.second_try import Reviewed
    from regrow.services.comparing import Compared
    from regrow.store.tables.content import Piece
    from regrow.store.tenancy import Session

ALIKE = ((0.8, "nearly the same text"), (0.4, "much of it is the same"), (0.1, "little of it is the same"))
DECISIONS = 20
EDGES = re.compile(r"(\A\s+|\s*\n\s*|\s+\Z)")


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did something, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that stays readable, and can be had back."""

    piece_id: str
    version: int
    how: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Second:
    """The new text beside the old one; ratings are words, empty when nobody gave one."""

    piece: PieceTold
    asked: Deed
    instructions: str
    written_at: datetime
    rating: str
    compared: Compared
    kept: tuple[Kept, ...]

    @property
    def alike(self) -> str:
        return alike(self.compared.similarity)


@dataclass(frozen=True, slots=True)
class Review:
    """One post that was approved, one that was rejected, and what became of that one."""

    approved: PieceTold
    approval: Deed
    rejected: PieceTold
    rejection: Deed
    reason: str
    rating: str
    second: Second | None
    refusal: str


def alike(similarity: float) -> str:
    """A similarity in words."""
    return next((words for least, words in ALIKE if similarity >= least), "hardly a phrase is the same")


def moment(at: datetime) -> str:
    """A time as people read it, to the second."""
    return f"{clock.aware(at):%Y-%m-%d %H:%M:%S} UTC"


def side(parts: Sequence[Part], op: Op) -> list[Part]:
    """What one of the two texts says: the parts that stayed and those of `op`, which is `delete` or `insert`.

    Breaks between paragraphs and spaces at the edges are no part of a mark; a change that is nothing but a break shows
    as an arrow.
    """
    found: list[Part] = []
    for part in parts:
        if part.op == "equal":
            found.append(part)
        elif part.op == op:
            text = part.text if part.text.strip() else part.text.replace("\n", "↵\n")
            found += [Part(op if each.strip() else "equal", each) for each in EDGES.split(text) if each]
    return found


def told(stage: Stage, story: Story) -> Review | None:
    """The review of this demo, read in one transaction; None when there was none."""
    reviewed: Reviewed | None = stage.made["second_try"]
    if reviewed is None:
        return None
    with stage.home.reading(stage.workspace_id) as session:
        return _review(session, reviewed, story.topic.notes)


def as_json(_stage: Stage, review: Review) -> dict[str, Any] | None:
    """The second try in plain values; None when there was none."""
    if review.second is None:
        return None
    compared = review.second.compared
    return {
        "rejected": review.rejected.id,
        "reason": review.reason,
        "instructions": review.second.instructions,
        "regenerated": review.second.piece.id,
        "similarity": compared.similarity,
        "words_added": compared.words_added,
        "words_removed": compared.words_removed,
    }


def show(reviewed: Review) -> None:
    output.line("\nA first review, played by the demo:")
    told = {
        "approved": f"{reviewed.approved.id} ({reviewed.approved.platform_name} post)",
        "rejected": f"{reviewed.rejected.id} ({reviewed.rejected.platform_name} post): “{reviewed.reason}”",
    }
    if (second := reviewed.second) is None:
        told["second try"] = "none: the notes around this topic hold no other text for it"
    else:
        compared = second.compared
        changed = f"{compared.words_added} words more and {compared.words_removed} fewer"
        told["asked for"] = f"another try, “{second.instructions}”"
        told["second try"] = f"{second.piece.id}, {compared.similarity:.0%} alike: {changed}"
    output.fields(told)


def _review(session: Session, done: Reviewed, notes: Sequence[NoteRef]) -> Review:
    approved, rejected = _piece(session, done.approved_id), _piece(session, done.rejected_id)
    return Review(
        approved=_told(session, approved, notes),
        approval=_deed(session, approved.id, "piece.approved"),
        rejected=_told(session, rejected, notes),
        rejection=_deed(session, rejected.id, "piece.rejected"),
        reason=str(rejected.meta.get("reject_reason", "")),
        rating=_rating(session, rejected.id),
        second=_second(session, done, notes) if done.regenerated_id else None,
        refusal=done.refusal,
    )


def _second(session: Session, done: Reviewed, notes: Sequence[NoteRef]) -> Second:
    from regrow.services import comparing, versions
    from regrow.store import records
    from regrow.store.tables.runs import Run

    run = records.one(session, Run, id=done.task_id)
    assert run is not None
    piece = _piece(session, done.regenerated_id)
    told = versions.history(session, piece.id).told
    return Second(
        piece=_told(session, piece, notes),
        asked=Deed(run.actor_id, run.created_at),
        instructions=str(run.request["instructions"]),
        written_at=piece.created_at,
        rating=_rating(session, piece.id),
        compared=comparing.compare(session, piece.id, comparing.Wanted()),
        kept=tuple(Kept(each.piece_id, each.version, each.how, each.at) for each in told),
    )


def _piece(session: Session, id: str) -> Piece:
    from regrow.services import editing
    from regrow.store.tables.content import Piece

    return editing.found(session, Piece, id, "piece")


def _told(session: Session, piece: Piece, notes: Sequence[NoteRef]) -> PieceTold:
    return story.piece_told(content.piece_shapes(session, [piece])[0], notes)


def _deed(session: Session, piece_id: str, action: str) -> Deed:
    from regrow.store import audit

    rows = audit.page(session, DECISIONS, subject_id=piece_id).items
    row = next(row for row in rows if row.action == action)
    return Deed(row.actor_id, row.at)


def _rating(session: Session, piece_id: str) -> str:
    from regrow.services import feedback

    return feedback.of_piece(session, piece_id).summary.rating or ""


ACT = Act("second_try", "A second try", "second", "report_second.html.j2", second_try.play, told, as_json, show)
