"""What can be done to a piece at the review desk: each act says what it did and knows how to take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from regrow.cli import content, editing, publishing, regenerating, replacing, working
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.services.replacing import Decided
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
        from regrow.store import replacing as store

        with self._home.reading(self._actor.workspace_id) as session:
            lines = {row.id: row.line_id for row in content_store.pieces(session, ids)}
            current = content_store.current_of_lines(session, list(lines.values()))
            beside = store.waiting(session, [row.id for row in current.values()])
            waiting = {line for line, row in current.items() if row.status == "draft" or beside[row.id]}
            return [id for id in ids if lines.get(id) in waiting]

    def approve(self, piece: Shown, reason: str = "", override: bool = False) -> Done:
        from regrow.services import replacing as service

        said = service.Said(reason, override)
        if waiting := self._waiting(piece):
            decide = partial(service.approve_variant, id=waiting["variant_id"], said=said)
            return self._beside(piece, waiting, "approved", partial(decide, outside=self._home.outside))
        if piece["status"] == "approved":
            return Done("", "It is approved already.", piece["id"])
        act = partial(service.approve, outside=self._home.outside, id=piece["id"], said=said)
        done = self._do(piece, lambda session: act(session, self._actor))
        self._see_out(done)
        back = partial(self._back, piece) if piece["replacing"] else partial(self._reopen, piece, "approved")
        return Done("approved", f"Approved. {replacing.told(done)}".strip(), None, back)

    def reject(self, piece: Shown, reason: str) -> Done:
        from regrow.services import replacing as service

        said = service.Said(reason)
        if waiting := self._waiting(piece):
            decide = partial(service.reject_variant, id=waiting["variant_id"], said=said)
            return self._beside(piece, waiting, "rejected", decide)
        if piece["status"] == "rejected":
            return Done("", "It is rejected already.", piece["id"])
        self._do(piece, lambda session: service.reject(session, self._actor, piece["id"], said))
        back = partial(self._back, piece) if piece["replacing"] else partial(self._reopen, piece, "rejected")
        return Done("rejected", "Rejected.", None, back)

    def _waiting(self, piece: Shown) -> dict[str, Any] | None:
        """The first draft that waits beside the texts of a piece that is out."""
        return next(iter(piece["replacing"]), None) if piece["status"] != "draft" else None

    def _beside(self, piece: Shown, waiting: dict[str, Any], word: str, decide: Callable[..., Decided]) -> Done:
        """One after the other: the piece stays on the desk while another draft of it waits."""
        done = self._do(piece, lambda session: decide(session, self._actor))
        self._see_out(done)
        told = f"{waiting['label']} is {word}. {replacing.told(done)}".strip()
        stays = piece["id"] if len(piece["replacing"]) > 1 else None
        return Done(word, told, stays, partial(self._variant_back, waiting["variant_id"]))

    def _see_out(self, done: Decided) -> None:
        if done.posts:
            publishing.begun(self._home, done.posts)

    def _variant_back(self, id: str) -> None:
        from regrow.services import taking_back

        with self._home.writing(self._actor.workspace_id) as session:
            taking_back.variant(session, self._actor, id)

    def _back(self, piece: Shown) -> None:
        """What was decided on the whole piece may be out by now, and is taken down then."""
        from regrow.services import taking_back
        from regrow.store import content as content_store

        with self._home.writing(self._actor.workspace_id) as session:
            locked = content_store.locked_piece(session, piece["id"])
            if locked and locked[0].version != piece["version"]:
                raise errors.Stale("somebody changed it meanwhile")
            taking_back.piece(session, self._actor, piece["id"])

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
        from regrow.services import taking_back

        decided = {**piece, "status": made}
        self._do(decided, lambda session: taking_back.reopen(session, self._actor, piece["id"]))

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
