"""`python -m benchmarks.quality.decisions PATH`: what our rules, and gbstats, make of a file of real headline tests.

The file has a row for each arm, with the columns of the Upworthy Research Archive: clickability_test_id, impressions,
clicks, and erratum_window, which is 1 where its authors found the split to be broken. The last line is JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from regrow.domain.experiments import DECIDES_AT, many, sample_ratio

COLUMNS = ("clickability_test_id", "impressions", "clicks", "erratum_window")
Tests = dict[str, list[tuple[int, int, bool]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.decisions", description=__doc__)
    parser.add_argument("path", type=Path, help="a CSV file with a row for each arm")
    parser.add_argument("--no-gbstats", action="store_true", help="leave gbstats out: it is installed when needed")
    given = parser.parse_args()
    try:
        tests = read(given.path)
    except (OSError, ValueError, csv.Error) as error:
        sys.stderr.write(f"{given.path}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(measured(tests, not given.no_gbstats)) + "\n")
    return 0


def read(path: Path) -> Tests:
    """Arms by test, in their order; ValueError when a column is missing or a count is none."""
    found: Tests = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = set(COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"the file has no column {', '.join(sorted(missing))}")
        for row in rows:
            n, x = int(row["impressions"]), int(row["clicks"])
            if not 0 <= x <= n:
                raise ValueError(f"line {rows.line_num}: {x} clicks of {n} impressions")
            found[row["clickability_test_id"]].append((n, x, row["erratum_window"].strip() in ("1", "True", "true")))
    return {name: arms for name, arms in found.items() if len(arms) > 1}


def measured(tests: Tests, has_peer: bool) -> dict[str, Any]:
    """Flags of broken splits inside and outside the window as shares of tests; losers and winners among the others."""
    flags = {
        name: sample_ratio.judged([n for n, _x, _w in arms], _even(arms)).is_flagged for name, arms in tests.items()
    }
    inside = [flags[name] for name, arms in tests.items() if any(w for _n, _x, w in arms)]
    outside = [flags[name] for name, arms in tests.items() if not any(w for _n, _x, w in arms)]
    sound = {name: arms for name, arms in tests.items() if not flags[name]}
    sizes = [len(arms) for arms in sound.values()]
    counts = np.array([(n, x) for arms in sound.values() for n, x, _w in arms], dtype=float).reshape(-1, 2)
    began = time.process_time()
    told = many.judged(np.repeat(np.arange(len(sizes)), sizes), counts[:, 0], counts[:, 1])
    seconds = time.process_time() - began
    return {
        "tests": len(tests),
        "arms": sum(map(len, tests.values())),
        "srm_flagged_inside": _share(inside),
        "srm_flagged_outside": _share(outside),
        "losers": int((told.losing >= DECIDES_AT).sum()),
        "winners": int((told.winning >= DECIDES_AT).sum()),
        "seconds": round(seconds, 4),
        "gbstats": _peer(sound) if has_peer else None,
    }


def _even(arms: list[tuple[int, int, bool]]) -> list[float]:
    return [1 / len(arms)] * len(arms)


def _share(flags: list[bool]) -> float | None:
    return round(sum(flags) / len(flags), 5) if flags else None


def _peer(tests: Tests) -> dict[str, Any] | None:
    """gbstats on each arm against the first of its test: its sequential test and its Bayesian default."""
    python = peers.environment("gbstats")
    if python is None:
        return None
    pairs = [(arms[0][0], arms[0][1], n, x) for arms in tests.values() for n, x, _w in arms[1:]]
    told = peers.asked(python, "gbstats_peer.py", pairs)
    return {
        name: {
            "comparisons": len(pairs),
            "losers": sum(worse >= DECIDES_AT for worse in each["worse"]),
            "winners": sum(worse <= 1 - DECIDES_AT for worse in each["worse"]) if name == "bayes" else None,
            "seconds": round(each["seconds"], 4),
        }
        for name, each in told.items()
    }


if __name__ == "__main__":
    sys.exit(main())
