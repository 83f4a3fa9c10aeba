"""Phrases that sound machine-made, weighed together: one alone is nobody's fault."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from regrow.domain.brand import phrases
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Passage, Seen
from regrow.domain.brand.worn import WORN

FEWEST = 3
"""Less weight than this in a text, or in so many words of it, is chance."""
WORDS = 300
HEAVY = 3.0
"""So many times the weight that is allowed makes the text as a whole a major finding each time."""
Place = tuple[Passage, int, int, int]


def cliches(seen: Seen) -> Iterator[Finding]:
    """Every worn phrase, once there are too many for the length of the text; in a crowd the heavy ones are major."""
    found = list(_outermost(_all(seen)))
    # What may stand by chance counts once, however often: a travel diary is full of one word.
    distinct = {
        (passage.text[start:end].lower() if heavy == 1 else (start, passage.field)): heavy
        for passage, start, end, heavy in found
    }
    weight = sum(distinct.values())
    allowed = FEWEST * max(1.0, seen.word_count / WORDS)
    if weight < allowed:
        return
    for passage, start, end, heavy in found:
        is_major = heavy > 1 and weight >= HEAVY * allowed
        how = "readers take this for machine-made: say what you mean with a fact of your own, or leave it out"
        yield passage.finding("cliches", "major" if is_major else "minor", start, end, how)


def _all(seen: Seen) -> Iterator[Place]:
    language = seen.facts.language[:2].lower()
    weights = _weights(language)
    index = phrases.index(tuple(weights), language)
    for passage in seen.prosaic:
        for phrase, start, end in passage.hits(index):
            yield passage, start, end, weights[phrase]


@lru_cache(maxsize=8)
def _weights(language: str) -> dict[str, int]:
    return {phrase: weight for weight, told in WORN.get(language, {}).items() for phrase in told}


def _outermost(found: Iterator[Place]) -> Iterator[Place]:
    """Of phrases inside one another the longest counts, and the first of those that begin together."""
    last: tuple[Passage, int] | None = None
    for passage, start, end, weight in sorted(found, key=lambda each: (each[0].field, each[1], -each[2])):
        if last is None or last[0] is not passage or start >= last[1]:
            yield passage, start, end, weight
            last = (passage, end)
