"""Two versions of a prompt side by side: what each used and scored, and the texts with what differs marked."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from regrow.cli import desk, output

if TYPE_CHECKING:
    from rich.text import Text

    from regrow.domain.differences import Part

FACTS = ("version", "template", "template_version", "model", "settings", "cost", "input_tokens", "output_tokens")
VERDICT = ("score", "passed")
NAMES = {"score": "guard score", "passed": "guard passed", "cost": "cost in US dollars"}


def show(found: Mapping[str, Any]) -> None:
    """A comparison, in two columns as wide as the terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    before, after = found["before"], found["after"]
    colours = desk.is_coloured(sys.stdout)
    drawn = Table(box=box.SIMPLE_HEAD, show_lines=False, pad_edge=False, expand=True)
    drawn.add_column("", no_wrap=True)
    for side in (before, after):
        drawn.add_column(output.safe(side["version"]), ratio=1, overflow="fold")
    for name in (*FACTS[1:], *VERDICT):
        if before[name] is not None or after[name] is not None:
            drawn.add_row(NAMES.get(name, name.replace("_", " ")), _plain(before[name]), _plain(after[name]))
    for each in found["differences"]:
        _add(drawn, each, colours)
    width = shutil.get_terminal_size().columns
    Console(file=sys.stdout, width=width, no_color=not colours, highlight=False).print(drawn)
    if found["warning"]:
        output.say(found["warning"])


def show_difference(found: Mapping[str, Any]) -> None:
    """One difference below one another, as `regrow diff` shows it."""
    columns, colours = shutil.get_terminal_size().columns, desk.is_coloured(sys.stdout)
    output.line(f"{output.safe(found['what'])}: {_told(found)}\n")
    fields = {name: _parts(parts) for name, parts in found["fields"].items()}
    for row in desk.changes(fields, columns, colours):
        output.line(row)


def _add(drawn: Any, found: Mapping[str, Any], colours: bool) -> None:
    """The fields of one text, under a line that says which one and how much differs."""
    from rich.text import Text

    drawn.add_section()
    heading = " ".join(each for each in (found["what"], found["label"]) if each)
    drawn.add_row(Text(heading, "bold"), Text(_told(found), "dim"), "")
    for name, parts in found["fields"].items():
        both = _parts(parts)
        drawn.add_row(name, _side(both, "insert", colours), _side(both, "delete", colours))


def _side(parts: Sequence[Part], without: str, colours: bool) -> Text:
    """What one side says, with what the other does not say marked."""
    from rich.text import Text

    shown = desk.difference([part for part in parts if part.op != without], colours)
    return Text(shown) if isinstance(shown, str) else shown


def _told(found: Mapping[str, Any]) -> str:
    return f"{found['words_added']} words more, {found['words_removed']} fewer, {found['similarity']:.0%} alike"


def _parts(stored: Sequence[Mapping[str, str]]) -> list[Part]:
    from regrow.domain.differences import Part

    return [Part(each["op"], each["text"]) for each in stored]  # type: ignore[arg-type]


def _plain(value: Any) -> Text:
    from rich.text import Text

    return Text(f"{value:g}" if isinstance(value, float) else output.text(value))
