"""`regrow posts`: what goes out and went out, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, publishing, rows, working
from regrow.kit import clock, errors, pages

if TYPE_CHECKING:
    from regrow.services.publishing import Planned
    from regrow.store.tables.posts import Post
    from regrow.wiring import Home

app = typer.Typer(help="Posts: what goes out and went out.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="POST_ID", help="Its id, pst_...")]
Address = Annotated[str, typer.Option("--address", help="Where it stands, https://...")]
OutsideId = Annotated[str, typer.Option("--outside-id", help="What it is called there.")]
MOST_DAYS = 366


class Status(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    PUBLISHED = "published"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MISSED = "missed"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class Found(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not_found"
    POST_AGAIN = "post_again"


@app.command("list", cls=options.Command)
def show_all(
    limit: given.Limit = 50,
    cursor: given.Cursor = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only posts of this status.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Only posts of this channel.")] = None,
    piece: Annotated[str | None, typer.Option("--piece", help="Only posts of this piece.")] = None,
) -> None:
    """List posts, oldest first.

    Example: regrow posts list --status unknown
    """
    from regrow.api import posts as shapes
    from regrow.store import posts

    statuses = (status.value,) if status else ()
    with opened.reading() as session:
        found = posts.page(session, limit, pages.decode(cursor), statuses, channel, piece)
        items = shapes.shapes(session, found.items)
    is_narrowed = bool(status or channel or piece)
    empty = "no such post: see regrow posts list" if is_narrowed else "no post yet: see regrow publish --help"
    rows.show_page(items, found.next_cursor, publishing.COLUMNS, empty)


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one post with its newest totals."""
    with opened.home() as home:
        actor = opened.acting(home)
        found = publishing.shown(home, [_row(home, actor.workspace_id, id)])[0]
    rows.give(found)


@app.command(cls=options.Command)
def calendar(
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="How many days, from today on.")] = 14,
    back: Annotated[int, typer.Option("--back", min=0, max=MOST_DAYS, help="How many days before today too.")] = 0,
) -> None:
    """Show day by day what goes out, in the time zone of the site.

    Example: regrow posts calendar --days 7 --back 7
    """
    from regrow.api import posts as shapes
    from regrow.domain.publishing import schedules
    from regrow.services import channels
    from regrow.store import posts

    with opened.reading() as session:
        site = channels.site_of(session, None)
        zone_name = site.time_zone if site is not None else "UTC"
        today = clock.now().astimezone(schedules.zone(zone_name)).replace(hour=0, minute=0, second=0, microsecond=0)
        since, until = today - timedelta(days=back), today + timedelta(days=days)
        found = posts.between(session, since, until, 1_000)
        local = [clock.aware(row.due_at).astimezone(schedules.zone(zone_name)) for row in found]
        items = [{**each, "local": at} for each, at in zip(shapes.shapes(session, found), local, strict=True)]
    output.give({"time_zone": zone_name, "items": items}, lambda: _calendar(items, zone_name))


@app.command(cls=options.Command)
def cancel(id: Id) -> None:
    """Let a planned or missed post not go out."""
    from regrow.services import posts

    with opened.home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            row = posts.cancel(session, actor, id)
        found = publishing.shown(home, [row])[0]
    rows.give(found)


@app.command(cls=options.Command)
def move(
    id: Id,
    at: Annotated[str | None, typer.Option("--at", help="When, as for regrow publish; now when left out.")] = None,
) -> None:
    """Plan a post for another time, or for now; a missed one goes out by it.

    Example: regrow posts move pst_0199... --at next
    """
    from regrow.services import posts

    when = given.words(at, "--at", 60) if at is not None else None
    with working.worker_home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            planned = posts.move(session, actor, id, when)
        _seen_out(home, planned)


@app.command(cls=options.Command)
def resolve(
    id: Id,
    answer: Annotated[Found, typer.Argument(help="What you found there, or to post it again whatever the risk.")],
    address: Address = "",
    outside_id: OutsideId = "",
) -> None:
    """Settle a post of which nobody can tell whether it was taken.

    Example: regrow posts resolve pst_0199... found --address https://example.org/post/17
    """
    from regrow.services import posts
    from regrow.services.publishing import Planned

    with working.worker_home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            row = posts.resolve(session, actor, id, answer.value, address, given.words(outside_id, "--outside-id", 300))
        _seen_out(home, Planned((row,)))


