"""`regrow channels deliveries`, `replay` and `test`: what became of messages to webhooks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from regrow.cli import exits, given, opened, options, output, rows
from regrow.kit import errors

ChannelId = Annotated[str, typer.Argument(metavar="CHANNEL_ID", help="Its id, chn_...")]
COLUMNS = ("id", "message_id", "attempt", "outcome", "status", "milliseconds", "at", "detail")
LONG = ("detail", "answer")
RESULTS = ("delivered", "again", "dead", "unknown")


def attach(app: typer.Typer) -> None:
    """Adds the commands to those of channels."""
    app.command("deliveries", cls=options.Command)(show_all)
    app.command("replay", cls=options.Command)(replay)
    app.command("test", cls=options.Command)(test)


def show_all(
    id: ChannelId,
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help=f"Only attempts that came to one of {', '.join(RESULTS)}.")
    ] = None,
) -> None:
    """List attempts to deliver to a webhook, newest first."""
    from regrow.kit import pages
    from regrow.services import editing
    from regrow.store import deliveries
    from regrow.store.tables.channels import Channel

    if outcome is not None and outcome not in RESULTS:
        raise errors.Invalid(f"--outcome: one of {', '.join(RESULTS)}", "bad_outcome")
    with opened.reading() as session:
        editing.found(session, Channel, id, "channel")
        found = deliveries.page(session, id, limit, pages.decode(cursor), outcome)
        items = [rows.shape(row) for row in found.items]
    rows.show_page(items, found.next_cursor, COLUMNS, "nothing was delivered yet")


def replay(
    id: ChannelId,
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY_ID", help="The attempt, dlv_...")],
) -> None:
    """Send a message once more, with the key it had: a receiver takes each key once.

    Example: regrow channels replay chn_... dlv_...
    """
    from regrow.services import deliveries

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            again = deliveries.replay(session, actor, home.outside, id, delivery_id)
        outcome = again.channel.post(again.outgoing)
        with home.writing(actor.workspace_id) as session:
            found = rows.shape(deliveries.replayed(session, actor, again, outcome))
    _told(found)


def test(id: ChannelId) -> None:
    """Send a message that publishes nothing, and say what came of it."""
    from regrow.services import deliveries

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            channel, message_id = deliveries.trial(session, actor, home.outside, id)
        outcome = channel.test(message_id)
        with home.writing(actor.workspace_id) as session:
            found = rows.shape(deliveries.tried(session, actor, id, message_id, outcome))
    _told(found)


def _told(found: dict[str, Any]) -> None:
    """Shows the attempt; one that was not taken ends with exit code 1."""
    output.give(found, lambda: output.fields(found, LONG))
    if found["outcome"] != "delivered":
        raise typer.Exit(exits.REFUSED)
