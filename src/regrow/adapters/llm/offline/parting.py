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

    Where that leaves fewer words than `fewest`, another one comes in its place that repeats less, if there is one.
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
        held = pool.echoes.held(left[number], pool.lengths)
        has_room = pool.echoes.has_room(held, pool.lengths, most_repeated)
        used = {n for hand in dealt for n in hand}
        earlier = Shingles().union(*said[:number])
        free = [n for n in range(len(pool.passages)) if n not in used and has_room[n] and pool.lengths[n] <= longest]
        # Strictly less each time, so that this comes to an end.
        left[number] += _best(pool, (n for n in free if _repeated(pool, n, earlier) <= repeated / 2 < repeated))
    return left


def _best(pool: Pool, passages: Iterable[int]) -> list[int]:
    """The one of most score, the first of equals, as a list of one; empty when there is none."""
    return sorted(passages, key=lambda n: (-float(pool.score[n]), n))[:1]


def _said(pool: Pool, passages: Iterable[int]) -> Shingles:
    return Shingles().union(*(prose.shingles(pool.passages[n].text) for n in passages))


def _repeated(pool: Pool, passage: int, earlier: Shingles) -> float:
    """Which part of a passage the earlier ones say too."""
    own = _said(pool, [passage])
    return len(own & earlier) / max(1, len(own))
