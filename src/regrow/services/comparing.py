"""Two versions of a piece side by side, word by word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from regrow.domain import differences, prose
from regrow.domain.differences import Part
from regrow.kit import errors
from regrow.services import editing, versions
from regrow.store.tables.content import Piece
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which versions: those left out are the newest one and the one before it."""

    before: int | None = None
    after: int | None = None
    from_piece: str | None = None
    to_piece: str | None = None
    label: str = "A"


@dataclass(frozen=True, slots=True)
class Side:
    piece_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Compared:
    """`similarity` is that of the bodies' shingles, 0..1; `fields` holds what either side has."""

    label: str
    before: Side
    after: Side
    similarity: float
    words_added: int
    words_removed: int
    fields: dict[str, tuple[Part, ...]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, the same for every face."""
        fields = {name: [{"op": part.op, "text": part.text} for part in parts] for name, parts in self.fields.items()}
        return {**asdict(self), "fields": fields}


def compare(session: Session, id: str, wanted: Wanted) -> Compared:
    """NotFound for a version that never was, a label that neither side has, or a piece of another history."""
    piece = editing.found(session, Piece, id, "piece")
    after = versions.kin_of(session, piece, wanted.to_piece or id)
    after_version = wanted.after or after.version
    before, before_version = _before(session, piece, after, after_version, wanted)
    old = versions.at(session, before, before_version)[1]
    new = versions.at(session, after, after_version)[1]
    label = wanted.label.upper()
    if label not in old and label not in new:
        told = f"neither version has a variant {wanted.label[:10]!r}: use {', '.join(sorted({*old, *new}))}"
        raise errors.NotFound(told, "variant_not_found")
    text, changed = old.get(label, {}), new.get(label, {})
    fields = differences.fields(text, changed)
    counted = [differences.counts(parts) for parts in fields.values()]
    return Compared(
        label=label,
        before=Side(before.id, before_version),
        after=Side(after.id, after_version),
        similarity=round(prose.shingle_similarity(str(text.get("body", "")), str(changed.get("body", ""))), 4),
        words_added=sum(added for added, _removed in counted),
        words_removed=sum(removed for _added, removed in counted),
        fields=fields,
    )


def _before(session: Session, piece: Piece, after: Piece, after_version: int, wanted: Wanted) -> tuple[Piece, int]:
    """The version named, else the one before; before the first comes what the piece replaced."""
    if wanted.before is not None or wanted.from_piece is not None:
        before = versions.kin_of(session, piece, wanted.from_piece or piece.id)
        return before, wanted.before or before.version
    if after_version > 1:
        return after, after_version - 1
    if after.parent_piece_id is None:
        return after, after_version
    parent = versions.kin_of(session, after, after.parent_piece_id)
    return parent, parent.version
