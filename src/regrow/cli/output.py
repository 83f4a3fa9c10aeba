"""What a command prints: JSON or tables on stdout, messages on stderr."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from regrow.cli import options
from regrow.kit import clock, redaction

Row = Mapping[str, Any]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NARROW = 72
"""Columns of a terminal below which a table of ids cannot be read."""


def give(value: Any, show: Callable[[], None]) -> None:
    """The answer of a command: `value` as JSON when asked for, else whatever `show` prints."""
    if options.current().is_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")
        sys.stdout.flush()
    else:
        show()


def say(text: str) -> None:
    """A message for people, on stderr."""
    sys.stderr.write(f"{text}\n")


def line(text: str = "") -> None:
    """A line of the answer itself."""
    sys.stdout.write(f"{text}\n")


def raw(data: bytes) -> None:
    """Bytes of an answer as they are, for a file or another program."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def table(rows: Sequence[Row], columns: Sequence[str], empty: str) -> None:
    """Rows under headings: drawn on a terminal, plain columns in a pipe."""
    if not rows:
        line(empty)
        return
    cells = [[text(row.get(name)) for name in columns] for row in rows]
    headings = [name.replace("_", " ") for name in columns]
    if not sys.stdout.isatty():
        _columns(headings, cells)
    elif shutil.get_terminal_size().columns < NARROW:
        _stacked(headings, cells)
    else:
        _drawn(headings, cells)


def fields(row: Row, long: Sequence[str] = ()) -> None:
    """One thing: a line for each value; the `long` ones come last, in full."""
    short = {name: value for name, value in row.items() if name not in long}
    width = max(map(len, short), default=0)
    for name, value in short.items():
        line(f"{name.replace('_', ' '):<{width}}  {text(value)}")
    for name in long:
        if row.get(name):
            line(f"\n{name.replace('_', ' ')}:\n{safe(str(row[name]))}")


def text(value: Any) -> str:
    """A value as one short line."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{clock.aware(value):%Y-%m-%d %H:%M}"
    if isinstance(value, str) and _TIME.fullmatch(value):
        return f"{value[:10]} {value[11:16]}"
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value)) or "-"
    if isinstance(value, Mapping):
        return redaction.shorten(json.dumps(value, ensure_ascii=False, default=_plain), 400)
    return redaction.shorten(str(value), 400)


def safe(body: str) -> str:
    """Text of somebody else's with its line breaks, without what would steer a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in body)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _columns(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[place]) for row in (headings, *cells)) for place in range(len(headings))]
    for row in (headings, *cells):
        padded = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        line("  ".join(padded).rstrip())


def _stacked(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """A terminal too narrow for columns gets a line for each value, so that ids can still be copied whole."""
    for row in cells:
        line()
        for heading, cell in zip(headings, row, strict=True):
            line(f"{heading}: {cell}")


def _drawn(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, no_wrap=heading == "id", overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(drawn)
