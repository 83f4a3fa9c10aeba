"""`regrow workspaces`: the tenants of a home."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows

app = typer.Typer(help="Workspaces: what is in one is seen by nobody in another.", no_args_is_help=True)
Reference = Annotated[str | None, typer.Argument(metavar="[ID|SLUG]", help="Which one; the one in use when left out.")]
COLUMNS = ("id", "slug", "name", "created_at", "archived_at")


@app.command("list", cls=options.Command)
def show_all() -> None:
    """List the workspaces of this home."""
    with opened.home() as home:
        found = [rows.shape(row) for row in home.everyone()]
    rows.show_page(found, None, COLUMNS, "no workspace yet: run regrow init")


@app.command(cls=options.Command)
def show(reference: Reference = None) -> None:
    """Show a workspace and its settings."""
    with opened.home() as home:
        found = _shape(home, home.workspace(reference or options.current().workspace))
    output.give(found, lambda: output.fields(found))


@app.command(cls=options.Command)
def create(name: Annotated[str, typer.Argument(help="What it is called.")]) -> None:
    """Found another workspace with an owner, an owner's key and unlimited credits.

    Example: regrow workspaces create "Second shop"
    """
    with opened.home() as home:
        made = home.found(given.name(name))
        found = {**_shape(home, home.workspace(made.workspace_id)), "api_key": made.api_key}
    output.give(found, lambda: output.fields(found))
    output.say("Keep the api key now: it is not shown again.")


@app.command(cls=options.Command)
def change(
    reference: Reference = None,
    name: given.Name = None,
    setting: Annotated[
        list[str] | None, typer.Option("--setting", metavar="NAME=VALUE", help="A setting, such as topic_max_notes=10.")
    ] = None,
) -> None:
    """Rename a workspace or change its settings; the slug stays."""
    from regrow.services import workspaces

    values = given.changes(name=name, settings=given.pairs(setting, "--setting") if setting else None)
    new_name = given.name(values["name"]) if name is not None else None
    with opened.home() as home:
        id = home.workspace(reference or options.current().workspace).id
        with home.writing(id) as session:
            workspaces.change(session, home.operator(id), id, new_name, values.get("settings"))
        found = _shape(home, home.workspace(id))
    output.give(found, lambda: output.fields(found))


@app.command(cls=options.Command)
def archive(reference: Annotated[str, typer.Argument(metavar="ID|SLUG", help="Which one.")]) -> None:
    """Take a workspace out of use: its keys stop working, its rows stay."""
    from regrow.services import workspaces

    with opened.home() as home:
        id = home.workspace(reference).id
        with home.writing(id) as session:
            workspaces.archive(session, home.operator(id), id)
        found = _shape(home, home.workspace(id))
    output.give(found, lambda: output.fields(found))


def _shape(home: Any, row: Any) -> dict[str, Any]:
    from regrow.domain import workspaces as rules
    from regrow.store import workspaces

    with home.reading(row.id) as session:
        values = workspaces.settings(session).values
    return {**rows.shape(row), "settings": rules.shown_settings(values)}
