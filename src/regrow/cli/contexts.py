"""`regrow contexts`: what was tried and how it went."""

from __future__ import annotations

from typing import Annotated

import typer

from regrow.cli import given, opened, options, rows
from regrow.kit import pages

app = typer.Typer(help="Contexts: what was tried and how it went.", no_args_is_help=True)
COLUMNS = ("id", "parent_id", "name", "phase", "complexity", "confidence", "validation", "started_at")


@app.command("list", cls=options.Command)
def show_all(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    parent: Annotated[str | None, typer.Option("--parent", help="Only what stands in this context, ctx_...")] = None,
) -> None:
    """List contexts, newest first."""
    from regrow.store import contexts

    with opened.reading() as session:
        found = contexts.page(session, limit, pages.decode(cursor), parent)
        items = [rows.shape(row) for row in found.items]
    rows.show_page(items, found.next_cursor, COLUMNS, "no context yet")


@app.command(cls=options.Command)
def show(id: Annotated[str, typer.Argument(metavar="CONTEXT_ID", help="Its id, ctx_...")]) -> None:
    """Show one context: its inputs, its result or its error trace."""
    from regrow.store.tables.contexts import Context

    rows.show_one(Context, id, "context", long=("error_trace",))
