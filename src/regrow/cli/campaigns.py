"""`regrow campaigns`: pieces that belong together."""

from __future__ import annotations

from typing import Annotated

import typer

from regrow.cli import given, opened, options, rows

app = typer.Typer(help="Campaigns: pieces that belong together.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", help="Its id, cam_...")]
Description = Annotated[str | None, typer.Option("--description", help="What it is about.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List campaigns, oldest first."""
    from regrow.store.tables.campaigns import Campaign

    columns = ("id", "name", "description", "created_at", "archived_at")
    rows.listed(Campaign, "campaign", columns, limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one campaign."""
    from regrow.store.tables.campaigns import Campaign

    rows.show_one(Campaign, id, "campaign")


@app.command(cls=options.Command)
def create(name: Annotated[str, typer.Argument(help="What it is called.")], description: Description = None) -> None:
    """Create a campaign.

    Example: regrow campaigns create "Spring loaves"
    """
    from regrow.services import campaigns

    with opened.writing() as (session, actor):
        row = campaigns.create(session, actor, given.name(name), given.words(description or "", "description"))
        found = rows.shape(row)
    rows.give(found)


@app.command(cls=options.Command)
def change(id: Id, name: given.Name = None, description: Description = None, version: given.Version = None) -> None:
    """Rename a campaign or describe it anew."""
    from regrow.services import campaigns

    values = given.changes(
        name=given.name(name) if name is not None else None,
        description=given.words(description, "description") if description is not None else None,
    )
    with opened.writing() as (session, actor):
        found = rows.shape(campaigns.change(session, actor, id, version, values))
    rows.give(found)


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a campaign out of use; its pieces stay."""
    from regrow.services import campaigns

    with opened.writing() as (session, actor):
        found = rows.shape(campaigns.archive(session, actor, id))
    rows.give(found)
