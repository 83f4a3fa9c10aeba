"""The options that every command takes, and the command group that finds them wherever they stand."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

FLAGS = ("--json",)
VALUES = ("--home", "--workspace")
EPILOG = "--home DIR, --workspace ID and --json may stand here too: see regrow --help."


@dataclass(frozen=True, slots=True)
class Options:
    """`home` is empty when neither the option nor REGROW_HOME names one."""

    home: Path | None = None
    is_json: bool = False
    workspace: str | None = None


_given: ContextVar[Options] = ContextVar("options", default=Options())  # noqa: B039


def current() -> Options:
    return _given.get()


def keep(given: Options) -> None:
    """Makes these the options of the command that runs next."""
    _given.set(given)


def hoisted(args: Sequence[str]) -> list[str]:
    """The arguments with the global options first; what follows a bare `--` stays where it is."""
    first: list[str] = []
    rest: list[str] = []
    left = list(args)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*first, *rest, word, *left]
        if word in VALUES:
            if not left or left[0].startswith("--"):
                raise typer.BadParameter(f"{word} needs a value after it", param_hint=word)
            first += [word, left.pop(0)]
        elif word in FLAGS or word.startswith(tuple(f"{name}=" for name in VALUES)):
            first.append(word)
        else:
            rest.append(word)
    return [*first, *rest]


def _is_broken(word: str) -> bool:
    """Bytes that are no UTF-8 arrive as lone surrogates, which neither databases nor JSON can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in word)


class Command(TyperCommand):
    """A command whose help says that the global options work here too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "epilog": kwargs.get("epilog") or EPILOG})


class Root(TyperGroup):
    """The outermost group: global options are found anywhere, and its help lists commands under headings."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for word in args:
            if _is_broken(word):
                raise typer.BadParameter("the command line holds bytes that are no UTF-8: write it anew")
        return super().parse_args(ctx, hoisted(args))

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        headings: dict[str, list[tuple[str, str]]] = {}
        limit = formatter.width - 6 - max(map(len, self.commands))
        for name, command in self.commands.items():
            row = (name, command.get_short_help_str(limit))
            headings.setdefault(str(getattr(command, "rich_help_panel", None) or "Commands"), []).append(row)
        for heading, rows in headings.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
