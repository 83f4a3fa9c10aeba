"""One line of text typed on a terminal, with what people expect of such a line."""

from __future__ import annotations

from regrow.cli import output, presses
from regrow.cli.keyboard import REDRAW, Keyboard
from regrow.domain.prose.characters import characters

GIVEN_UP = (presses.ESCAPE, presses.CTRL_C, presses.CTRL_D)
NARROWEST = 8
_JOINERS = "\u200c\u200d"


def line(keyboard: Keyboard, prompt: str, most: int = 2_000, start: str = "") -> str | None:
    """What was typed, at most `most` characters of it; None when it was given up with Escape."""
    typed = _Line(keyboard, prompt, most)
    typed.put(start)
    while True:
        typed.draw()
        key = keyboard.read()
        if key == presses.ENTER or key in GIVEN_UP:
            keyboard.show("\n")
            return typed.text.strip() if key == presses.ENTER else None
        typed.take(keyboard.pasted if key == presses.PASTE else key, is_pasted=key == presses.PASTE)


class _Line:
    """The characters before and after the cursor, each as people see it."""

    def __init__(self, keyboard: Keyboard, prompt: str, most: int) -> None:
        self._keyboard, self._prompt, self._most = keyboard, output.safe(prompt), most
        self._before: list[str] = []
        self._after: list[str] = []

    @property
    def text(self) -> str:
        return "".join((*self._before, *self._after))

    def take(self, key: str, is_pasted: bool = False) -> None:
        if is_pasted or len(key) == 1:
            self.put(key)
        elif key == presses.BACKSPACE:
            self._before = self._before[:-1]
        elif key == presses.DELETE:
            self._after = self._after[1:]
        elif key == "ctrl-u":
            self._before = []
        elif key == "ctrl-k":
            self._after = []
        elif key == "ctrl-w":
            self._before = _without_last_word(self._before)
        elif key != REDRAW:
            self._move(key)

    def put(self, text: str) -> None:
        """As much of it as there is room for; line breaks become spaces, and nothing steers the terminal."""
        flat = "".join(c if c.isprintable() or c in _JOINERS else " " if c.isspace() else "" for c in text)
        room = max(0, self._most - len(self.text))
        if len(flat) > room:
            self._keyboard.show("\a")
        self._before = characters("".join(self._before) + flat[:room])

    def _move(self, key: str) -> None:
        place, all_of_it = len(self._before), self._before + self._after
        steps = {presses.LEFT: place - 1, presses.RIGHT: place + 1, presses.HOME: 0, presses.END: len(all_of_it)}
        steps |= {"ctrl-a": 0, "ctrl-e": len(all_of_it), "ctrl-b": place - 1, "ctrl-f": place + 1}
        target = min(max(steps.get(key, place), 0), len(all_of_it))
        self._before, self._after = all_of_it[:target], all_of_it[target:]

    def draw(self) -> None:
        """On one row that never wraps: what is too long is cut where the cursor is not."""
        from rich.cells import cell_len

        columns = self._keyboard.size.columns
        prompt = _fitting(characters(self._prompt), columns // 2)
        room = max(NARROWEST, columns - cell_len(prompt) - 2)
        before = _fitting(self._before[::-1], room if not self._after else room * 3 // 4, is_backwards=True)
        after = _fitting(self._after, room - cell_len(before))
        place = cell_len(prompt + before)
        back = f"\r\x1b[{place}C" if place else "\r"
        self._keyboard.show(f"\r{prompt}{before}{after}\x1b[K{back}")


def _fitting(letters: list[str], width: int, is_backwards: bool = False) -> str:
    """As many of the characters as fit, the last ones of a text when they are given backwards."""
    from rich.cells import cell_len

    taken: list[str] = []
    left = width
    for letter in letters:
        left -= cell_len(letter)
        if left < 0:
            break
        taken.append(letter)
    return "".join(reversed(taken) if is_backwards else taken)


def _without_last_word(letters: list[str]) -> list[str]:
    left = list(letters)
    while left and left[-1].isspace():
        left.pop()
    while left and not left[-1].isspace():
        left.pop()
    return left
