"""CSV of unknown making as a Markdown table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

MAX_ROWS = 2_000
MAX_COLUMNS = 60
MAX_CELL = 2_000
"""A table is to be read; whoever has more data than this has no note."""


def rows(text: str, most: int = MAX_ROWS + 1) -> list[list[str]]:
    """The rows with anything in them; what is no CSV ends the table where it stops being one."""
    found: list[list[str]] = []
    delimiter = max(",;\t", key=text[:2_000].partition("\n")[0].count)
    try:
        for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                found.append([cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]])
            if len(found) >= most:
                break
    except csv.Error:
        return found
    return found


def table(text: str, name_cell: Callable[[str], str] = lambda name: name) -> str:
    """The table; `name_cell` turns the first cell of each row into what is shown."""
    found = rows(text)
    if not found:
        return ""
    head, *body = found
    lines = [_row(head), _row(["---"] * len(head))]
    for row in body:
        cells = [_escaped(cell) for cell in [*row, *[""] * (len(head) - len(row))][: len(head)]]
        lines.append(_row([name_cell(row[0]) if row[0] else "", *cells[1:]], is_escaped=True))
    return "\n".join(lines)


def _row(cells: Sequence[str], is_escaped: bool = False) -> str:
    return "| " + " | ".join(cells if is_escaped else [_escaped(cell) for cell in cells]) + " |"


def _escaped(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")
