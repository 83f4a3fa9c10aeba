"""`regrow sites`: where content is published, and how the built-in one looks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, rows

app = typer.Typer(help="Sites: where content is published; the built-in one is served from here.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="SITE_ID", help="Its id, sit_...")]
Title = Annotated[str | None, typer.Option("--title", help="What stands over its pages.")]
Tagline = Annotated[str | None, typer.Option("--tagline", help="A line below the title.")]
Language = Annotated[str | None, typer.Option("--language", help="Such as en or de-AT.")]
Zone = Annotated[str | None, typer.Option("--time-zone", help="Such as Europe/Berlin.")]
Address = Annotated[str | None, typer.Option("--address", help="Where readers reach it, such as https://example.org.")]
Disclosure = Annotated[str | None, typer.Option("--disclosure", help="A line under every article.")]
Colours = Annotated[list[str] | None, typer.Option("--colour", help="name=#2f6b3c; may be given several times.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List sites, oldest first."""
    from regrow.store.tables.sites import Site

    rows.listed(Site, "site", ("id", "name", "title", "time_zone", "is_served"), limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one site."""
    from regrow.store.tables.sites import Site

    rows.show_one(Site, id, "site")


@app.command(cls=options.Command)
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    title: Title = None,
    tagline: Tagline = None,
    language: Language = None,
    time_zone: Zone = None,
    address: Address = None,
    disclosure: Disclosure = None,
    is_served: Annotated[bool, typer.Option("--served", help="Serve it from here, at /s/<workspace>/.")] = False,
) -> None:
    """Create a site. Each workspace has one that is served from the start.

    Example: regrow sites create Blog --time-zone Europe/Berlin
    """
    from regrow.services import sites

    values = _values(title, tagline, language, time_zone, address, disclosure, None)
    with opened.writing() as (session, actor):
        row = sites.create(session, actor, {**values, "name": given.name(name), "is_served": is_served})
        found = rows.shape(row)
    rows.give(found)


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    title: Title = None,
    tagline: Tagline = None,
    language: Language = None,
    time_zone: Zone = None,
    address: Address = None,
    disclosure: Disclosure = None,
    colours: Colours = None,
    version: given.Version = None,
) -> None:
    """Change how a site is called, looks, or tells the time.

    Example: regrow sites change sit_0199... --title "Bread at home" --colour accent=#2f6b3c
    """
    from regrow.services import sites

    values = given.changes(
        **_values(title, tagline, language, time_zone, address, disclosure, colours),
        name=given.name(name) if name is not None else None,
    )
    with opened.writing() as (session, actor):
        found = rows.shape(sites.change(session, actor, id, version, values))
    rows.give(found)


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a site out of use; nothing of it is served any more."""
    from regrow.services import sites

    with opened.writing() as (session, actor):
        found = rows.shape(sites.archive(session, actor, id))
    rows.give(found)


def _values(
    title: str | None,
    tagline: str | None,
    language: str | None,
    time_zone: str | None,
    address: str | None,
    disclosure: str | None,
    colours: list[str] | None,
) -> dict[str, Any]:
    found = {
        "title": given.name(title, "--title") if title is not None else None,
        "tagline": given.words(tagline, "--tagline", 300) if tagline is not None else None,
        "language": given.words(language, "--language", 20) if language is not None else None,
        "time_zone": given.words(time_zone, "--time-zone", 60) if time_zone is not None else None,
        "address": given.words(address, "--address", 300) if address is not None else None,
        "disclosure": given.words(disclosure, "--disclosure", 1_000) if disclosure is not None else None,
        "look": given.pairs(colours, "--colour") if colours else None,
    }
    return {name: value for name, value in found.items() if value is not None}
