"""`python -m benchmarks [NAME ...] [--quick]`: measures, prints the table, and writes benchmarks/results.md."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Sequence

from benchmarks import children, report
from benchmarks.figures import result_from

NAMES = (
    "helping",
    "imports",
    "vaults",
    "topics",
    "contexts",
    "generations",
    "regenerations",
    "reads",
    "growth",
    "publishing",
    "waiting",
    "site",
    "writers",
    "guard",
    "visits",
    "hostile",
    "decisions",
    "evaluations",
    "circuits",
    "alike",
)
QUICK = 0.15
LONGEST_SECONDS = 240


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}; all without any")
    parser.add_argument(
        "--quick", action="store_true", help="a small part of each, to see that it works; writes no file"
    )
    parser.add_argument("--one", type=float, metavar="SCALE", help="measure one in this process and write JSON")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    if given.one is not None:
        result = importlib.import_module(f"benchmarks.{given.names[0]}").run(given.one)
        sys.stdout.write(json.dumps(dataclasses.asdict(result)) + "\n")
        return 0
    return measure(given.names or NAMES, given.quick)


def measure(names: Sequence[str], is_quick: bool) -> int:
    """Each benchmark in a process of its own. One that fails is told and spoils the exit code, not the others."""
    command = " ".join(["python -m benchmarks", *([] if tuple(names) == NAMES else names)])
    began = time.monotonic()
    failed: list[str] = []
    for name in names:
        where = report.machine()
        sys.stderr.write(f"{name} ({time.monotonic() - began:.0f} s so far, load {os.getloadavg()[0]:.1f})\n")
        try:
            scale = str(QUICK if is_quick else 1.0)
            result = result_from(children.told("benchmarks", name, "--one", scale, seconds=LONGEST_SECONDS))
        except Exception:
            failed.append(name)
            traceback.print_exc()
            continue
        section = report.section(result, where, command)
        sys.stdout.write(f"{section}\n")
        sys.stdout.flush()
        if not is_quick:
            report.keep({name: section})
    sys.stderr.write(f"done in {time.monotonic() - began:.0f} s{', failed: ' if failed else ''}{', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
