"""Takes passages for several texts further apart, when the texts made of them are too alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from regrow.adapters.llm.offline.selection import Pool
from regrow.domain import prose

Shingles = frozenset[tuple[str, ...]]


def apart(
    pool: Pool, dealt: Sequence[Sequence[int]], fewest: int, most_repeated: float, longest: float
) -> list[list[int]]:
    """Takes from the later variants the passage that repeats most of what the earlier ones say in other places.

    Where that leaves fewer words than `fewest`, others come in its place that repeat less, if there are any.
    """
    said = [_said(pool, hand) for hand in dealt]
    worst: tuple[float, int, int] = (-1.0, 1, -1)
    for number in range(1, len(dealt)):
        earlier = Shingles().union(*said[:number])
        for passage in dealt[number][1:]:
            worst = max(worst, (_repeated(pool, passage, earlier), number, passage))
    repeated, number, taken = worst
    left = [[n for n in hand if (place, n) != (number, taken)] for place, hand in enumerate(dealt)]
    if taken >= 0 and pool.words(left[number]) < fewest:
        used = {n for hand in dealt for n in hand}
        earlier = Shingles().union(*said[:number])
        # At most half as much each time, so that this comes to an end.
        free = [n for n in range(len(pool.passages)) if n not in used and pool.lengths[n] <= longest]
        fresh = [n for n in free if _repeated(pool, n, earlier) <= repeated / 2 < repeated]
        _fill(pool, left[number], fresh, fewest, most_repeated)
    return left


def _fill(pool: Pool, hand: list[int], fresh: Iterable[int], fewest: int, most_repeated: float) -> None:
    """Adds passages of most score until the hand has so many words, with as little of a replaced text as before."""
    for candidate in sorted(fresh, key=lambda n: (-float(pool.score[n]), n)):
        if pool.words(hand) >= fewest:
            return
        if pool.echoes.has_room(pool.echoes.held(hand, pool.lengths), pool.lengths, most_repeated)[candidate]:
            hand.append(candidate)


def _said(pool: Pool, passages: Iterable[int]) -> Shingles:
    return Shingles().union(*(prose.shingles(pool.passages[n].text) for n in passages))


def _repeated(pool: Pool, passage: int, earlier: Shingles) -> float:
    """Which part of a passage the earlier ones say too."""
    own = _said(pool, [passage])
    return len(own & earlier) / max(1, len(own))
