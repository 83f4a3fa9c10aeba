"""A text too close to one that went out before."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain import likeness, prose
from regrow.domain.brand.findings import Finding, Shingles
from regrow.domain.brand.seen import Seen

FEWEST_WORDS = 12


def shingles_of(text: str) -> Shingles:
    """What a text is compared by, for whoever makes the facts."""
    return prose.shingles(text)


def published_before(seen: Seen) -> Iterator[Finding]:
    """The published text most alike, when both are one text in two wordings (Jaccard resemblance of their shingles).

    One major finding: posting again may be meant, and alone it fails no text.
    """
    passage = seen.main
    if not seen.facts.published or len(passage.words) < FEWEST_WORDS:
        return
    mine = shingles_of(passage.text)
    alike, where = max((prose.resemblance(mine, each.shingles), each.where) for each in seen.facts.published)
    if alike >= likeness.MOST_SIMILAR:
        first = passage.sentences[0] if passage.sentences else (0, len(passage.text))
        how = f"{alike:.0%} of it stood in {where}: write it anew from other facts, or do not send it again"
        yield passage.finding("published_before", "major", *first, how)
