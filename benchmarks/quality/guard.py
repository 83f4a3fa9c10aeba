"""`python -m benchmarks.quality.guard PATH`: how many alarms the guard raises on a folder of sound texts.

Links between notes are read as their words, because in a note they are no fault. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from regrow.domain.brand import guard
from regrow.domain.brand.checks import languages
from regrow.domain.brand.findings import GuardFacts, Text

_WIKILINK = re.compile(r"!?\[\[([^\[\]|#]*)[^\[\]|]*(?:\|([^\[\]#]*)[^\[\]|]*)?\]\]")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.guard", description=__doc__)
    parser.add_argument("path", type=Path, help="a folder; every .md and .txt file in it is read")
    parser.add_argument("--show", nargs="*", default=(), metavar="CHECK", help="tell each finding of these checks")
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measured(given.path, tuple(given.show)), ensure_ascii=False) + "\n")
    return 0


def measured(folder: Path, shown: tuple[str, ...] = ()) -> dict[str, Any]:
    """Findings for each 1,000 words, by check and severity, and how many texts passed."""
    found: Counter[str] = Counter()
    files = words = passed = 0
    seconds = 0.0
    for path in sorted(each for each in folder.rglob("*") if each.suffix in (".md", ".txt") and each.is_file()):
        text = _WIKILINK.sub(lambda link: link[2] or link[1], path.read_text("utf-8", errors="replace"))
        began = time.process_time()
        verdict = guard.judged(GuardFacts(texts=(Text("body", text),), language=languages.spoken(text) or "en"))
        seconds += time.process_time() - began
        files, words, passed = files + 1, words + len(text.split()), passed + verdict.passed
        found.update(f"{each.check}/{each.severity}" for each in verdict.findings)
        for each in verdict.findings:
            if each.check in shown:
                sys.stdout.write(f"{path.relative_to(folder)}: {each.check}/{each.severity} {each.quote!r}\n")
    per_1000 = {name: round(1_000 * count / max(words, 1), 3) for name, count in found.most_common()}
    return {
        "files": files,
        "words": words,
        "passed": passed,
        "findings_per_1000_words": round(1_000 * found.total() / max(words, 1), 3),
        "by_check": per_1000,
        "milliseconds_per_1000_words": round(1_000_000 * seconds / max(words, 1), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
