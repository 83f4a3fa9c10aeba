"""Which key the bytes of a terminal stand for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.cli import presses

KEYS = {
    "up": ["\x1b[A", "\x1bOA", "\x1b[1;5A", "\x1b[a", "\x1bOa", "\x1b\x1b[A"],
    "down": ["\x1b[B", "\x1bOB", "\x1b[1;2B", "\x1b[b", "\x1bOb"],
    "right": ["\x1b[C", "\x1bOC", "\x1b[1;3C", "\x1b[c", "\x1bOc"],
    "left": ["\x1b[D", "\x1bOD", "\x1b[1;10D", "\x1b[d", "\x1bOd"],
    "home": ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x1b[1;5H", "\x1b[7^"],
    "end": ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x1b[8$"],
    "page up": ["\x1b[5~", "\x1b[5;3~", "\x1b[5^"],
    "page down": ["\x1b[6~", "\x1b[6;5~", "\x1b[6@"],
    "delete": ["\x1b[3~"],
    "enter": ["\r", "\n", "\x1bOM"],
    "backspace": ["\x7f", "\x08"],
    "tab": ["\t"],
    "ctrl-c": ["\x03"],
    "ctrl-d": ["\x04"],
    "ctrl-u": ["\x15"],
    "escape": ["\x1b"],
    "a": ["a"],
    "é": ["é"],
    "面": ["面"],
    "🍞": ["🍞"],
    "\u200d": ["\u200d"],
    # No names here: F1 to F5 of several terminals, Insert, a mouse, a focus report, Alt with a letter, a control.
    "": ["\x1bOP", "\x1b[[A", "\x1b[15~", "\x1b[2~", "\x1b[M", "\x1b[I", "\x1bx", "\x1b[200", "\x1bO", "\x00", "\x9b"],
}


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, each in KEYS.items() for typed in each])
def test_every_terminal_is_understood(name: str, typed: str) -> None:
    raw = typed.encode()
    assert presses.first(raw, is_all=True) == (name, len(raw))
    if typed not in ("\x1b", "\x1b[200", "\x1bO"):
        assert presses.first(raw + b"q", is_all=False) == (name, len(raw))


@pytest.mark.parametrize("typed", ["\x1b[5~", "\x1b[1;5A", "\x1bOA", "面", "🍞", "\x1b\x1b[A"])
def test_what_is_not_all_there_is_waited_for(typed: str) -> None:
    raw = typed.encode()
    assert {presses.first(raw[:n], is_all=False)[1] for n in range(1, len(raw))} == {0}


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(min_size=1, max_size=60), st.text(alphabet="\x1b[O;0159~AMq^", min_size=1).map(str.encode)))
def test_any_bytes_end_as_keys(raw: bytes) -> None:
    while raw:
        name, length = presses.first(raw, is_all=True)
        assert 0 < length <= len(raw) + 4
        assert name == "" or name.isprintable() or name in "\u200c\u200d"
        raw = raw[length:]


def test_a_sequence_without_end_is_no_key() -> None:
    assert presses.first(b"\x1b[" + b"1" * 5_000, is_all=False)[0] == ""
    assert presses.first(b"\x1b[" + b"1" * 5_000, is_all=False)[1] > 0
