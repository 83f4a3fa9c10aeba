"""A line of text typed on a terminal: what keys do, what is too long, and how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from regrow.cli import prompting
from tests.faces.terminals import Terminal, reading

PASTE = "\x1b[200~{}\x1b[201~"


@pytest.fixture(params=[20, 80])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    made = Terminal(request.param)
    yield made
    made.close()


def typed(terminal: Terminal, keys: str, most: int = 2_000, start: str = "") -> str | None:
    with reading(terminal) as board:
        terminal.type(keys)
        return prompting.line(board, "Why? ", most, start)


def rows(shown: str) -> list[str]:
    """Every drawing of the line, without its sequences."""
    return [row for row in re.split(r"[\r\n]+", re.sub(r"\x1b\[[?\d]*[A-Za-z]", "", shown)) if row]


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("too long\r", "too long"),
        ("\r", ""),
        ("abc\x7f\x7fd\r", "ad"),
        ("\x7fa\r", "a"),
        ("one two  \x17x\r", "one x"),
        ("one two\x15three\r", "three"),
        ("bd\x1b[Dc\x1b[Da\r", "bacd"),
        ("bc\x1b[Ha\x1b[Fd\r", "abcd"),
        ("bc\x01a\x05d\r", "abcd"),
        ("abc\x1b[D\x1b[D\x1b[3~\r", "ac"),
        ("abc\x1b[D\x0b\r", "ab"),
        ("a\x1b[C\x1b[A\x1b[5~\tb\r", "ab"),
        ("👩\u200d🍳🇩🇪e\u0301\x7f\x7f\r", "👩\u200d🍳"),
        ("面包\x1b[D很\r", "面很包"),
        ("שלום\r", "שלום"),
        (PASTE.format("one\ntwo\tthree\x1b[31m") + "!\r", "one two three[31m!"),
        ("  a  \r", "a"),
        ("no\x1b", None),
        ("no\x04", None),
    ],
)
def test_keys_do_what_people_expect(terminal: Terminal, keys: str, wanted: str | None) -> None:
    assert typed(terminal, keys) == wanted


def test_no_more_is_taken_than_fits(terminal: Terminal) -> None:
    assert typed(terminal, "abcdefgh\x7fx\r", most=5) == "abcdx"
    assert "\a" in terminal.shown()
    assert typed(terminal, PASTE.format("y" * 500) + "\r", most=5) == "yyyyy"


def test_a_text_to_start_with_can_be_changed(terminal: Terminal) -> None:
    assert typed(terminal, "\x7f.\r", start="Too long!") == "Too long."


@pytest.mark.parametrize("letter", ["x", "面", "👩\u200d🍳", "e\u0301", "ש"])
def test_the_row_never_wraps_and_shows_where_the_cursor_is(letter: str) -> None:
    terminal = Terminal(40)
    typed(terminal, letter * 60 + "\x1b[D" * 50 + "Z\r")
    drawn = rows(terminal.shown())
    terminal.close()
    assert max(cell_len(row) for row in drawn) <= 38
    assert all(row.startswith("Why? ") for row in drawn)
    assert "Z" in drawn[-1]


def test_a_prompt_longer_than_the_screen_leaves_room() -> None:
    terminal = Terminal(40)
    with reading(terminal) as board:
        terminal.type("reason\r")
        assert prompting.line(board, "Why \x1b[2J" * 30) == "reason"
    drawn = rows(terminal.shown())
    terminal.close()
    assert max(cell_len(row) for row in drawn) <= 40
    assert any("reason" in row for row in drawn)
