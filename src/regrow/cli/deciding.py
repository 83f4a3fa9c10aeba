"""What can be done to a piece at the review desk: each act says what it did and knows how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regrow.cli import content, editing, regenerating, working
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

RATINGS = {"1": "excellent", "2": "good", "3": "acceptable", "4": "poor", "5": "unacceptable"}
Shown = dict[str, Any]
"""A piece as `look` gave it, which is what the person saw when they pressed the key."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; `piece_id` is the piece to look at now, None to go on to the next."""

    word: str
    told: str
    piece_id: str | None
    undo: Callable[[], None] | None = None


class Deciding:
    """The acts, each in a transaction of its own, and only on what was shown: Stale when that is not so any more."""

    def __init__(self, home: Home, actor: Actor) -> None:
        self._home, self._actor = home, actor
        self._ours: dict[str, int] = {}

    def look(self, id: str) -> Shown:
        """The piece that stands in the place of this one now, with its topic, its sources and what warns of it."""
        from regrow.services import editing as rows
        from regrow.store import content as content_store
        from regrow.store.tables.content import Piece

        with self._home.reading(self._actor.workspace_id) as session:
            row = rows.found(session, Piece, id, "piece")
            stands = content_store.current_of_lines(session, [row.line_id]).get(row.line_id, row)
            return content.desk_shape(session, stands.id, self._actor.person_id)

    def left(self, ids: Sequence[str]) -> list[str]:
        """Those of these pieces that wait still, or whose place is taken by one that does."""
        from regrow.store import content as content_store

        with self._home.reading(self._actor.workspace_id) as session:
            lines = {row.id: row.line_id for row in content_store.pieces(session, ids)}
            current = content_store.current_of_lines(session, list(lines.values()))
            waiting = {line for line, row in current.items() if row.status == "draft"}
            return [id for id in ids if lines.get(id) in waiting]

    def approve(self, piece: Shown, reason: str = "", override: bool = False) -> Done:
        from regrow.services import pieces

        if piece["status"] == "approved":
            return Done("", "It is approved already.", piece["id"])
        self._do(piece, lambda session: pieces.approve(session, self._actor, piece["id"], reason, override))
        return Done("approved", "Approved.", None, lambda: self._reopen(piece, "approved"))

    def reject(self, piece: Shown, reason: str) -> Done:
        from regrow.services import pieces

        if piece["status"] == "rejected":
            return Done("", "It is rejected already.", piece["id"])
        self._do(piece, lambda session: pieces.reject(session, self._actor, piece["id"], reason))
        return Done("rejected", "Rejected.", None, lambda: self._reopen(piece, "rejected"))

    def edit(self, piece: Shown) -> Done:
        """Refused before anybody types when it may not be changed, or is not what was shown."""
        if editing.piece(self._home, self._actor, piece["id"])["version"] != piece["version"]:
            raise errors.Stale("somebody changed it meanwhile")
        after = editing.changed(self._home, self._actor, piece)
        if after["version"] == piece["version"]:
            return Done("", "Nothing was changed.", piece["id"])
        self._ours[piece["id"]] = after["version"]
        working.judge(self._home, self._actor.workspace_id, after["guard"], is_waiting=False)
        told = f"Changed: this is version {after['version']}."
        return Done("changed", told, piece["id"], lambda: self._restore(piece["id"], piece["version"], None))

    def write_again(self, piece: Shown, instructions: str) -> Done:
        from regrow.services import regenerating as service

        working.refuse_unable(self._home)
        wish = service.Wish(instructions)
        run = self._do(piece, lambda session: service.ask_piece(session, self._actor, piece["id"], wish))
        (new,) = regenerating.again(self._home, run)["piece_ids"]
        self._ours[new] = 1
        told = "Written again: this is the new one. [d] shows what differs."
        return Done("written again", told, new, lambda: self._restore(new, piece["version"], piece["id"]))

    def rate(self, piece: Shown, rating: str) -> Done:
        from regrow.services import feedback

        self._do(piece, lambda session: feedback.give(session, self._actor, piece["id"], rating))
        return Done("rated", f"Rated {rating}.", piece["id"])

    def select(self, piece: Shown) -> Done:
        """Goes round: all variants, A alone, B alone, and all again."""
        from regrow.services import pieces

        before = piece["meta"].get("selected")
        turns = [None, *(each["label"] for each in piece["variants"])]
        label = turns[(turns.index(before) + 1) % len(turns)] if before in turns else None
        self._do(piece, lambda session: pieces.select(session, self._actor, piece["id"], label))
        told = f"Only variant {label} will be published." if label else "All variants will be published."
        return Done("", told, piece["id"], lambda: self._select(piece["id"], before))

    def _do(self, piece: Shown, act: Callable[[Session], Any]) -> Any:
        """The act, unless somebody else was faster: an answer to what was shown must not fall on something else."""
        from regrow.store import content as content_store

        with self._home.writing(self._actor.workspace_id) as session:
            locked = content_store.locked_piece(session, piece["id"])
            shown = (piece["status"], piece["version"])
            if locked and (locked[0].status, locked[0].version) != shown:
                raise errors.Stale("somebody changed it meanwhile")
            return act(session)

    def _reopen(self, piece: Shown, made: str) -> None:
        from regrow.services import pieces

        decided = {**piece, "status": made}
        self._do(decided, lambda session: pieces.reopen(session, self._actor, piece["id"]))

    def _select(self, id: str, label: str | None) -> None:
        from regrow.services import pieces

        with self._home.writing(self._actor.workspace_id) as session:
            pieces.select(session, self._actor, id, label)

    def _restore(self, id: str, version: int, piece_id: str | None) -> None:
        from regrow.services import versions

        with self._home.writing(self._actor.workspace_id) as session:
            row = versions.restore(session, self._actor, id, version, piece_id, self._ours.get(id))
            session.flush()
            self._ours[id], guard = row.version, row.guard
        working.judge(self._home, self._actor.workspace_id, guard, is_waiting=False)
