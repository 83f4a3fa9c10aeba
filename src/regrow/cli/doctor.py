"""`regrow doctor`: is everything in order, and what to do if not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from regrow.cli import checks, exits, opened, outgoing_checks, output, tried
from regrow.cli.checks import Check
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.wiring import Home


def doctor(
    is_offline: Annotated[bool, typer.Option("--offline", help="Try no model key, so that nobody is called.")] = False,
) -> None:
    """Check that everything is in order.

    One line per check: ok, warning, or failure with what to do. Exit code 1 when one fails. Each model key is tried
    with a request that costs nothing.

    Example: regrow doctor --json
    """
    found = list(_all(is_offline))
    is_ok = all(check.status != checks.FAILURE for check in found)
    items = [{"name": each.name, "status": each.status, "message": each.message} for each in found]
    output.give({"ok": is_ok, "checks": items}, lambda: _show(found))
    if not is_ok:
        raise typer.Exit(exits.REFUSED)


def _all(is_offline: bool) -> Iterator[Check]:
    yield checks.python()
    try:
        settings = opened.settings()
    except errors.RegrowError as error:
        yield Check("settings", checks.FAILURE, error.detail)
        return
    yield Check("settings", checks.OK, "all of them can be read: see regrow config")
    yield checks.writable(settings)
    yield checks.disk(settings)
    yield checks.models(settings)
    yield checks.address()
    try:
        with opened.home() as home:
            yield Check("database", checks.OK, "opens")
            for check in (*checks.OF_THE_HOME, *outgoing_checks.EVERY):
                yield _looked(check, home)
            yield from checks.keys(home)
            keys = tried.keys_of(settings, home)
    except errors.RegrowError as error:
        yield Check("database", checks.FAILURE, error.detail)
        keys = tried.keys_of(settings)
    if not is_offline:
        yield from tried.checks_of(settings, keys)


def _looked(check: Callable[[Home], Check], home: Home) -> Check:
    """A check that cannot look is a failure of its own, and the others still look."""
    try:
        return check(home)
    except errors.RegrowError as error:
        return Check(check.__name__.replace("_", " "), checks.FAILURE, error.detail)
    except OSError as error:
        return Check(check.__name__.replace("_", " "), checks.FAILURE, f"cannot look: {error.strerror}")


def _show(found: list[Check]) -> None:
    width = max(len(each.name) for each in found)
    is_coloured = sys.stdout.isatty()
    for each in found:
        mark = _painted(each.status) if is_coloured else f"{each.status:<7}"
        output.line(f"{mark}  {each.name:<{width}}  {output.safe(each.message)}")


def _painted(status: str) -> str:
    import os

    if os.environ.get("NO_COLOR"):
        return f"{status:<7}"
    colour = {checks.OK: 32, checks.WARNING: 33, checks.FAILURE: 31}[status]
    return f"\x1b[{colour}m{status:<7}\x1b[0m"
