"""`regrow members`: the people of a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from regrow.cli import given, opened, options, rows
from regrow.domain.workspaces import Role

app = typer.Typer(help="Members: the people of a workspace and their roles.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="MEMBER_ID", help="Their id, mem_...")]
Email = Annotated[str | None, typer.Option("--email", help="Their e-mail address.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List members, oldest first."""
    from regrow.store.tables.members import Member

    rows.listed(Member, "member", ("id", "name", "role", "email", "archived_at"), limit, cursor, archived)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one member."""
    from regrow.store.tables.members import Member

    rows.show_one(Member, id, "member")


@app.command(cls=options.Command)
def create(
    name: Annotated[str, typer.Argument(help="What they are called.")],
    role: Annotated[Role, typer.Option("--role", help="What they may do.")] = Role.EDITOR,
    email: Email = None,
) -> None:
    """Add a member; give them a key with regrow keys create --member.

    Example: regrow members create "Ada" --role reviewer
    """
    from regrow.services import members

    address = given.email(email) if email is not None else None
    with opened.writing() as (session, actor):
        found = rows.shape(members.create(session, actor, given.name(name), role, address))
    rows.give(found)


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    role: Annotated[Role | None, typer.Option("--role", help="The new role; a lower one revokes higher keys.")] = None,
    email: Email = None,
    version: given.Version = None,
) -> None:
    """Change a member's name, role or address."""
    from regrow.services import members

    values = given.changes(
        name=given.name(name) if name is not None else None,
        role=role,
        email=given.email(email) if email is not None else None,
    )
    with opened.writing() as (session, actor):
        found = rows.shape(members.change(session, actor, id, version, values))
    rows.give(found)


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a member out of the workspace and revoke their keys."""
    from regrow.services import members

    with opened.writing() as (session, actor):
        found = rows.shape(members.archive(session, actor, id))
    rows.give(found)
