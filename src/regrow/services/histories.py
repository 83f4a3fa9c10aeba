"""Tries at a generation as history tells them, from the first to the one asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regrow.kit import clock
from regrow.services import editing
from regrow.store import content as content_store
from regrow.store import runs as run_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session

SHOWN = ("id", "medium", "sequence", "status", "version", "parent_piece_id", "origin", "meta")
"""What is told of each piece of a try."""


@dataclass(frozen=True, slots=True)
class Told:
    """One try as history tells it: who asked for it and how, and all its pieces, replaced ones too."""

    row: Generation
    by: str
    instructions: str
    pieces: tuple[Piece, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, the same for every face."""
        return {
            "generation_id": self.row.id,
            "regeneration_of": self.row.regeneration_of,
            "status": self.row.status,
            "by": self.by,
            "at": clock.iso(self.row.created_at),
            "instructions": self.instructions,
            "warnings": self.row.warnings,
            "pieces": [{name: getattr(row, name) for name in SHOWN} for row in self.pieces],
        }


@dataclass(frozen=True, slots=True)
class History:
    """`tries` from the first generation to this one; `regenerations` are ids of those that came of this one."""

    tries: tuple[Told, ...]
    regenerations: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, the same for every face."""
        return {"items": [each.as_dict() for each in self.tries], "regenerations": list(self.regenerations)}


def history(session: Session, id: str) -> History:
    """In a constant number of queries, however long the line is."""
    row = editing.found(session, Generation, id, "generation")
    line = {each.id: each for each in content_store.generations_of_line(session, row.line_id)}
    chain: list[Generation] = []
    at: str | None = id
    while at is not None:
        chain.append(line[at])
        at = line[at].regeneration_of
    asked = run_store.of_tasks(session, [each.task_id for each in chain])
    pieces: dict[str, list[Piece]] = {each.id: [] for each in chain}
    for piece in content_store.pieces_of(session, list(pieces)):
        pieces[piece.generation_id].append(piece)
    tries = [
        Told(each, asked[each.task_id].actor_id, _instructions(asked[each.task_id]), tuple(pieces[each.id]))
        for each in reversed(chain)
    ]
    return History(tuple(tries), tuple(each.id for each in line.values() if each.regeneration_of == id))


def _instructions(run: Run) -> str:
    return str(run.request.get("instructions", ""))
