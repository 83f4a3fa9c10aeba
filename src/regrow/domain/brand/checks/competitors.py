"""Competitors who are named."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain.brand import phrases
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Seen


def competitors(seen: Seen) -> Iterator[Finding]:
    """Every place of a competitor's name, with a possessive too."""
    index = phrases.index(seen.facts.guidelines.competitors, seen.facts.language, False)
    for passage in seen.passages:
        for phrase, start, end in passage.hits(index):
            how = f"{phrase[:80]!r} is a competitor: leave the name out, or say what kind of offer you mean"
            yield passage.finding("competitors", "veto", start, end, how)
