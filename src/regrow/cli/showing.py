"""Progress on stderr: a bar on a terminal, a line per new message in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from regrow.cli import output

Tell = Callable[[float, float, str], None]


class _Lines:
    """Says each message once, without the counts that change all the time."""

    def __init__(self, title: str) -> None:
        self._title, self._told = title, ""

    def tell(self, _done: float, _total: float, words: str) -> None:
        if words and words != self._told:
            self._told = words
            output.say(f"{self._title}: {words}")


@contextmanager
def progress(title: str) -> Iterator[Tell]:
    """Gives a function that takes what is done, what there is in all, and a few words."""
    if not sys.stderr.isatty():
        yield _Lines(title).tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[title]}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False, style="dim"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", title=title, total=None)
        yield lambda done, total, words: bar.update(task, completed=done, total=total or None, description=words)