@app.command(cls=options.Command)
def remove(
    id: Id,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="You took it down there yourself.")] = False,
) -> None:
    """Take a published post down; it does not come back by itself."""
    from regrow.services import posts

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            asked = posts.removal(session, actor, home.outside, id)
        outcome = asked[0].remove(asked[1], asked[2]) if asked is not None else None
        with home.writing(actor.workspace_id) as session:
            row = posts.removed(session, actor, id, outcome, by_hand)
        found = publishing.shown(home, [row])[0]
    rows.give(found)


@app.command(cls=options.Command)
def record(
    piece: Annotated[str, typer.Argument(metavar="PIECE_ID", help="What was published, pie_...")],
    platform: Annotated[str, typer.Option("--platform", help="Where, such as mastodon.")],
    label: Annotated[str, typer.Option("--label", help="Which variant, such as B.")] = "A",
    address: Address = "",
    outside_id: OutsideId = "",
    at: Annotated[str | None, typer.Option("--at", help="When, with its zone; now when left out.")] = None,
) -> None:
    """Record what was published elsewhere; the piece itself may still be a draft, and stays one.

    Example: regrow posts record pie_0199... --platform mastodon --address https://example.org/@me/17
    """
    from regrow.services import editing, posts
    from regrow.store.tables.content import Piece

    values = {
        "piece_id": piece,
        "platform": given.name(platform, "--platform")[:40],
        "label": label,
        "address": address,
        "outside_id": given.words(outside_id, "--outside-id", 300),
        "published_at": given.moment(at, "--at") if at is not None else None,
    }
    with opened.home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            row = posts.record(session, actor, values)
            standing = editing.found(session, Piece, row.piece_id, "piece").status
        found = publishing.shown(home, [row])[0]
    rows.give(found)
    if standing not in ("approved", "published"):
        _say_undecided(row.piece_id, standing)


@app.command(cls=options.Command)
def totals(
    id: Id,
    counts: Annotated[list[str], typer.Argument(metavar="NAME=COUNT...", help="All so far, such as likes=12.")],
    source: Annotated[str, typer.Option("--source", help="Who says so, such as mastodon.")] = "person",
    at: Annotated[str | None, typer.Option("--at", help="When this was true, with its zone; now by default.")] = None,
) -> None:
    """Tell the totals of a post; what went down is kept and named.

    Example: regrow posts totals pst_0199... likes=12 views=340 --source mastodon
    """
    from regrow.services import posts

    told, when = given.pairs(counts, "totals"), given.moment(at, "--at") if at is not None else None
    with opened.writing() as (session, actor):
        row = posts.add_totals(session, actor, id, told, given.name(source, "--source")[:60], when)
        found = rows.shape(row)
    rows.give(found)


def _seen_out(home: Home, planned: Planned) -> None:
    if planned.note:
        output.say(f"Note: {planned.note}.")
    found = publishing.seen_out(home, planned.posts)
    rows.give(found[0])
    publishing.say_paused(home, found)


def _say_undecided(piece_id: str, status: str) -> None:
    output.say(
        f"\nIts totals count from now on. The piece itself is {status} and stays so: nothing else of it goes out "
        f"before somebody approves it: regrow{working.workspace_hint()} approve {piece_id}"
    )


def _row(home: Home, workspace_id: str, id: str) -> Post:
    from regrow.store import records
    from regrow.store.tables.posts import Post

    with home.reading(workspace_id) as session:
        row = records.get(session, Post, id)
    if row is None:
        raise errors.NotFound(f"there is no post {id[:60]!r} in this workspace: see regrow posts list")
    return row


def _calendar(items: list[dict[str, Any]], zone_name: str) -> None:
    if not items:
        output.line("nothing is planned in these days: see regrow publish --help")
        return
    day = ""
    for each in items:
        if (now := f"{each['local']:%a %d %b %Y}") != day:
            output.line(f"{'' if not day else chr(10)}{now}")
            day = now
        words = f"{each['status']:<10} {each['platform']:<10} {each['label']}  {each['slug'] or each['piece_id']}"
        output.line(f"  {each['local']:%H:%M}  {output.text(words)}  {each['id']}")
    output.say(f"\nTimes are those of {zone_name}.")
