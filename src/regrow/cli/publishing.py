"""`regrow publish`: a piece on a channel, now or later; and seeing posts out of the house."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import exits, given, opened, output, showing, working
from regrow.kit import clock

if TYPE_CHECKING:
    from regrow.store.tables.posts import Post
    from regrow.wiring import Home

COLUMNS = ("id", "label", "platform", "status", "due_at", "address", "detail")
PATIENCE_SECONDS = 120
MOMENT_SECONDS = 5.0


def publish(
    id: Annotated[str, typer.Argument(metavar="PIECE_ID", help="Its id, pie_...")],
    channel: Annotated[str, typer.Option("--channel", help="Where, chn_...: see regrow channels list.")],
    at: Annotated[
        str | None,
        typer.Option("--at", help="2027-01-31T09:00 in the channel's time zone, or next for its next free slot."),
    ] = None,
) -> None:
    """Publish an approved piece: one post for each of its live variants.

    Waits until they went out and says where each stands. Exit code 1 when one did not go out, or nobody can tell.

    Example: regrow publish pie_0199... --channel chn_0199... --at 2027-01-31T09:00
    """
    from regrow.services import publishing

    when = given.words(at, "--at", 60) if at is not None else None
    with working.worker_home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            planned = publishing.publish(session, actor, home.outside, id, channel, when)
        if planned.note:
            output.say(f"Note: {planned.note}.")
        found = seen_out(home, planned.posts)
        output.give({"items": found}, lambda: output.table(found, COLUMNS, "nothing was published"))
        if not say_paused(home, found):
            _say_what_now(found)
    if any(each["status"] in ("failed", "unknown", "missed") for each in found):
        raise typer.Exit(exits.REFUSED)


def seen_out(home: Home, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Starts what is due, waits for it a while, and gives back how all of them stand."""
    due = [row for row in posts if row.status == "planned" and clock.aware(row.due_at) <= clock.now()]
    if due:
        try:
            _wait(home, due)
        except KeyboardInterrupt:
            output.say("\nThe plan is kept: see regrow posts list")
            raise
    return shown(home, posts)


def begun(home: Home, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """Starts the posts without a word, and gives them a moment: on the built-in site that is enough."""
    places = [_placing(home, row) for row in posts]
    end = time.monotonic() + MOMENT_SECONDS
    while True:
        for place in places:
            place.look()
        now = shown(home, posts)
        if time.monotonic() > end or not any(_is_moving(*each) for each in zip(now, posts, strict=True)):
            return now
        time.sleep(working.LOOK_SECONDS)


def shown(home: Home, posts: Sequence[Post]) -> list[dict[str, Any]]:
    """The posts as they stand now."""
    from regrow.api import posts as shapes
    from regrow.store import records
    from regrow.store.tables.posts import Post

    with home.reading(posts[0].workspace_id) as session:
        now = [records.get(session, Post, row.id) for row in posts]
        return shapes.shapes(session, [row for row in now if row is not None])


def _wait(home: Home, due: Sequence[Post]) -> None:
    places = [_placing(home, row) for row in due]
    end = time.monotonic() + PATIENCE_SECONDS
    with showing.progress("Publishing") as tell:
        while time.monotonic() < end:
            for place in places:
                place.look()
            now = shown(home, due)
            moving = [each for each, row in zip(now, due, strict=True) if _is_moving(each, row)]
            words = ", ".join(sorted({f"{each['label']} {each['status']}" for each in now}))
            tell(len(due) - len(moving), len(due), words)
            if not moving:
                return
            time.sleep(working.LOOK_SECONDS)
    output.say("It takes longer than this waits: see regrow posts list")


def _placing(home: Home, row: Post) -> working.Placing:
    from regrow.workflows import publishing

    return working.Placing(home, row.id, partial(publishing.start, row), partial(publishing.hand_over, post=row))


def _is_moving(now: dict[str, Any], before: Post) -> bool:
    """What was put off or waits for another try is planned, and is not waited for."""
    is_first = now["status"] == "planned" and now["attempts"] == before.attempts and now["round"] == before.round
    return bool(now["status"] == "sending" or is_first)


def say_paused(home: Home, found: Sequence[dict[str, Any]]) -> bool:
    """Says so when what is planned waits for its channel; gives back whether it does."""
    from regrow.store import records
    from regrow.store.tables.channels import Channel

    waiting = sorted({each["channel_id"] for each in found if each["status"] == "planned"})
    with home.reading(opened.acting(home).workspace_id) as session:
        known = [records.get(session, Channel, id) for id in waiting]
    paused = [row for row in known if row is not None and row.paused_at is not None]
    for row in paused:
        output.say(
            f"\nThe channel {output.safe(row.name)} is paused, so nothing goes out on it until somebody lets it: "
            f"regrow{working.workspace_hint()} channels resume {row.id}"
        )
    return bool(paused)


def _say_what_now(found: list[dict[str, Any]]) -> None:
    hint = working.workspace_hint()
    planned = [each for each in found if each["status"] == "planned"]
    unknown = [each for each in found if each["status"] == "unknown"]
    if planned:
        output.say(f"\nWhoever works here sends what is planned: regrow{hint} serve. See regrow{hint} posts calendar")
    if unknown:
        output.say(
            f"\nNobody can tell whether it was taken. Look there, then: regrow{hint} posts resolve POST_ID ANSWER"
        )
