"""How alike a new text is to the ones it is to replace, the same for every medium."""

from __future__ import annotations

from collections.abc import Sequence

from regrow.domain import prose
from regrow.domain.writing import Brief, Earlier

Shingles = frozenset[tuple[str, ...]]
MOST_SIMILAR = 0.6
"""At or above this shingle similarity two texts are one text in two wordings."""


def replaced(brief: Brief, platform: str = "") -> tuple[str, ...]:
    """The texts that a new one must differ from: those of its platform, and those that name none."""
    return facing(brief.replaced, platform)


def tried(brief: Brief, platform: str = "") -> tuple[str, ...]:
    """The earlier tries that a new text had better differ from too, newest first."""
    return facing(brief.tried, platform)


def facing(texts: Sequence[Earlier], platform: str) -> tuple[str, ...]:
    """The texts among these that one of a platform is compared with."""
    return tuple(each.text for each in texts if each.platform in ("", platform))


def to_replaced(text: str, brief: Brief, platform: str = "") -> float:
    """Shingle similarity to the replaced text most like this one; 0 when nothing is replaced."""
    return most(text, replaced(brief, platform))


def most(text: str, others: Sequence[str]) -> float:
    """Shingle similarity to the most alike of the others; 0 without any."""
    return of_shingles(prose.shingles(text), [prose.shingles(other) for other in others])


def of_shingles(text: Shingles, others: Sequence[Shingles]) -> float:
    """The same for texts whose shingles are known already."""
    return max((prose.resemblance(text, other) for other in others), default=0.0)
