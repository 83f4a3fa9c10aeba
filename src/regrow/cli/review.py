"""`regrow review`: the drafts that wait, one after the other, decided on with single keys."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import content, desk, generations, keyboard, opened, output, presses, prompting, replacing, working
from regrow.cli.deciding import RATINGS, Deciding, Done
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.cli.keyboard import Keyboard
    from regrow.wiring import Home

CLEAR = "\x1b[2J\x1b[H"
KEYS = {
    "a": "approve",
    "r": "reject",
    "e": "edit",
    "w": "write again",
    "1-5": "rate, 1 best",
    "s": "select a variant",
    "d": "what changed",
    "n": "next",
    "p": "previous",
    "u": "undo",
    "q": "leave",
}
LOW_ROWS = 20
"""Rows of a terminal below which the keys are named without what they do."""
LOW_KEYS = {" ".join(KEYS): "", "?": "keys"}
HELP = {**KEYS, "space, arrows, j, k": "move the text", "?": "the text again"}
SCROLLS = {presses.UP: -1, presses.DOWN: 1, "k": -1, "j": 1}
LEAVING = ("q", presses.ESCAPE, presses.CTRL_C, presses.CTRL_D)
MOST_LISTED = 200
MEANWHILE = "Somebody changed it meanwhile: this is how it is now."
EMPTY = "No draft waits for review. Write some: regrow generate"


def review(
    medium: Annotated[generations.Medium | None, typer.Option("--medium", help="Only this medium.")] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", help="Only drafts of this campaign, cam_...")] = None,
) -> None:
    """Review the drafts that wait, the oldest first, with single keys; in a pipe or with --json, list them.

    Each key is named on the screen: approve, reject with a reason, edit in your editor, have it written again with
    your wishes, rate, choose a variant, see what changed, and take any of it back with u. Leaving loses nothing.

    Example: regrow review --medium social
    """
    from regrow.cli import options

    equal = {"medium": medium.value if medium else None, "campaign_id": campaign}
    narrowed = {name: value for name, value in equal.items() if value}
    with working.worker_home() as home:
        if options.current().is_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            _list(home, narrowed)
            return
        waiting = _ids(home, narrowed)
        if not waiting:
            output.line(EMPTY)
            return
        with keyboard.opened() as keys:
            told = Review(home, keys, waiting).run()
    output.line(told)


def _ids(home: Home, narrowed: dict[str, Any]) -> list[str]:
    from regrow.store import replacing as store

    with home.reading(opened.acting(home).workspace_id) as session:
        return store.queue_ids(session, **narrowed)


def _list(home: Home, narrowed: dict[str, Any]) -> None:
    from regrow.services import beside
    from regrow.store import replacing as store

    with home.reading(opened.acting(home).workspace_id) as session:
        found = store.queue(session, MOST_LISTED, **narrowed)
        told = beside.of_pieces(session, found.items)
        shaped = content.piece_shapes(session, found.items)
        items = [{**each, "replacing": [one.as_dict() for one in told[each["id"]]]} for each in shaped]
        waiting = store.count_queue(session, **narrowed)
    value = {"items": items, "next_cursor": found.next_cursor, "waiting": waiting}
    rows = [replacing.queue_row(each) for each in items]
    columns = (*generations.PIECE_COLUMNS, *(("replaces",) if any(row["replaces"] for row in rows) else ()))
    output.give(value, lambda: output.table(rows, columns, EMPTY))
    if found.next_cursor:
        more = f"regrow{working.workspace_hint()} pieces list --status draft --cursor {found.next_cursor}"
        output.say(f"{waiting} wait in all; these are the oldest {len(items)}. The next ones: {more}")


class Review:
    """The desk: where in the queue we are, what is shown, and what each key does."""

    def __init__(self, home: Home, keys: Keyboard, waiting: list[str]) -> None:
        self._home, self._keys, self._waiting = home, keys, waiting
        self._actor = opened.acting(home)
        self._acts = Deciding(home, self._actor)
        self._place = self._top = 0
        self._told = ""
        self._instead: list[str] | None = None
        self._undo: list[tuple[str, Done]] = []
        self._done: Counter[str] = Counter()
        self._is_over = False
        self._has_colours = desk.is_coloured(sys.stdout)
        self._ways: dict[str, Callable[[dict[str, Any]], None]] = {
            "a": self._approve,
            "o": self._override,
            "r": self._reject,
            "e": self._edit,
            "w": self._write_again,
            "s": lambda piece: self._note(self._acts.select(piece)),
            "d": self._differ,
            "?": lambda piece: self._help(),
            "u": lambda piece: self._take_back(),
            **dict.fromkeys(("n", presses.RIGHT), lambda piece: self._go(1)),
            **dict.fromkeys(("p", presses.LEFT), lambda piece: self._go(-1)),
            **dict.fromkeys(RATINGS, self._rate),
        }
        self._pressed = ""

    def run(self) -> str:
        """Works until somebody leaves or nothing waits; says what was done."""
        while not self._is_over:
            piece = self._look()
            window = self._draw(piece)
            self._pressed = self._keys.read().lower()
            if self._pressed in LEAVING:
                break
            if not self._scrolled(window):
                self._act(piece)
        self._keys.show(CLEAR)
        return self._summary()

    def _look(self) -> dict[str, Any]:
        """The piece at this place, which is another one when it was written again meanwhile."""
        piece = self._acts.look(self._waiting[self._place])
        if piece["id"] != self._waiting[self._place]:
            self._waiting[self._place] = piece["id"]
            self._told = "It was written again meanwhile: this is the new one. [d] shows what differs."
            self._instead, self._top = None, 0
        return piece

    def _act(self, piece: dict[str, Any]) -> None:
        way = self._ways.get(self._pressed)
        if way is None:
            return
        self._told = ""
        try:
            way(piece)
        except errors.Stale as error:
            self._instead = None
            self._told = f"{MEANWHILE} {error.more.get('kept') or '[d] shows what changed.'}"
        except errors.RegrowError as error:
            hint = " Press [o] to override it with a reason." if error.code in ("guard_failed", "judge_pending") else ""
            # A path at the end is there to be copied, without a full stop.
            is_ended = "kept" in error.more or error.detail.endswith(".")
            self._told = f"{error.detail}{'' if is_ended else '.'}{hint}"
        except KeyboardInterrupt:
            self._told = "Interrupted: what was begun goes on by itself."

    def _draw(self, piece: dict[str, Any]) -> desk.Window:
        size, colours = self._keys.size, self._has_colours
        told = [self._told] if self._told else []
        state = [] if piece["status"] == "draft" or piece["replacing"] else [f"It is {piece['status']} now."]
        shown = {**piece, "warnings": list(dict.fromkeys([*told, *state, *piece["warnings"]]))}
        keys: Mapping[str, str] = LOW_KEYS if size.lines < LOW_ROWS else KEYS
        page = desk.page(shown, (self._place + 1, len(self._waiting)), keys, size.columns, colours)
        if self._instead is not None:
            note = desk.rows(self._told, size.columns, colours) if self._told else []
            page = replace(page, lines=(*note, *self._instead))
        window = desk.window(page, size.lines - 1, self._top)
        self._top = window.top
        self._keys.show(CLEAR + "\n".join(window.lines))
        return window

    def _scrolled(self, window: desk.Window) -> bool:
        """Whether the key only moved the text."""
        page = max(1, window.room - 1)
        steps = {**SCROLLS, presses.PAGE_UP: -page, presses.PAGE_DOWN: page, " ": page}
        steps |= {presses.HOME: -window.last_top, presses.END: window.last_top}
        if self._pressed not in steps:
            return False
        self._top = min(max(self._top + steps[self._pressed], 0), window.last_top)
        return True

    def _note(self, done: Done) -> None:
        """Remembers what was done, and goes where it leads."""
        here = self._waiting[self._place]
        self._told, self._instead, self._top = done.told, None, 0
        if done.word:
            self._done[done.word] += 1
        if done.piece_id is None:
            self._told = f"{done.told} This is the next one; [u] takes it back."
            self._undo.append((here, done))
            self._go(1)
            return
        self._waiting[self._place] = done.piece_id
        if done.undo is not None:
            self._undo.append((done.piece_id, done))

    def _approve(self, piece: dict[str, Any]) -> None:
        self._note(self._acts.approve(piece))

    def _override(self, piece: dict[str, Any]) -> None:
        reason = self._asked("Why does it go out all the same?")
        if reason:
            self._note(self._acts.approve(piece, reason, True))

    def _reject(self, piece: dict[str, Any]) -> None:
        reason = self._asked("Why not? Enter rejects it, also without a reason; Escape leaves it as it is.")
        if reason is not None:
            self._note(self._acts.reject(piece, reason))

    def _write_again(self, piece: dict[str, Any]) -> None:
        said = self._asked("What should be otherwise? Enter begins, also without a wish; Escape leaves it as it is.")
        if said is None:
            return
        self._keys.show("\n")
        with self._keys.away():
            self._note(self._acts.write_again(piece, said))

    def _edit(self, piece: dict[str, Any]) -> None:
        with self._keys.away():
            self._note(self._acts.edit(piece))

    def _rate(self, piece: dict[str, Any]) -> None:
        self._note(self._acts.rate(piece, RATINGS[self._pressed]))

    def _differ(self, piece: dict[str, Any]) -> None:
        """What differs from the text before, or that it is to replace, and back to the text with the same key."""
        self._top = 0
        if self._instead is not None:
            self._instead = None
            return
        size = self._keys.size
        self._instead = replacing.differences(
            self._home, self._actor.workspace_id, piece, size.columns, self._has_colours
        )

    def _help(self) -> None:
        """What every key does, and back to the text with the same key."""
        self._top = 0
        if self._instead is not None:
            self._instead = None
            return
        columns = self._keys.size.columns
        self._instead = [row for key, what in HELP.items() for row in desk.rows(f"[{key}] {what}", columns, False)]

    def _take_back(self) -> None:
        if not self._undo:
            self._told = "There is nothing to take back."
            return
        id, done = self._undo.pop()
        if done.undo is None:
            raise errors.Bug("an act that cannot be taken back was remembered")
        done.undo()
        self._done[done.word] -= 1
        self._place = self._waiting.index(id) if id in self._waiting else self._place
        self._told, self._instead, self._top = f"Taken back: {done.told}", None, 0

    def _go(self, step: int) -> None:
        """To the next piece, or the one before; past the last one the review is over when all is decided."""
        self._instead, self._top = None, 0
        if 0 <= self._place + step < len(self._waiting):
            self._place += step
        elif step > 0:
            self._finish()
        else:
            self._told = "This is the first one."

    def _finish(self) -> None:
        left = self._acts.left(self._waiting)
        if not left:
            self._is_over = True
            return
        self._place = self._waiting.index(left[0])
        wait = f"{len(left)} still {'waits' if len(left) == 1 else 'wait'}"
        self._told = f"That was the last one. {wait}, and this is the first of them; [q] leaves."

    def _asked(self, question: str) -> str | None:
        self._keys.show("\n" + "\n".join(desk.rows(question, self._keys.size.columns, False)) + "\n")
        return prompting.line(self._keys, "> ")

    def _summary(self) -> str:
        done = ", ".join(f"{count} {word}" for word, count in self._done.items() if word and count > 0)
        left = len(self._acts.left(self._waiting))
        waits = f"{left} of {len(self._waiting)} still {'waits' if left == 1 else 'wait'}"
        return f"{done[:1].upper()}{done[1:]}; {waits}." if done else f"Nothing decided; {waits}."
