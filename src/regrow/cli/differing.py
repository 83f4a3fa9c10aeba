"""A comparison of two versions, in colours on a terminal and with marks in a pipe."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from regrow.cli import desk, output

if TYPE_CHECKING:
    from regrow.services.comparing import Compared, Side


def show(found: Compared) -> None:
    for row in drawn(found, shutil.get_terminal_size().columns, desk.is_coloured(sys.stdout)):
        output.line(row)


def drawn(found: Compared, columns: int, colours: bool) -> list[str]:
    """Which versions and how much differs, then the fields with what changed marked."""
    return [*desk.rows(told(found), columns, colours), "", *desk.changes(found.fields, columns, colours)]


def told(found: Compared) -> str:
    """Which versions are compared, and how much differs."""
    if found.before == found.after:
        return f"Variant {found.label}, version {found.after.version}: nothing stands before it to compare with."
    sides = f"version {found.before.version} -> {found.after.version}"
    if found.before.piece_id != found.after.piece_id:
        sides = f"{_side(found.before)} -> {_side(found.after)}"
    more = f"{found.words_added} word{'' if found.words_added == 1 else 's'} more"
    return f"Variant {found.label}, {sides}: {more}, {found.words_removed} fewer, {found.similarity:.0%} alike"


def _side(side: Side) -> str:
    return f"{side.piece_id} version {side.version}"
