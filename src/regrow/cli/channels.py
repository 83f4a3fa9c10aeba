"""`regrow channels`: connected destinations, paused and resumed, with their queue's slots."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.domain.publishing.channel import Declared, Setting
    from regrow.store.tables.channels import Channel

app = typer.Typer(help="Channels: where pieces are published.", no_args_is_help=True)
COLUMNS = ("id", "kind", "name", "time_zone", "slots", "paused_at")
Id = Annotated[str, typer.Argument(metavar="CHANNEL_ID", help="Its id, chn_...")]
Set = Annotated[list[str] | None, typer.Option("--set", help="name=value, a setting of its kind; several times.")]
Secret = Annotated[
    list[str] | None, typer.Option("--secret", help="The name of a secret; its value is asked for, or read from stdin.")
]
Zone = Annotated[str | None, typer.Option("--time-zone", help="Such as Europe/Berlin; its site's by default.")]
Slots = Annotated[list[str] | None, typer.Option("--slot", help="'mon 09:00' or 'daily 18:30'; several times.")]


@app.command("list", cls=options.Command)
def show_all(limit: given.Limit = 50, cursor: given.Cursor = None, archived: given.Archived = False) -> None:
    """List channels, oldest first."""
    from regrow.store.tables.channels import Channel

    rows.listed(Channel, "channel", COLUMNS, limit, cursor, archived)


@app.command(cls=options.Command)
def kinds() -> None:
    """List the kinds of channel, and what each wants to be told."""
    with opened.home() as home:
        declared = home.channels.declared()
    output.give({"items": [asdict(kind) for kind in declared]}, lambda: _show_kinds(declared))


@app.command(cls=options.Command)
def show(id: Id) -> None:
    """Show one channel, without its secrets."""
    from regrow.store.tables.channels import Channel

    rows.show_one(Channel, id, "channel")


@app.command(cls=options.Command)
def create(
    kind: Annotated[str, typer.Argument(help="Which kind: see regrow channels kinds.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    settings: Set = None,
    secrets: Secret = None,
    site: Annotated[str | None, typer.Option("--site", help="The site it belongs to, sit_...")] = None,
    time_zone: Zone = None,
    slots: Slots = None,
) -> None:
    """Connect a channel.

    Example: regrow channels create webhook Shop --set address=https://example.org/hook --secret secret
    """
    from regrow.services import channels

    values = _values(settings, secrets, time_zone, slots)
    values |= {"kind": kind, "name": given.name(name), "site_id": site}
    with opened.home() as home:
        actor = opened.acting(home)
        with opened.private(), home.writing(actor.workspace_id) as session:
            found = rows.shape(channels.create(session, actor, home.channels, home.sealer, values))
    rows.give(found)


@app.command(cls=options.Command)
def change(
    id: Id,
    name: given.Name = None,
    settings: Set = None,
    secrets: Secret = None,
    time_zone: Zone = None,
    slots: Slots = None,
    version: given.Version = None,
) -> None:
    """Change a channel; settings and secrets that are not named stay."""
    from regrow.services import channels

    values = given.changes(
        **_values(settings, secrets, time_zone, slots), name=given.name(name) if name is not None else None
    )
    with opened.home() as home:
        actor = opened.acting(home)
        with opened.private(), home.writing(actor.workspace_id) as session:
            row = channels.change(session, actor, home.channels, home.sealer, id, version, values)
            found = rows.shape(row)
    rows.give(found)


@app.command(cls=options.Command)
def check(id: Id) -> None:
    """Ask a channel whether it can be used now. Exit code 1 when not."""
    from regrow.services import channels, editing
    from regrow.store.tables.channels import Channel

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            made = channels.connected(home.channels, home.sealer, editing.found(session, Channel, id, "channel"))
        is_ready, detail = made.status()
    words = detail or ("it can be used" if is_ready else "it cannot be used now")
    output.give({"is_ready": is_ready, "detail": detail}, lambda: output.line(output.safe(words)))
    if not is_ready:
        raise typer.Exit(1)


@app.command(cls=options.Command)
def pause(id: Id) -> None:
    """Let nothing go out on a channel for now; plans stay."""
    from regrow.services import channels

    with opened.writing() as (session, actor):
        _give(channels.pause(session, actor, id))


@app.command(cls=options.Command)
def resume(id: Id) -> None:
    """Let plans go out again; what was due too long ago is missed, and told."""
    from regrow.services import channels

    with opened.writing() as (session, actor):
        _give(channels.resume(session, actor, id))


@app.command(cls=options.Command)
def archive(id: Id) -> None:
    """Take a channel out of use and forget its secrets; what is planned for it does not go out."""
    from regrow.services import channels

    with opened.writing() as (session, actor):
        _give(channels.archive(session, actor, id))


def _show_kinds(declared: Sequence[Declared]) -> None:
    for kind in declared:
        output.line(f"{kind.name}: {kind.help}")
        options = [_option(each) for each in kind.settings]
        width = max(map(len, options), default=0)
        for option, each in zip(options, kind.settings, strict=True):
            output.line(f"  {option:<{width}}  {'Needed. ' if each.is_required else ''}{each.help}")
        output.line()
    output.say("Connect one: regrow channels create KIND NAME --set name=value --secret name")


def _option(setting: Setting) -> str:
    """As it is written behind `create`, with what it is when left out."""
    if setting.is_secret:
        return f"--secret {setting.name}"
    value = str(setting.default).lower() if isinstance(setting.default, bool) else setting.default
    return f"--set {setting.name}={'...' if value == '' else value}"


def _give(row: Channel) -> None:
    rows.give(rows.shape(row))


def _values(
    settings: list[str] | None, secrets: list[str] | None, time_zone: str | None, slots: list[str] | None
) -> dict[str, Any]:
    found = {
        "settings": given.pairs(settings, "--set") if settings else None,
        "secrets": {name: _secret(name) for name in secrets} if secrets else None,
        "time_zone": time_zone,
        "slots": slots or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _secret(name: str) -> str:
    """Typed unseen on a terminal, else one line of stdin: a secret on the command line is seen by everybody."""
    value = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not value or len(value) > 2_000:
        raise errors.Invalid(f"--secret {name}: 1 to 2000 characters, one line of stdin for each secret", "bad_secret")
    return value
