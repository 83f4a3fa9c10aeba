"""The line that discloses how a text was made."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Seen


def disclosure(seen: Seen) -> Iterator[Finding]:
    """One of the lines must stand in the text, word for word but for case and marks."""
    lines = tuple(line for line in seen.facts.guidelines.disclosure if line.strip())
    if lines and not seen.has_any(lines):
        yield seen.missing("disclosure", "veto", f"add the line {lines[0][:100]!r}")
