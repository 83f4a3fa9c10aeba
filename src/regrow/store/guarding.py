"""What the guard compares a text with: titles of private notes, and what went out or was approved to."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.notes import Note
from regrow.store.tenancy import Session

OUT = ("approved", "published")
LIVE = ("live", "winner")

# Built once, because every new text is compared with them and building them takes longer than running them.
_PRIVATE = (
    select(Note.title)
    .where(Note.is_private, Note.archived_at.is_(None))
    .order_by(Note.id.desc())
    .limit(bindparam("most"))
)
_PIECES = (
    select(Piece.id, Piece.line_id, Piece.meta)
    .where(Piece.medium == bindparam("medium"), Piece.status.in_(OUT))
    .order_by(Piece.id.desc())
    .limit(bindparam("most"))
)
_VARIANTS = (
    select(Variant.piece_id, Variant.label, Variant.content)
    .where(Variant.piece_id.in_(bindparam("piece_ids", expanding=True)), Variant.status.in_(LIVE))
    .order_by(Variant.id.desc())
)


class Out(NamedTuple):
    """A text that is out, or may go out: one label of a piece."""

    piece_id: str
    line_id: str
    label: str
    platform: str
    content: dict[str, Any]


def private_titles(session: Session, most: int) -> tuple[str, ...]:
    """Titles of private notes, the newest first."""
    return tuple(session.scalars(_PRIVATE, {"most": most}))


def out(session: Session, medium: str, most: int) -> tuple[Out, ...]:
    """The texts of the newest pieces of a medium that were approved or published."""
    pieces = {id: (line, meta) for id, line, meta in session.execute(_PIECES, {"medium": medium, "most": most})}
    if not pieces:
        return ()
    found = session.execute(_VARIANTS, {"piece_ids": list(pieces)})
    return tuple(
        Out(id, pieces[id][0], label, str(pieces[id][1].get("platform", "")), content) for id, label, content in found
    )
