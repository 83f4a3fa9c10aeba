"""`regrow keys`: what programs prove themselves with."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows
from regrow.domain.workspaces import Role
from regrow.kit import clock

app = typer.Typer(help="API keys: shown once, stored as a digest.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="KEY_ID", help="Its id, key_...")]
NEVER = "never"
COLUMNS = ("id", "name", "prefix", "role", "member_id", "expires_at", "last_used_at", "revoked_at")


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None) -> None:
    """List keys, revoked ones too; the keys themselves are not kept."""
    from regrow.store.tables.keys import ApiKey

    rows.listed(ApiKey, "key", COLUMNS, limit, cursor, has_archived=True)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one key: its role, its member, when it was last used."""
    from regrow.store.tables.keys import ApiKey

    rows.show_one(ApiKey, id, "key")


@app.command(cls=options.Command)
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[Role, typer.Option("--role", help="What it may do.")] = Role.EDITOR,
    member: Annotated[str | None, typer.Option("--member", help="Whose key it is; it cannot outrank them.")] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="Works for so many days.")] = None,
) -> None:
    """Make a key and show it, this once.

    Example: regrow keys create "newsletter script" --role editor --days 90
    """
    from regrow.services import keys

    expires_at = clock.now() + timedelta(days=days) if days else None
    with opened.writing() as (session, actor):
        made = keys.create(session, actor, given.name(name), role, member, expires_at)
        found = {**rows.shape(made.row), "api_key": made.secret}
    output.give(found, lambda: output.fields(found))
    output.say("Keep the api key now: it is not shown again.")


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    expires_at: Annotated[
        str | None,
        typer.Option("--expires-at", metavar="TIME", help="When it stops working, as 2027-01-31T12:00:00Z; or never."),
    ] = None,
) -> None:
    """Rename a key, or change until when it works.

    Example: regrow keys change key_0199... --expires-at 2027-01-31T12:00:00Z
    """
    from regrow.services import keys

    values: dict[str, Any] = given.changes(name=name, expires_at=expires_at)
    if name is not None:
        values["name"] = given.name(name)
    if expires_at is not None:
        values["expires_at"] = None if expires_at == NEVER else given.moment(expires_at, "--expires-at")
    with opened.writing() as (session, actor):
        found = rows.shape(keys.change(session, actor, id, values))
    rows.give(found)


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Revoke a key: the next request with it is refused."""
    from regrow.services import keys

    with opened.writing() as (session, actor):
        found = rows.shape(keys.archive(session, actor, id))
    rows.give(found)
