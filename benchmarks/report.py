"""The page of results: one section per benchmark with its own date and load, so that one can be measured anew alone."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, Result

PAGE = Path(__file__).with_name("results.md")
HEAD = """# Measured against the goals
Written by `python -m benchmarks`; each section says with which command, when and under what load. Ours and the peer
take turns round after round in one run. `ratio` is the median of ours over the median of the peer (for limits: the
worst over the limit), `best` the same for the best round of each, which says most on a busy machine, `spread` the
quartiles of all rounds' ratios, or their range when there are fewer than 8. Rows without a goal only inform.
"""
COLUMNS = ("what", "ours", "against", "peer", "ratio", "best", "spread", "goal", "held")


def machine() -> str:
    """Cores, interpreter, and how busy the machine is."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {versions}, load at the start {load}"


def section(result: Result, where: str, command: str) -> str:
    """One benchmark: when and how, its table, and what a reader must know."""
    lines = [f"## {result.name}", f"{where}; `{command}`", "", _row(COLUMNS), _row(["---"] * len(COLUMNS))]
    lines += [_row(_cells(figure)) for figure in result.figures]
    lines += ["", *result.notes] if result.notes else []
    return "\n".join(lines) + "\n"


def keep(sections: dict[str, str], page: Path = PAGE) -> None:
    """Puts these sections in the page, in place of those of the same name."""
    held = _sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    page.write_text("\n".join([HEAD, *(held | sections).values()]), encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part.rstrip() + "\n" for part in parts}


def _cells(figure: Figure) -> list[str]:
    low, high = figure.spread
    rounds = len(figure.ours)
    goal = "" if figure.goal is None else f"{figure.bound} {figure.goal:g}"
    return [
        figure.what,
        f"{_number(figure.our_value)} {figure.unit}",
        figure.against,
        f"{_number(figure.peer_value)} {figure.unit}",
        f"{figure.ratio:.2f}",
        f"{figure.fastest_ratio:.2f}",
        f"{low:.2f} to {high:.2f} ({rounds} rounds)" if rounds > 1 else "one round",
        goal,
        {True: "yes", False: "**no**", None: ""}[figure.is_held],
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
