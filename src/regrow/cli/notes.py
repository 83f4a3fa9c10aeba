"""`regrow import`: notes in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import opened, options, output, showing, working
from regrow.domain.notes import detecting

if TYPE_CHECKING:
    from regrow.wiring import Home

app = typer.Typer(help="Import: bring in what content grows from.", no_args_is_help=True)
MOST_SHOWN = 20


@app.callback()
def importing() -> None:
    """Import: bring in what content grows from."""


_FORMATS = "\b\nFormats:\n" + "\n".join(f"  {one.name:<9} {one.about}" for one in detecting.FORMATS)


@app.command("notes", cls=options.Command, epilog=_FORMATS)
def import_notes(
    path: Annotated[Path, typer.Argument(help="A folder of notes, or an export: .zip, .enex, .json, .bear2bk.")],
    source: Annotated[
        str | None,
        typer.Option("--source", help="Name the notes go by; give the old one for a moved folder or a newer export."),
    ] = None,
    format_name: Annotated[
        str | None,
        typer.Option("--format", metavar="|".join(detecting.NAMES), help="Read it as this; found if left out."),
    ] = None,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
) -> None:
    """Import notes. Importing again takes over what changed and archives what is gone.

    Example: regrow import notes ~/vault
    """
    with opened.home() as home:
        found = taken(home, opened.acting(home).workspace_id, path, source, format_name, is_dry)
    output.give(found, lambda: show(found))


def taken(
    home: Home,
    workspace_id: str,
    path: Path,
    source: str | None = None,
    format_name: str | None = None,
    is_dry: bool = False,
) -> dict[str, Any]:
    """Imports the notes with a progress bar; gives back what it did."""
    with showing.progress("Looking" if is_dry else "Importing") as tell:
        report = home.import_notes(
            workspace_id,
            path,
            source,
            lambda done, total: tell(done, total, f"{done} of {total} notes"),
            format_name=format_name,
            is_dry=is_dry,
        )
    return report.as_dict()


def show(found: dict[str, Any]) -> None:
    """The report of an import, for people."""
    counts = {name: found[name] for name in ("created", "updated", "unchanged", "archived")}
    output.table([{**counts, "skipped": len(found["skipped"])}], [*counts, "skipped"], "")
    _some("Skipped", found["skipped"], ("path", "reason"))
    _some("Imported, with a remark", found.get("warnings", ()), ("path", "warning"))
    is_empty = not (found["created"] or found["unchanged"] or found["updated"])
    if is_empty and not found["skipped"]:
        gone = " any more: what was imported from there before leaves the notes, and comes back when it is there again"
        output.say(
            f"\nNo notes are there{gone if found['archived'] else ''}. See regrow import notes --help for formats."
        )
    if found["dry_run"]:
        output.say(f"\nNothing was written: this is what an import as {found['format']} would do.")
    elif not is_empty:
        output.say(f"\nNext:  regrow{working.workspace_hint()} topics discover   or   regrow generate")


def _some(heading: str, items: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    if not items:
        return
    output.line(f"\n{heading}:")
    output.table(items[:MOST_SHOWN], columns, "")
    if len(items) > MOST_SHOWN:
        output.line(f"and {len(items) - MOST_SHOWN} more: --json lists all")
