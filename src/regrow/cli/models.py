"""`regrow models`: which models are asked, with which keys, and at what price."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output, rows

if TYPE_CHECKING:
    from regrow.wiring import Home

app = typer.Typer(help="Models: which are asked, with which keys, at what price.", no_args_is_help=True)
keys = typer.Typer(help="Model keys of the workspace: sealed, never shown.", no_args_is_help=True)
app.add_typer(keys, name="keys")
Id = Annotated[str, typer.Argument(metavar="MODEL_KEY_ID", help="Its id, mky_...")]
COLUMNS = ("function", "candidate", "from", "key", "price")
KEY_COLUMNS = ("id", "provider", "name", "last_four", "created_at", "archived_at")
MOST_TYPED = 4_000


@app.command("list", cls=options.Command)
def show_all() -> None:
    """List the candidates in force for each function, in the order they are asked.

    Where each was named, which key it is asked with, and whether its price is known.
    """
    with opened.home() as home:
        items = _in_force(home, opened.acting(home).workspace_id)
    rows.show_page(items, None, COLUMNS, "no function yet")


@keys.command("list", cls=options.Command)
def show_keys(limit: given.Limit = 50, cursor: given.Cursor = None) -> None:
    """List the workspace's model keys, archived ones too."""
    from regrow.store.tables.model_keys import ModelKey

    rows.listed(ModelKey, "model key", KEY_COLUMNS, limit, cursor, has_archived=True)


@keys.command(cls=options.Command)
def add(
    provider: Annotated[str, typer.Argument(help="Whose models: openai, anthropic, google, openrouter, ...")],
    name: Annotated[str | None, typer.Option("--name", help="What the key is called; the provider by default.")] = None,
) -> None:
    """Add a key, which is read from the terminal or from stdin and stored sealed.

    Example: regrow models keys add anthropic < key.txt
    """
    from regrow.services import model_keys

    with opened.home() as home:
        actor = opened.acting(home)
        secret = _typed(provider)
        with home.writing(actor.workspace_id) as session:
            row = model_keys.create(session, actor, home.sealer, provider, given.name(name or provider), secret)
            found = rows.shape(row)
    rows.give(found)


@keys.command(cls=options.Command)
def remove(id: Id) -> None:
    """Forget a key; an older one of the same provider takes its place again."""
    from regrow.services import model_keys

    with opened.writing() as (session, actor):
        found = rows.shape(model_keys.archive(session, actor, id))
    rows.give(found)


@keys.command(cls=options.Command)
def reseal() -> None:
    """Seal every key under the newest REGROW_SECRET_KEY, so that older ones may be dropped."""
    from regrow.services import model_keys

    with opened.home() as home:
        actor = opened.acting(home)
        with home.writing(actor.workspace_id) as session:
            count = model_keys.reseal(session, actor, home.sealer)
    output.give({"resealed": count}, lambda: output.line(f"{count} sealed anew"))


def _typed(provider: str) -> str:
    """Never from the command line itself, where every process of the machine could read it."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Key for {output.safe(provider)} (not shown): ")
    return sys.stdin.read(MOST_TYPED).strip()


def _in_force(home: Home, workspace_id: str) -> list[dict[str, Any]]:
    from regrow.domain import functions, models
    from regrow.services import judging
    from regrow.store import workspaces

    with home.reading(workspace_id) as session:
        settings = workspaces.settings(session).values
        judge = judging.named(session)
    found = []
    for function in functions.FUNCTIONS:
        named, source = models.for_function(settings, function.name), _source(home, settings, function.name)
        if function is functions.JUDGE:
            if not judge:
                continue  # without a model of its own there is no judge
            named = judge
        for name in home.writer.named(named):
            provider = name.partition(":")[0]
            price = home.writer.price(name)
            found.append(
                {
                    "function": function.name,
                    "candidate": name,
                    "from": source,
                    "key": _key(home, workspace_id, provider),
                    "price": f"${price.input:g} in, ${price.output:g} out per million" if price else "unknown",
                }
            )
    return found


def _source(home: Home, settings: Any, function: str) -> str:
    from regrow.domain import models

    for name in (f"{models.SETTING}.{function}", models.SETTING):
        if str(settings.get(name) or "").strip():
            return f"setting {name}"
    return "REGROW_MODELS" if home.settings.models.strip() else "nothing is named"


def _key(home: Home, workspace_id: str, provider: str) -> str:
    from regrow.domain import models
    from regrow.store import model_keys

    if provider not in models.KEYED:
        return "none needed"
    with home.reading(workspace_id) as session:
        own = model_keys.newest(session, provider)
    if own is not None:
        return f"workspace: {own.name} …{own.last_four}" if own.last_four else f"workspace: {own.name}"
    setting = models.key_setting(provider)
    return setting.upper() if home.settings.text(setting) else f"no key: set {setting.upper()} or add one"
