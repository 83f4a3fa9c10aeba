"""`regrow prompts`: what models are told, in one's own words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import comparing_prompts, editor, given, opened, options, output, prompt_sides, rows, sheet
from regrow.cli.comparing_prompts import Instructions, Name, Persona, Topic
from regrow.kit import errors, pages

if TYPE_CHECKING:
    from regrow.domain.workspaces import Actor
    from regrow.wiring import Home

app = typer.Typer(help="Prompts: what models are told, in your own words.", no_args_is_help=True)
for each in (comparing_prompts.compare, comparing_prompts.compared):
    app.command(cls=options.Command)(each)
COLUMNS = ("name", "in_force", "version", "shipped_version", "medium", "changed_at", "changed_by")
VERSION_COLUMNS = ("name", "how", "restores", "by", "at", "is_in_force", "note")
MOST_BYTES = 400_000

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Such as workspace-2, shipped-1, or shipped.")]
Shown = Annotated[str | None, typer.Option("--version", help="Such as workspace-2 or shipped-1; the one in force.")]


@app.command("list", cls=options.Command)
def show_all() -> None:
    """List the prompts and which version of each is in force."""
    from regrow.services import prompt_telling

    with opened.home() as home, home.reading(opened.acting(home).workspace_id) as session:
        found = prompt_telling.summaries(session, home.prompter)
    rows.show_page(found, None, COLUMNS, "no prompt")


@app.command(cls=options.Command)
def show(
    name: Name,
    version: Shown = None,
    start: Annotated[bool, typer.Option("--start", help="A text that says the same, to begin your own with.")] = False,
) -> None:
    """Show a prompt as it is written, and the variables that a text of your own may fill in.

    Example: regrow prompts show write_blog --start > my_blog.txt
    """
    from regrow.services import prompt_telling

    with opened.home() as home, home.reading(opened.acting(home).workspace_id) as session:
        found = prompt_telling.whole(session, home.prompter, name)
        if start:
            output.give(found, lambda: output.line(found["starting_text"].rstrip()))
            return
        if version:
            one = prompt_telling.one(session, home.prompter, name, version)
            output.give(one, lambda: output.line(output.safe(one["text"])))
            return
    output.give(found, lambda: _show(found))


def _show(found: dict[str, Any]) -> None:
    output.fields({key: found[key] for key in ("name", "description", "in_force", "version", "shipped_version")})
    output.line(f"\n{output.safe(found['text'])}")
    output.say("\nA text of your own may fill in, as {{ name }}:")
    needed = [
        {**each, "needed": each["is_required"], "section": each["section"] or "both"} for each in found["variables"]
    ]
    output.table(needed, ("name", "section", "needed", "description"), "")


@app.command(cls=options.Command)
def change(
    name: Name,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="The text; - reads stdin, none: $EDITOR.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why, for whoever looks at the versions later.")] = "",
    version: given.Version = None,
) -> None:
    """Put a text of your own in force; without a file your editor opens on what is in force now.

    A text holds {{ variables }} and nothing else: no loops, no conditions, no filters. Runs that have begun keep to the
    version that they began with.

    Example: EDITOR=nano regrow prompts change write_blog --note "Shorter leads"
    """
    from regrow.services import prompt_telling

    why = given.words(note, "--note", 500)
    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            before = prompt_telling.whole(session, home.prompter, name)
        if file is not None:
            after = _changed(home, actor, name, _read(file), version, why)
        else:
            after = _edited(home, actor, before, why)
    if after["version"] == before["version"]:
        output.give(after, lambda: output.line("Nothing was changed."))
    else:
        _tell(after)


def _edited(home: Home, actor: Actor, before: dict[str, Any], note: str) -> dict[str, Any]:
    """The prompt as somebody's editor left it; a text that cannot be taken is kept, and the error says where."""
    start = before["text"] if before["in_force"].startswith("workspace") else before["starting_text"]
    text = editor.edit(start, home.settings.home, before["name"])
    if text == start or not text.strip():
        return before
    try:
        return _changed(home, actor, before["name"], text, before["version"], note)
    except errors.RegrowError as error:
        path = editor.keep(home.settings.home, before["name"], text)
        error.more["kept"] = f"What you wrote is kept in {path}"
        error.detail = f"{error.detail}. {error.more['kept']}"
        raise


def _changed(home: Home, actor: Actor, name: str, text: str, version: int | None, note: str) -> dict[str, Any]:
    from regrow.services import prompt_telling, prompts

    with home.writing(actor.workspace_id) as session:
        prompts.change(session, actor, home.prompter, name, text, version, note)
        return prompt_telling.whole(session, home.prompter, name)


