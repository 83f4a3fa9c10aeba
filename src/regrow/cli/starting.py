"""`regrow init`, `migrate` and `config`: making a home and looking at its settings."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, opened, options, output
from regrow.kit import errors, redaction

if TYPE_CHECKING:
    from regrow.settings import Settings


def init(name: Annotated[str, typer.Option("--name", help="What the workspace is called.")] = "Main") -> None:
    """Create a home with a workspace and its owner's key.

    Example: regrow init --name "My notes" --home ~/regrow
    """
    from regrow import wiring

    settings, called = opened.settings(), given.name(name, "--name")
    with opened.private(), closing(wiring.create_home(settings)) as home:
        _refuse_second(home)
        made = home.found(called)
    found = {
        "workspace_id": made.workspace_id,
        "api_key": made.api_key,
        "home": str(settings.home.absolute()),
        "database_url": redaction.redact(settings.url),
    }
    output.give(found, lambda: _show(found))


def _refuse_second(home: Any) -> None:
    there = home.everyone()
    if there:
        slugs = ", ".join(row.slug for row in there[:10])
        raise errors.Conflict(
            f"this home has a workspace already ({slugs}), nothing was changed: make another one with "
            "regrow workspaces create, another key with regrow keys create",
            "home_exists",
        )


def _show(found: dict[str, Any]) -> None:
    output.fields(found)
    output.say(
        "\nKeep the api key now: it is not shown again.\n"
        "Next:  regrow import notes PATH   then   regrow generate   or   regrow serve"
    )


def migrate() -> None:
    """Bring a PostgreSQL database up to date.

    It connects as the owner (REGROW_OWNER_DATABASE_URL); SQLite is brought up to date by every other command.

    Example: REGROW_OWNER_DATABASE_URL=postgresql://owner@host/regrow regrow migrate
    """
    from regrow import wiring

    settings = opened.settings()
    wiring.migrate_database(settings)
    found = {"database_url": redaction.redact(settings.url), "is_current": True}
    output.give(found, lambda: output.line("The database is up to date."))


def config() -> None:
    """Show the settings in force; secrets are masked.

    With each stands where it comes from and which environment variable sets it.
    """
    from regrow import settings as every

    loaded = opened.settings()
    values = every.masked(loaded)
    values["database_url"] = loaded.url if values["database_url"] else ""
    items = [
        {"name": name, "value": _masked(value), "from": _origin(name, loaded), "variable": every.variable(name)}
        for name, value in values.items()
    ]
    output.give(
        {each["name"]: {key: each[key] for key in ("value", "from", "variable")} for each in items},
        lambda: output.table(items, ("name", "value", "from", "variable"), "no setting"),
    )


def _masked(value: Any) -> Any:
    return redaction.redact(value) if isinstance(value, str) else value


def _origin(name: str, loaded: Settings) -> str:
    import tomllib

    from regrow import settings as every

    if name == "home" and options.current().home is not None:
        return "--home or REGROW_HOME"
    variable = every.variable(name)
    if os.environ.get(variable):
        return "environment"
    if os.environ.get(f"{variable}_FILE"):
        return f"file named by {variable}_FILE"
    file = loaded.home / "regrow.toml"
    held = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return "regrow.toml" if name in held else "default"
