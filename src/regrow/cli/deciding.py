"""What can be done to a piece at the review desk: each act says what it did and knows how to take it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regrow.cli import content, editing, regenerating

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.store.tenancy import Session
    from regrow.wiring import Home

RATINGS = {"1": "excellent", "2": "good", "3": "acceptable", "4": "poor", "5": "unacceptable"}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words; `piece_id` is the piece to look at now, None to go on to the next."""

    word: str
    told: str
    piece_id: str | None
    undo: Callable[[], None] | None = None


class Deciding:
    """The acts, each in a transaction of its own, on the version that was shown."""

    def __init__(self, home: Home, actor: Actor) -> None:
        self._home, self._actor = home, actor

    def look(self, id: str) -> dict[str, Any]:
        """The piece as it stands now, with its topic, its sources by name, and what warns of it."""
        with self._home.reading(self._actor.workspace_id) as session:
            return content.desk_shape(session, id)

    def approve(self, piece: dict[str, Any], reason: str = "", override: bool = False) -> Done:
        from regrow.services import pieces

        id, version = piece["id"], piece["version"]
        self._write(lambda session: pieces.approve(session, self._actor, id, reason, override, version))
        return Done("approved", "Approved.", None, lambda: self._reopen(id))

    def reject(self, piece: dict[str, Any], reason: str) -> Done:
        from regrow.services import pieces

        id, version = piece["id"], piece["version"]
        self._write(lambda session: pieces.reject(session, self._actor, id, reason, False, version))
        return Done("rejected", "Rejected.", None, lambda: self._reopen(id))

    def edit(self, piece: dict[str, Any]) -> Done:
        after = editing.changed(self._home, self._actor, piece)
        if after["version"] == piece["version"]:
            return Done("", "Nothing was changed.", piece["id"])
        told = f"Changed: version {after['version']}."
        return Done("changed", told, piece["id"], lambda: self._restore(piece["id"], piece["version"], None))

    def write_again(self, piece: dict[str, Any], instructions: str) -> Done:
        from regrow.services import regenerating as service

        with self._home.writing(self._actor.workspace_id) as session:
            run = service.ask_piece(session, self._actor, piece["id"], instructions)
        (new,) = regenerating.again(self._home, run)["piece_ids"]
        told = "Written again; this is the new one. [d] shows what differs."
        return Done("written again", told, new, lambda: self._restore(new, piece["version"], piece["id"]))

    def rate(self, piece: dict[str, Any], rating: str) -> Done:
        from regrow.services import feedback

        self._write(lambda session: feedback.give(session, self._actor, piece["id"], rating))
        return Done("rated", f"Rated {rating}.", piece["id"])

    def select(self, piece: dict[str, Any]) -> Done:
        """Goes round: all variants, A alone, B alone, and all again."""
        from regrow.services import pieces

        before = piece["meta"].get("selected")
        turns = [None, *(each["label"] for each in piece["variants"])]
        label = turns[(turns.index(before) + 1) % len(turns)] if before in turns else None
        self._write(lambda session: pieces.select(session, self._actor, piece["id"], label))
        told = f"Only variant {label} will be published." if label else "All variants will be published."
        return Done("", told, piece["id"], lambda: self._select(piece["id"], before))

    def _reopen(self, id: str) -> None:
        from regrow.services import pieces

        self._write(lambda session: pieces.reopen(session, self._actor, id))

    def _select(self, id: str, label: str | None) -> None:
        from regrow.services import pieces

        self._write(lambda session: pieces.select(session, self._actor, id, label))

    def _restore(self, id: str, version: int, piece_id: str | None) -> None:
        from regrow.services import versions

        self._write(lambda session: versions.restore(session, self._actor, id, version, piece_id))

    def _write(self, act: Callable[[Session], Any]) -> None:
        with self._home.writing(self._actor.workspace_id) as session:
            act(session)
