"""`regrow personas`: the voices that write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, rows
from regrow.kit import errors

app = typer.Typer(help="Personas: the voices that write.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="PERSONA_ID", help="Its id, per_...")]
Description = Annotated[str | None, typer.Option("--description", help="Who speaks, in a sentence or two.")]
Voice = Annotated[
    list[str] | None,
    typer.Option("--voice", metavar="MEDIUM.SETTING=VALUE", help="A setting, such as blog.tone=friendly; repeatable."),
]
Use = Annotated[list[str] | None, typer.Option("--use", help="A word or phrase to use; repeatable.")]
Avoid = Annotated[list[str] | None, typer.Option("--avoid", help="A word or phrase to avoid; repeatable.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List personas, oldest first."""
    from regrow.store.tables.personas import Persona

    columns = ("id", "name", "is_default", "description", "version", "archived_at")
    rows.listed(Persona, "persona", columns, limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one persona with its voice and guidelines."""
    from regrow.store.tables.personas import Persona

    rows.show_one(Persona, id, "persona")


@app.command(cls=options.Command)
def create(
    name: Annotated[str, typer.Argument(help="What the voice is called.")],
    description: Description = None,
    voice: Voice = None,
    use: Use = None,
    avoid: Avoid = None,
    default: Annotated[bool, typer.Option("--default", help="Write with this one when none is named.")] = False,
) -> None:
    """Create a persona.

    Example: regrow personas create "Baker" --voice blog.tone=friendly --voice blog.words=600 --avoid "game changer"
    """
    from regrow.services import personas

    guidelines = {"use": use or [], "avoid": avoid or []}
    about = given.words(description or "", "description")
    with opened.writing() as (session, actor):
        row = personas.create(session, actor, given.name(name), about, _voice({}, voice), guidelines, default)
        found = rows.shape(row)
    rows.give(found)


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    description: Description = None,
    voice: Voice = None,
    use: Use = None,
    avoid: Avoid = None,
    default: Annotated[bool, typer.Option("--default", help="Write with this one when none is named.")] = False,
    version: given.Version = None,
) -> None:
    """Change a persona; settings that are not named stay, --use and --avoid replace their list."""
    from regrow.services import editing, personas
    from regrow.store.tables.personas import Persona

    with opened.writing() as (session, actor):
        row = editing.found(session, Persona, id, "persona")
        lists = {key: value for key, value in (("use", use), ("avoid", avoid)) if value}
        values = given.changes(
            name=given.name(name) if name is not None else None,
            description=given.words(description, "description") if description is not None else None,
            voice=_voice(row.voice, voice) if voice else None,
            guidelines={**row.guidelines, **lists} if lists else None,
            is_default=True if default else None,
        )
        found = rows.shape(personas.change(session, actor, id, version, values))
    rows.give(found)


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a persona out of use; what it wrote stays."""
    from regrow.services import personas

    with opened.writing() as (session, actor):
        found = rows.shape(personas.archive(session, actor, id))
    rows.give(found)


def _voice(held: Mapping[str, Any], changed: list[str] | None) -> dict[str, Any]:
    voice = {medium: dict(values) for medium, values in held.items()}
    for where, value in given.pairs(changed or (), "--voice").items():
        medium, dot, setting = where.partition(".")
        if not dot:
            raise errors.Invalid(f"--voice: write medium.setting=value, not {where[:80]!r}=...", "bad_voice")
        voice.setdefault(medium, {})[setting] = value
    return voice
