"""Writes the vendored list of crawlers anew: `crawler_patterns.py crawler-user-agents.json`, patterns by reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src" / "regrow" / "web" / "crawlers.txt"
HEAD = (
    "# Patterns of github.com/monperrus/crawler-user-agents (MIT, see crawlers.LICENSE), by why they are not counted.\n"
)
REASONS = {"search-engine": "search_engine", "social-preview": "preview", "browser-automation": "headless"}
"""By tag of the list, the first that fits; every other pattern is a crawler's."""


def reason(tags: list[str]) -> str:
    return next((said for tag, said in REASONS.items() if tag in tags), "crawler")


def rendered(entries: list[dict[str, object]]) -> str:
    """One section for each reason, one pattern a line."""
    found: dict[str, list[str]] = {said: [] for said in (*REASONS.values(), "crawler")}
    for entry in entries:
        tags = entry.get("tags") or []
        found[reason(list(tags) if isinstance(tags, list) else [])].append(str(entry["pattern"]))
    return HEAD + "".join(
        f"[{said}]\n" + "".join(f"{each}\n" for each in sorted(set(some))) for said, some in found.items()
    )


if __name__ == "__main__":
    TARGET.write_text(rendered(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
    sys.stdout.write(f"wrote {TARGET.name}\n")
