"""What highly rated pieces share and poorly rated ones mostly do not, and the other way round, in plain sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from regrow.domain.feedback.traits import Portrait, Text, portrait

LEAST = 2
"""Pieces of each side below which nothing is said, and pieces that must share a thing for it to be told."""
MOST_WORDS = 5
NOTHING = ("Too little to compare", "Nothing sets")
"""How sentences begin that say that nothing is known."""
ECHOES = {"are": ("is", "are"), "have": ("has", "have")}


@dataclass(frozen=True, slots=True)
class InCommon:
    """Sentences: `high` on what highly rated pieces share, `low` on what poorly rated ones do."""

    high: tuple[str, ...]
    low: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    size: int
    traits: Counter[str]
    words: Counter[str]


def in_common(
    high: Iterable[Text], low: Iterable[Text], names: tuple[str, str] = ("highly rated", "poorly rated")
) -> InCommon:
    """Compares the two, in counts and words only; says what to do where there is too little. `names` are theirs.

    A thing is told of a side when more than half of its pieces have it, at least two, and fewer than half of the other
    side's do; and it must be at least twice as frequent, or chance would have much to say of many pieces.
    """
    rated_high = _side(names[0], [portrait(text) for text in high])
    rated_low = _side(names[1], [portrait(text) for text in low])
    if min(rated_high.size, rated_low.size) < LEAST:
        return too_little(rated_high.size, rated_low.size)
    return InCommon(_told(rated_high, rated_low), _told(rated_low, rated_high))


def _side(name: str, portraits: Sequence[Portrait]) -> _Side:
    traits = Counter(trait for each in portraits for trait in each.traits)
    words = Counter(f'use the word "{word}"' for each in portraits for word in each.words)
    return _Side(name, len(portraits), traits, words)


def too_little(high: int, low: int) -> InCommon:
    """What is said of so few pieces."""
    told = f"Too little to compare: rate at least two pieces high and two low. So far {high} high and {low} low."
    return InCommon((told,), (told,))


def _told(these: _Side, those: _Side) -> tuple[str, ...]:
    traits = _telling(these.traits, these.size, those.traits, those.size)
    words = _telling(these.words, these.size, those.words, those.size)[:MOST_WORDS]
    sentences = (
        *(_sentence(trait, these, these.traits, those, those.traits) for trait in traits),
        *(_sentence(word, these, these.words, those, those.words) for word in words),
    )
    return sentences or (f"Nothing sets the {these.name} pieces apart from the {those.name} ones so far.",)


def _telling(here: Counter[str], size: int, there: Counter[str], other_size: int) -> list[str]:
    """What is common here and rare there, the clearest first."""

    def found() -> Iterator[tuple[float, str]]:
        for trait, count in here.items():
            share, other_share = count / size, there[trait] / other_size
            if count >= LEAST and share > 0.5 > other_share and share >= 2 * other_share:
                yield other_share - share, trait

    return [trait for _, trait in sorted(found())]


def _sentence(trait: str, these: _Side, here: Counter[str], those: _Side, there: Counter[str]) -> str:
    one, several = ECHOES.get(trait.partition(" ")[0], ("does", "do"))
    count = there[trait]
    return (
        f"{_amount(here[trait], these.size)} {these.name} pieces {trait}; "
        f"{count or 'none'} of the {those.size} {those.name} ones {several if count > 1 else one}."
    )


def _amount(count: int, size: int) -> str:
    if count < size:
        return f"{count} of the {size}"
    return "Both" if size == 2 else f"All {size}"
