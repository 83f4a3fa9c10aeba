"""`regrow functions`: the kinds of model call there are."""

from __future__ import annotations

import typer

from regrow.cli import options, rows

app = typer.Typer(help="Functions: the kinds of model call there are.", no_args_is_help=True)


@app.callback()
def functions() -> None:
    """Functions: the kinds of model call there are."""


@app.command("list", cls=options.Command)
def show_all() -> None:
    """List every function with the medium it writes."""
    from regrow.domain import functions

    items = [
        {
            "name": each.name,
            "medium": each.medium,
            "description": each.description,
            "phases": list(functions.PHASES),
            "max_output_tokens": each.max_output_tokens,
        }
        for each in functions.FUNCTIONS
    ]
    rows.show_page(items, None, ("name", "medium", "description"), "no function")
