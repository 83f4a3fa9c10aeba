"""`regrow credits` and `regrow usage`: the budget, its ledger, and what model calls used."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows
from regrow.kit import pages

USAGE_COLUMNS = (
    "at",
    "function",
    "provider",
    "model",
    "outcome",
    "input_tokens",
    "output_tokens",
    "cost",
    "duration_ms",
)
app = typer.Typer(help="Credits: the balance; with a verb, what moved it.")


@app.callback(invoke_without_command=True)
def balance(ctx: typer.Context) -> None:
    """Credits: the balance; with a verb, what moved it."""
    if ctx.invoked_subcommand is None:
        show()


@app.command(cls=options.Command)
def show() -> None:
    """Show the balance."""
    from regrow.store import credits

    with opened.reading() as session:
        found = _balance(credits.account(session))
    output.give(found, lambda: output.fields(found))


@app.command(cls=options.Command)
def grant(
    amount: Annotated[int, typer.Argument(min=1, max=1_000_000_000, help="How many credits to add.")],
    reason: Annotated[str, typer.Option("--reason", help="What for; stands in the ledger.")] = "granted by hand",
) -> None:
    """Add credits. The first grant ends an unlimited budget: from then on the balance counts.

    Example: regrow credits grant 500 --reason "March"
    """
    from regrow.services import credits

    with opened.writing() as (session, actor):
        found = _balance(credits.grant(session, actor, amount, given.name(reason, "--reason")))
    output.give(found, lambda: output.fields(found))


@app.command(cls=options.Command)
def ledger(limit: given.Limit = 50, cursor: given.Cursor = None) -> None:
    """List what moved the balance, newest first."""
    from regrow.store import credits

    with opened.reading() as session:
        found = credits.ledger(session, limit, pages.decode(cursor))
        items = [rows.shape(row) for row in found.items]
    rows.show_page(items, found.next_cursor, ("at", "kind", "amount", "balance", "what_for", "task_id"), "no entry yet")


def usage(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    task: Annotated[str | None, typer.Option("--task", help="Only what this run used, run_...")] = None,
) -> None:
    """List what each model call used, newest first, with the total."""
    from regrow.store import runs

    with opened.reading() as session:
        found = runs.usage(session, limit, pages.decode(cursor), task)
        items = [{**rows.shape(row), "cost": cost(row.cost_micros)} for row in found.items]
        calls, tokens_in, tokens_out, micros = runs.usage_total(session)
    total = {"calls": calls, "input_tokens": tokens_in, "output_tokens": tokens_out, "known_cost_micros": micros}

    def show() -> None:
        output.table(items, USAGE_COLUMNS, "no model was called yet")
        output.say(f"In all: {calls} calls, {tokens_in} tokens in, {tokens_out} out, {cost(micros)} where known.")

    output.give({"items": items, "next_cursor": found.next_cursor, "total": total}, show)


def cost(micros: int | None) -> str:
    """Millionths of a US dollar for people to read."""
    return "unknown" if micros is None else f"${micros / 1_000_000:.4f}"


def _balance(account: Any) -> dict[str, Any]:
    return {"balance": account.balance, "is_unlimited": account.is_unlimited}
