"""`regrow topics`: what there is to write about."""

from __future__ import annotations

from typing import Annotated

import typer

from regrow.cli import given, opened, options, output, rows, working

app = typer.Typer(help="Topics: clusters of notes worth writing about.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="TOPIC_ID", help="Its id, top_...")]


@app.command(cls=options.Command)
def discover(
    seed_note: Annotated[str | None, typer.Option("--seed-note", help="Start from this note, not_...")] = None,
    random_seed: Annotated[
        int | None, typer.Option("--random-seed", min=0, max=given.MOST, help="The same number finds the same topic.")
    ] = None,
) -> None:
    """Find a topic: an unused note and the notes that belong to it.

    Example: regrow topics discover --random-seed 3
    """
    from regrow.services import topics

    with opened.writing() as (session, actor):
        found = rows.shape(topics.discover(session, actor, seed_note, random_seed))

    def show() -> None:
        output.fields(found, long=("summary", "why"))
        output.say(f"\nWrite about it:  regrow{working.workspace_hint()} generate {found['id']}")

    output.give(found, show)


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List topics, oldest first."""
    from regrow.store.tables.topics import Topic

    rows.listed(Topic, "topic", ("id", "title", "kind", "created_at", "archived_at"), limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one topic: its notes, its summary, and why it is one."""
    from regrow.store.tables.topics import Topic

    rows.show_one(Topic, id, "topic", long=("summary", "why"))


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a topic out of use; what was written about it stays."""
    from regrow.services import topics

    with opened.writing() as (session, actor):
        found = rows.shape(topics.archive(session, actor, id))
    rows.give(found, long=("summary", "why"))
