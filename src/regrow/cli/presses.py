"""Which key the bytes of a terminal stand for: pure reading, for xterm, the Linux console, tmux and rxvt."""

from __future__ import annotations

import re

ENTER, ESCAPE, BACKSPACE, DELETE, TAB = "enter", "escape", "backspace", "delete", "tab"
UP, DOWN, LEFT, RIGHT = "up", "down", "left", "right"
PAGE_UP, PAGE_DOWN, HOME, END = "page up", "page down", "home", "end"
CTRL_C, CTRL_D = "ctrl-c", "ctrl-d"
PASTE = "paste"
"""Text came in a piece; a paste is never a row of commands."""
UNKNOWN = ""
"""A key that has no name here."""

PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
LONGEST_SEQUENCE = 32

_SEQUENCE = re.compile(rb"\x1b\[([0-?]*)([ -/]*)([@-~])")
_BEGUN = re.compile(rb"\x1b(?:\[(?:\[|[0-?]*[ -/]*)?|O[0-9;]*)?")
# rxvt with Shift; any other sequence goes on after a dollar sign.
_SHIFTED = re.compile(rb"\x1b\[([1-8])\$")
_SINGLE = re.compile(rb"\x1b(?:\[\[|O[0-9;]*)(.)", re.DOTALL)
# rxvt writes the arrows in small letters when Shift or Ctrl is held.
_LETTERS = {"A": UP, "B": DOWN, "C": RIGHT, "D": LEFT, "a": UP, "b": DOWN, "c": RIGHT, "d": LEFT, "H": HOME, "F": END}
_KEYPAD = {**_LETTERS, "M": ENTER}
_NUMBERS = {"1": HOME, "3": DELETE, "4": END, "5": PAGE_UP, "6": PAGE_DOWN, "7": HOME, "8": END}
_CONTROLS = {"\r": ENTER, "\n": ENTER, "\t": TAB, "\x7f": BACKSPACE, "\x08": BACKSPACE, "\x1b": ESCAPE}
_JOINERS = "\u200c\u200d"


def first(held: bytes, is_all: bool) -> tuple[str, int]:
    """The first key in `held` and how many bytes it took; no bytes when it is not all there yet.

    With `is_all` nothing more is coming: a lone escape is the key, and what was begun and not ended is no key.
    """
    if held[:1] != b"\x1b":
        return _character(held, is_all)
    if held.startswith(b"\x1b\x1b"):
        return _doubled(held, is_all)
    if shifted := _SHIFTED.match(held):
        return _NUMBERS.get(shifted[1].decode(), UNKNOWN), shifted.end()
    begun = _BEGUN.match(held)
    if begun and begun.end() > LONGEST_SEQUENCE:
        return UNKNOWN, begun.end()
    if begun and begun.end() == len(held):
        return _unfinished(held, is_all)
    return _single(held) or _sequence(held)


def _doubled(held: bytes, is_all: bool) -> tuple[str, int]:
    """rxvt puts an escape before the sequence of a key that is pressed with Alt."""
    if len(held) == 2 and not is_all:
        return UNKNOWN, 0
    if held[2:3] not in (b"[", b"O"):
        return ESCAPE, 1
    name, length = first(held[1:], is_all)
    return name, length + 1 if length else 0


def _unfinished(held: bytes, is_all: bool) -> tuple[str, int]:
    if not is_all:
        return UNKNOWN, 0
    return ESCAPE if len(held) == 1 else UNKNOWN, len(held)


def _single(held: bytes) -> tuple[str, int] | None:
    """Sequences of one letter: `ESC O A` of keypads, `ESC [ [ A` of the Linux console's function keys."""
    found = _SINGLE.match(held)
    if found is None:
        return None
    letter = found[1].decode("latin-1")
    is_function = held.startswith(b"\x1b[[")
    return UNKNOWN if is_function else _KEYPAD.get(letter, UNKNOWN), found.end()


def _sequence(held: bytes) -> tuple[str, int]:
    found = _SEQUENCE.match(held)
    if found is None:
        # Alt and a letter, or a sequence that broke off: neither is a command.
        return UNKNOWN, 1 + _length(held[1]) if held[1:2] != b"[" else 2
    numbers, letter = found[1].decode(), found[3].decode()
    if letter in "~^@":
        number = numbers.partition(";")[0]
        return PASTE if found[0] == PASTE_BEGINS else _NUMBERS.get(number, UNKNOWN), found.end()
    return _LETTERS.get(letter, UNKNOWN), found.end()


def _character(held: bytes, is_all: bool) -> tuple[str, int]:
    wanted = _length(held[0])
    if len(held) < wanted and not is_all and all(0x80 <= byte < 0xC0 for byte in held[1:]):
        return UNKNOWN, 0
    try:
        letter = held[:wanted].decode()
    except UnicodeDecodeError:
        return UNKNOWN, 1
    if letter in _CONTROLS:
        return _CONTROLS[letter], 1
    if "\x01" <= letter <= "\x1a":
        return f"ctrl-{chr(ord(letter) + 96)}", 1
    return letter if letter.isprintable() or letter in _JOINERS else UNKNOWN, wanted


def _length(lead: int) -> int:
    """Bytes of the character that begins with this one."""
    return 1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
