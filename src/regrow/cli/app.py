"""The command line as a whole: the global options, every command, and how it is run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer
from typer.core import TyperGroup

import regrow
from regrow.cli import (
    campaigns,
    channels,
    contexts,
    credits,
    deliveries,
    doctor,
    editing,
    exits,
    experiments,
    feedback,
    functions,
    generations,
    guarding,
    keys,
    members,
    models,
    notes,
    options,
    personas,
    pieces,
    posts,
    prompts,
    publishing,
    regenerating,
    regenerations,
    review,
    serve,
    sites,
    starting,
    topics,
    triggers,
    versions,
    workspaces,
)
from regrow.cli.demo import command

MAIN, REVIEW, PUBLISH = "From notes to drafts", "Review", "Publish"
MANAGE, RUN = "Manage", "Run and look after"

app = typer.Typer(
    cls=options.Root,
    name="regrow",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try it at once, offline and without a key: regrow demo",
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"regrow {regrow.__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    home: Annotated[
        Path | None, typer.Option("--home", envvar="REGROW_HOME", help="The folder to work in; ./.regrow by default.")
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="Machine output on stdout and nothing else there.")] = False,
    workspace: Annotated[
        str | None, typer.Option("--workspace", help="Which workspace, by id or slug, when there are several.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Regrow turns a folder of notes into drafts that a person reviews. These options may stand anywhere."""
    options.keep(options.Options(home, is_json, workspace))


app.command(cls=options.Command, rich_help_panel=MAIN)(command.demo)
app.command(cls=options.Command, rich_help_panel=MAIN)(starting.init)
app.add_typer(notes.app, name="import", rich_help_panel=MAIN)
app.add_typer(topics.app, name="topics", rich_help_panel=MAIN)
app.command(cls=options.Command, rich_help_panel=MAIN)(generations.generate)
app.command(cls=options.Command, rich_help_panel=MAIN)(generations.progress)
generations.app.command("history", cls=options.Command)(versions.generation_history)
app.add_typer(generations.app, name="generations", rich_help_panel=REVIEW)
pieces.app.command("history", cls=options.Command)(versions.history)
app.add_typer(pieces.app, name="pieces", rich_help_panel=REVIEW)
app.command(cls=options.Command, rich_help_panel=REVIEW)(review.review)
app.command(cls=options.Command, rich_help_panel=REVIEW)(pieces.approve)
app.command(cls=options.Command, rich_help_panel=REVIEW)(pieces.reject)
app.command(cls=options.Command, rich_help_panel=REVIEW)(pieces.reopen)
app.command(cls=options.Command, rich_help_panel=REVIEW)(pieces.select)
app.command(cls=options.Command, rich_help_panel=PUBLISH)(publishing.publish)
app.add_typer(posts.app, name="posts", rich_help_panel=PUBLISH)
deliveries.attach(channels.app)
app.add_typer(channels.app, name="channels", rich_help_panel=PUBLISH)
app.add_typer(sites.app, name="sites", rich_help_panel=PUBLISH)
app.add_typer(experiments.app, name="experiments", rich_help_panel=PUBLISH)
app.add_typer(regenerations.app, name="regenerations", rich_help_panel=PUBLISH)
app.add_typer(triggers.app, name="triggers", rich_help_panel=PUBLISH)
app.command(cls=options.Command, rich_help_panel=REVIEW)(editing.edit)
app.add_typer(regenerating.app, name="regenerate", rich_help_panel=REVIEW)
app.add_typer(guarding.app, name="guard", rich_help_panel=REVIEW)
app.command(cls=options.Command, rich_help_panel=REVIEW)(versions.diff)
app.command(cls=options.Command, rich_help_panel=REVIEW)(versions.restore)
app.add_typer(feedback.app, name="feedback", rich_help_panel=REVIEW)
app.add_typer(personas.app, name="personas", rich_help_panel=MANAGE)
app.add_typer(prompts.app, name="prompts", rich_help_panel=MANAGE)
app.add_typer(campaigns.app, name="campaigns", rich_help_panel=MANAGE)
app.add_typer(workspaces.app, name="workspaces", rich_help_panel=MANAGE)
app.add_typer(members.app, name="members", rich_help_panel=MANAGE)
app.add_typer(keys.app, name="keys", rich_help_panel=MANAGE)
app.add_typer(models.app, name="models", rich_help_panel=MANAGE)
app.add_typer(credits.app, name="credits", rich_help_panel=MANAGE)
app.command(cls=options.Command, rich_help_panel=MANAGE)(credits.usage)
app.add_typer(contexts.app, name="contexts", rich_help_panel=MANAGE)
app.add_typer(functions.app, name="functions", rich_help_panel=MANAGE)
app.command(cls=options.Command, rich_help_panel=RUN)(serve.serve)
app.command(cls=options.Command, rich_help_panel=RUN)(serve.worker)
app.command(cls=options.Command, rich_help_panel=RUN)(starting.migrate)
app.command(cls=options.Command, rich_help_panel=RUN)(doctor.doctor)
app.command(cls=options.Command, rich_help_panel=RUN)(starting.config)


def main(args: Sequence[str]) -> int:
    """Runs one command line and gives back its exit code."""
    from typer.main import get_command

    return exits.guarded(cast(TyperGroup, get_command(app)), list(args))


def run() -> NoReturn:
    """The console script."""
    exits.leave(main(sys.argv[1:]))