@app.command(cls=options.Command)
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The text; - reads stdin.")],
    name: Annotated[str, typer.Option("--for", metavar="NAME", help="For which prompt, such as write_blog.")],
) -> None:
    """Say whether a text could be put in force, and what is off in which line. Needs no home.

    Example: regrow prompts check my_blog.txt --for write_blog
    """
    from regrow import wiring
    from regrow.domain.prompts import checking, naming

    text = _read(file)
    naming.refuse_unknown(name)
    wiring.FilePrompter().check(name, text)
    found = {"variables": list(checking.names(text)), "characters": len(checking.tidy(text))}
    output.give(found, lambda: output.line(f"The text is sound: it fills in {output.text(found['variables'])}."))


@app.command(cls=options.Command)
def preview(
    name: Name,
    topic: Topic = None,
    piece: Annotated[str | None, typer.Option("--piece", metavar="ID", help="As when this piece is rewritten.")] = None,
    version: Shown = None,
    persona: Persona = None,
    instructions: Instructions = "",
) -> None:
    """Show what a model would be told, filled with real notes and a real voice. Nobody is asked and nothing is paid.

    Example: regrow prompts preview write_blog --topic top_0199... --version workspace-2
    """
    from regrow.services import prompt_previews

    inputs = prompt_previews.Inputs(topic, piece, persona, given.words(instructions, "--instructions", 2_000))
    with opened.home() as home, home.reading(opened.acting(home).workspace_id) as session:
        found = prompt_previews.preview(session, home.prompter, name, version, inputs).as_dict()
    output.give(found, lambda: _show_preview(found))


def _show_preview(found: dict[str, Any]) -> None:
    for section in ("system", "user"):
        output.line(f"=== {section} ===\n{output.safe(found[section])}\n")
    output.say(
        f"{found['version']} of {found['prompt']}: {found['characters']:,} characters, about {found['tokens']:,} "
        f"tokens, {len(found['note_ids'])} notes of {found['topic_id']}"
    )


@app.command(cls=options.Command)
def versions(name: Name, limit: given.Limit = 50, cursor: given.Cursor = None) -> None:
    """List every version of a prompt, newest first: your own, then the shipped ones."""
    from regrow.services import prompt_telling

    with opened.home() as home, home.reading(opened.acting(home).workspace_id) as session:
        found = prompt_telling.versions(session, home.prompter, name, limit, pages.decode(cursor))
    rows.show_page(found["items"], found["next_cursor"], VERSION_COLUMNS, "no version")


@app.command(cls=options.Command)
def diff(
    name: Name,
    before: Annotated[str, typer.Argument(metavar="A", help="One version; shipped when left out.")] = "shipped",
    after: Annotated[str | None, typer.Argument(metavar="B", help="Another; the one in force when left out.")] = None,
) -> None:
    """Show word by word what differs between two versions as they were written.

    Example: regrow prompts diff write_blog workspace-1 workspace-2
    """
    from regrow.services import prompt_sides as sides

    with opened.home() as home, home.reading(opened.acting(home).workspace_id) as session:
        found = sides.texts(session, home.prompter, name, before, after)
    output.give(found, lambda: prompt_sides.show_difference(found))


@app.command(cls=options.Command)
def rollback(name: Name, version: Version, expected: given.Version = None) -> None:
    """Put an earlier version in force again, as a new one; nothing is lost.

    Example: regrow prompts rollback write_blog workspace-1
    """
    from regrow.services import prompt_telling, prompts

    with opened.home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            prompts.roll_back(session, actor, home.prompter, name, version, expected)
            found = prompt_telling.whole(session, home.prompter, name)
    _tell(found)


@app.command(cls=options.Command)
def reset(name: Name, expected: given.Version = None) -> None:
    """Put the shipped prompt in force; your own versions stay and can be rolled back to."""
    from regrow.services import prompt_telling, prompts

    with opened.home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            prompts.reset(session, actor, name, expected)
            found = prompt_telling.whole(session, home.prompter, name)
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    said = f"{found['name']} is put in {found['in_force']} from now on; runs that have begun keep to theirs."
    output.give(found, lambda: output.line(said))


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else _bytes(Path(file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file"
        raise errors.NotFound(f"{file[:200]} cannot be read: {reason}", "file_not_found") from None
    if len(data) > MOST_BYTES:
        raise errors.Invalid(f"{file[:200]} is larger than a prompt can be", "too_long")
    return sheet.decoded(data)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as opened_file:
        return opened_file.read(MOST_BYTES + 1)
