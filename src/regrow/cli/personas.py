"""`regrow personas`: the voices that write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows, voices
from regrow.kit import errors

app = typer.Typer(help="Personas: the voices that write.", no_args_is_help=True)
for each in (voices.learn, voices.voice, voices.forget):
    app.command(cls=options.Command)(each)
Id = Annotated[str, typer.Argument(metavar="PERSONA_ID", help="Its id, per_...")]
Description = Annotated[str | None, typer.Option("--description", help="Who speaks, in a sentence or two.")]
Voice = Annotated[
    list[str] | None,
    typer.Option(
        "--voice",
        metavar="MEDIUM.SETTING=VALUE",
        help="A setting, such as blog.tone=friendly or blog.reading_level=8 (or none); repeatable.",
    ),
]
Words = list[str] | None
Use = Annotated[Words, typer.Option("--use", help="A word or phrase to use; repeatable.")]
Avoid = Annotated[Words, typer.Option("--avoid", help="A word or phrase to avoid; repeatable.")]
Required = Annotated[Words, typer.Option("--require", help="A phrase that every text holds; repeatable.")]
Forbidden = Annotated[Words, typer.Option("--forbid", help="A phrase that no text holds; repeatable.")]
Claims = Annotated[Words, typer.Option("--claim", help="Words of a claim that needs a source; repeatable.")]
Disclaimers = Annotated[Words, typer.Option("--disclaimer", help="One of these stands where a claim does; repeatable.")]
Competitors = Annotated[Words, typer.Option("--competitor", help="Another company's name; repeatable.")]
Disclosure = Annotated[Words, typer.Option("--disclosure", help="The line that says how texts are made; repeatable.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List personas, oldest first."""
    from regrow.store.tables.personas import Persona

    columns = ("id", "name", "is_default", "description", "version", "archived_at")
    rows.listed(Persona, "persona", columns, limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one persona with its voice, its guidelines and what it learned."""
    from regrow.services import personas

    with opened.reading() as session:
        found = voices.shape(personas.referred(session, id))
    output.give(found, lambda: voices.show(found))


@app.command(cls=options.Command)
def create(
    name: Annotated[str, typer.Argument(help="What the voice is called.")],
    description: Description = None,
    voice: Voice = None,
    use: Use = None,
    avoid: Avoid = None,
    require: Required = None,
    forbid: Forbidden = None,
    claim: Claims = None,
    disclaimer: Disclaimers = None,
    competitor: Competitors = None,
    disclosure: Disclosure = None,
    default: Annotated[bool, typer.Option("--default", help="Write with this one when none is named.")] = False,
) -> None:
    """Create a persona.

    Example: regrow personas create "Baker" --voice blog.tone=friendly --voice blog.words=600 --avoid "game changer"
    """
    from regrow.services import personas

    guidelines = _lists(use, avoid, require, forbid, claim, disclaimer, competitor, disclosure)
    about = given.words(description or "", "description")
    with opened.writing() as (session, actor):
        row = personas.create(session, actor, given.name(name), about, _voice({}, voice), guidelines, default)
        found = voices.shape(row)
    output.give(found, lambda: voices.show(found))


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    description: Description = None,
    voice: Voice = None,
    use: Use = None,
    avoid: Avoid = None,
    require: Required = None,
    forbid: Forbidden = None,
    claim: Claims = None,
    disclaimer: Disclaimers = None,
    competitor: Competitors = None,
    disclosure: Disclosure = None,
    default: Annotated[bool, typer.Option("--default", help="Write with this one when none is named.")] = False,
    version: given.Version = None,
) -> None:
    """Change a persona; settings that are not named stay, lists of words that are named replace their list."""
    from regrow.services import editing, personas
    from regrow.store.tables.personas import Persona

    with opened.writing() as (session, actor):
        row = editing.found(session, Persona, id, "persona")
        lists = _lists(use, avoid, require, forbid, claim, disclaimer, competitor, disclosure)
        values = given.changes(
            name=given.name(name) if name is not None else None,
            description=given.words(description, "description") if description is not None else None,
            voice=_voice(row.voice, voice) if voice else None,
            guidelines={**row.guidelines, **lists} if lists else None,
            is_default=True if default else None,
        )
        found = voices.shape(personas.change(session, actor, id, version, values))
    output.give(found, lambda: voices.show(found))


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a persona out of use; what it wrote stays."""
    from regrow.services import personas

    with opened.writing() as (session, actor):
        found = voices.shape(personas.archive(session, actor, id))
    output.give(found, lambda: voices.show(found))


def _lists(*given_lists: list[str] | None) -> dict[str, list[str]]:
    """The lists that were given, by their names in the guidelines."""
    from regrow.domain.brand import guidelines

    return {name: words for name, words in zip(guidelines.NAMES, given_lists, strict=True) if words}


def _voice(held: Mapping[str, Any], changed: list[str] | None) -> dict[str, Any]:
    voice = {medium: dict(values) for medium, values in held.items()}
    for where, value in given.pairs(changed or (), "--voice").items():
        medium, dot, setting = where.partition(".")
        if not dot:
            raise errors.Invalid(f"--voice: write medium.setting=value, not {where[:80]!r}=...", "bad_voice")
        voice.setdefault(medium, {})[setting] = None if value == "none" else value
    return voice
