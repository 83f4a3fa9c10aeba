"""What waits beside texts that are out: which drafts, what each is to replace, and why it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from regrow.domain import replacing as rules
from regrow.store import content as content_store
from regrow.store import experiments, posts, replacing
from regrow.store.replacing import Line
from regrow.store.tables.content import Piece, PieceVersion
from regrow.store.tenancy import Session

TRIGGERED = "a trigger of this piece fired"


@dataclass(frozen=True, slots=True)
class Replaced:
    """The text whose place a draft is to take."""

    variant_id: str
    version: int
    status: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A draft and what it is to replace; `why` is in words, `experiment_id` the test that was lost."""

    variant_id: str
    label: str
    version: int
    how: str
    replaces: Replaced | None
    why: str
    experiment_id: str | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, the same for every face."""
        return asdict(self)

    @property
    def told(self) -> str:
        """In one line."""
        old = f"version {self.replaces.version} ({self.replaces.status})" if self.replaces else "nothing that is out"
        return f"{self.label}, version {self.version}, is to replace {old}{': ' if self.why else ''}{self.why}"


def of_pieces(session: Session, pieces: Sequence[Piece]) -> dict[str, list[Beside]]:
    """By piece, in a constant number of queries; most pieces have none."""
    lines = replacing.lines(session, [piece.id for piece in pieces])
    some = [piece.id for piece in pieces if any(line.status == "draft" for line in lines[piece.id][1:])]
    versions = {(row.piece_id, row.version): row for row in content_store.versions(session, some)}
    found = {piece.id: _waiting(piece, lines[piece.id], versions) for piece in pieces}
    before = {each.id: _before(each, lines[each.piece_id]) for rows in found.values() for each in rows}
    lost = experiments.losses(session, [old.id for old in before.values() if old is not None])
    return {
        id: [_beside(each, before[each.id], versions.get((id, each.version)), lost) for each in rows]
        for id, rows in found.items()
    }


def _waiting(piece: Piece, lines: Sequence[Line], versions: dict[tuple[str, int], PieceVersion]) -> list[Line]:
    """A piece that was set back is a draft, and all that is newer than what is out waits."""
    drafts = [line for line in lines if line.status == "draft"]
    if piece.status == "draft":
        live = [line.version for line in lines if line.status in posts.LIVE]
        newest = {line.label: line for line in drafts if live and line.version > max(live)}
        return [newest[label] for label in sorted(newest)]
    how = {(line.id): versions.get((piece.id, line.version)) for line in drafts}
    return [line for line in drafts if (row := how[line.id]) is not None and rules.is_beside(piece.status, row.how)]


def _before(line: Line, lines: Sequence[Line]) -> Line | None:
    """What is out under its label, else what lost there, else its parent."""
    older = [each for each in lines if each.label == line.label and each.version < line.version]
    parent = [each for each in lines if each.id == line.parent_id]
    for statuses in (posts.LIVE, ("loser",)):
        if fit := [each for each in (*older, *parent) if each.status in statuses]:
            return fit[-1]
    return parent[0] if parent else None


def _beside(line: Line, before: Line | None, version: PieceVersion | None, lost: dict[str, Any]) -> Beside:
    how = version.how if version is not None else ""
    decision = lost.get(before.id) if before is not None else None
    why = str((version.provenance if version is not None else {}).get("why") or "")
    if not why and decision is not None:
        why = f"it lost in {decision.experiment_id}: {decision.reason}"
    return Beside(
        variant_id=line.id,
        label=line.label,
        version=line.version,
        how=how,
        replaces=Replaced(before.id, before.version, before.status) if before is not None else None,
        why=why or (TRIGGERED if how == "trigger" else ""),
        experiment_id=decision.experiment_id if decision is not None else None,
    )
