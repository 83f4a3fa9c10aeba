"""`regrow import`: notes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import opened, options, output, showing, working

if TYPE_CHECKING:
    from regrow.wiring import Home

app = typer.Typer(help="Import: bring in what content grows from.", no_args_is_help=True)
MOST_SHOWN = 20


@app.callback()
def importing() -> None:
    """Import: bring in what content grows from."""


@app.command("notes", cls=options.Command)
def import_notes(
    path: Annotated[Path, typer.Argument(help="A folder of Markdown notes: Obsidian, Dendron, Zettelkasten, plain.")],
    source: Annotated[
        str | None, typer.Option("--source", help="Name the folder goes by; give the old one after moving it.")
    ] = None,
) -> None:
    """Import a folder of notes. Importing again takes over what changed and archives what is gone.

    Example: regrow import notes ~/vault
    """
    with opened.home() as home:
        found = taken(home, opened.acting(home).workspace_id, path, source)
    output.give(found, lambda: show(found))


def taken(home: Home, workspace_id: str, path: Path, source: str | None = None) -> dict[str, Any]:
    """Imports the folder with a progress bar; gives back what it did."""
    with showing.progress("Importing") as tell:
        report = home.import_notes(
            workspace_id, path, source, lambda done, total: tell(done, total, f"{done} of {total} files")
        )
    return report.as_dict()


def show(found: dict[str, Any]) -> None:
    """The report of an import, for people."""
    counts = {name: found[name] for name in ("created", "updated", "unchanged", "archived")}
    output.table([{**counts, "skipped": len(found["skipped"])}], [*counts, "skipped"], "")
    _some("Skipped", found["skipped"], ("path", "reason"))
    _some("Imported, with a remark", found.get("warnings", ()), ("path", "warning"))
    if found["created"] or found["unchanged"] or found["updated"]:
        output.say(f"\nNext:  regrow{working.workspace_hint()} topics discover   or   regrow generate")


def _some(heading: str, items: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    if not items:
        return
    output.line(f"\n{heading}:")
    output.table(items[:MOST_SHOWN], columns, "")
    if len(items) > MOST_SHOWN:
        output.line(f"and {len(items) - MOST_SHOWN} more: --json lists all")
