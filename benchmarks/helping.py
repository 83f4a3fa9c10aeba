"""`regrow --help` against a Python that only imports typer: what a person waits for before anything happens."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import children, turns
from benchmarks.figures import Figure, Result, only_told

ROUNDS = 15
SCRIPT = "import sys; sys.argv[0] = 'regrow'; from regrow.cli.app import run; run()"
"""What the console script does."""


def run(scale: float = 1.0) -> Result:
    """Whole processes, from start to end, in turns."""
    environment = children.environment()

    def starting(*arguments: str) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, env=environment, cwd=children.ROOT, stdout=subprocess.DEVNULL, check=True, timeout=60)

    seconds = turns.taken(
        [
            lambda: starting("-c", SCRIPT, "--help"),
            lambda: starting("-c", "import typer"),
            lambda: starting("-c", "pass"),
        ],
        turns.scaled(ROUNDS, scale, 3),
    )
    ours, typer, nothing = (tuple(each * 1_000 for each in one) for one in seconds)
    return Result(
        "helping",
        (
            Figure("regrow --help", "ms", ours, typer, "python -c 'import typer'", 3.0),
            only_told("regrow --help", "ms", ours, nothing, "python -c pass"),
        ),
    )
