"""Whether the demo finds what is true: `python -m benchmarks.quality.demo --seeds 20 [--null] [--write]`.

Plays the real demo once for each seed, one after the other, each in a home of its own. With `--null` the simulated
readers like A and B equally well, and every loser is a false one. The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import report
from benchmarks.figures import Figure, Result, against_limit

LONGEST_SECONDS = 600
LIMIT_SECONDS = 120.0
FOUND_OF_20, FALSE_OF_20 = 18, 1


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of one demo. `loser` is empty when nobody was found to be worse."""

    seed: int
    loser: str
    truly_worse: str
    rounds: int
    seconds: float
    is_equal: bool

    @property
    def is_found(self) -> bool:
        return bool(self.truly_worse) and self.loser == self.truly_worse

    @property
    def is_false(self) -> bool:
        return bool(self.loser) and self.loser != self.truly_worse


def played(seed: int, is_null: bool, words: Sequence[str] = ()) -> Ended:
    """One demo in a process and a home of its own; CalledProcessError when it fails."""
    with tempfile.TemporaryDirectory(prefix="demo-") as home:
        command = [sys.executable, "-m", "regrow", "--home", home, "demo", "--random-seed", str(seed), "--json", *words]
        env = {name: value for name, value in os.environ.items() if not name.startswith("REGROW_")}
        ended = subprocess.run(
            command + ["--null"] * is_null, env=env, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
        )
    return read(seed, json.loads(ended.stdout))


def read(seed: int, told: dict[str, Any]) -> Ended:
    """What the demo's own JSON says; ValueError when no experiment came to an end in it."""
    trial = told["experiment"]
    if trial is None:
        raise ValueError(f"seed {seed}: there was no experiment: {told['site']}")
    loser, worse = trial["loser"] or "", trial["truly_worse"] or ""
    return Ended(seed, loser, worse, trial["rounds"], told["seconds"], told["site"]["is_equal"])


def measured(ended: Sequence[Ended], is_null: bool) -> dict[str, Any]:
    """Counts over all seeds, and how long the demos took."""
    return {
        "benchmark": "demo",
        "is_null": is_null,
        "seeds": len(ended),
        "found": sum(each.is_found for each in ended),
        "false_losers": sum(each.is_false for each in ended),
        "counts_equal": sum(each.is_equal for each in ended),
        "rounds": statistics.median(each.rounds for each in ended),
        "seconds": {
            "median": round(statistics.median(each.seconds for each in ended), 2),
            "worst": round(max(each.seconds for each in ended), 2),
        },
    }


def result(ended: Sequence[Ended], is_null: bool) -> Result:
    """The same as a section of the page of results."""
    found, of_all = measured(ended, is_null), f"of {len(ended)} seeds"
    scale = len(ended) / 20
    most = Figure(
        f"false losers, {of_all}", "seeds", (found["false_losers"],), (FALSE_OF_20 * scale,), "the most there may be", 1
    )
    least = Figure(
        f"the truly worse variant found, {of_all}", "seeds", (found["found"],), (FOUND_OF_20 * scale,), "the least", 1,
        "at least",
    )  # fmt: skip
    exact = Figure(
        f"counts equal to the truth, {of_all}", "seeds", (found["counts_equal"],), (len(ended),), "all", 1, "at least"
    )
    seconds = against_limit("the whole demo, worst", "s", [each.seconds for each in ended], LIMIT_SECONDS)
    note = f"Real demos over HTTP, one at a time; {found['rounds']:g} rounds of readers in the median."
    figures = (most, exact, seconds) if is_null else (least, most, exact, seconds)
    return Result("demo, A and B equal" if is_null else "demo, A worse", figures, (note,))


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.demo", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many demos; their seeds are 1, 2, ...")
    parser.add_argument("--null", action="store_true", help="A and B are liked equally well")
    parser.add_argument("--write", action="store_true", help="put it into benchmarks/results.md as well")
    given = parser.parse_args(words)
    if given.seeds < 1:
        parser.error("--seeds: 1 or more")
    where, ended = report.machine(), []
    for seed in range(1, given.seeds + 1):
        ended.append(played(seed, given.null))
        sys.stderr.write(f"{ended[-1]}\n")
    if given.write:
        made, command = result(ended, given.null), f"python -m benchmarks.quality.demo --seeds {given.seeds}"
        report.keep({made.name: report.section(made, where, command + " --null" * given.null)})
    sys.stdout.write(json.dumps(measured(ended, given.null)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
