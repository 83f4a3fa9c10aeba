"""What is measured of somebody's writing, as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from regrow.domain.brand import languages
from regrow.domain.brand.learning import pronouns, readability
from regrow.domain.brand.learning.tally import MARKS, Tally

SHORT, LONG = 8, 25
"""Words up to which a sentence is short, and from which it is long."""


@dataclass(frozen=True, slots=True)
class Features:
    """Rates are per 1,000 words, shares 0..1; None is what cannot be measured in this language."""

    sentence_mean: float = 0.0
    sentence_median: float = 0.0
    sentence_spread: float = 0.0
    short_share: float = 0.0
    long_share: float = 0.0
    paragraph_words: float = 0.0
    text_words: int = 0
    word_letters: float = 0.0
    reading_level: float | None = None
    reading_method: str = ""
    lix: float | None = None
    person: str | None = None
    persons: Mapping[str, float] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
    quotes: str = ""
    asking_share: float = 0.0
    exclaiming_share: float = 0.0
    emoji: float = 0.0
    hashtags_per_text: float = 0.0
    contractions: float | None = None
    headings: float = 0.0
    items: float = 0.0


def of(tally: Tally) -> Features:
    """Everything that the counts say; there is at least one sentence."""
    mean, median, spread = moments(tally.sentence_words)
    level, method, lix = _reading(tally)
    named = sum(max(0, count) for count in tally.persons.values())
    lengths = tally.sentence_words
    return Features(
        sentence_mean=round(mean, 2),
        sentence_median=median,
        sentence_spread=round(spread, 2),
        short_share=_share(sum(n for length, n in lengths.items() if length <= SHORT), tally.sentences),
        long_share=_share(sum(n for length, n in lengths.items() if length >= LONG), tally.sentences),
        paragraph_words=round(moments(tally.paragraph_words)[0], 1),
        text_words=round(moments(tally.text_words)[1]),
        word_letters=round(tally.letters / tally.words, 2),
        reading_level=level,
        reading_method=method,
        lix=lix,
        person=pronouns.as_setting(tally.persons, tally.words),
        persons={who: _share(tally.persons[who], named) for who in pronouns.PERSONS} if tally.persons else {},
        marks={name: _rate(tally.marks[name], tally.words) for name in MARKS},
        quotes=max(tally.quotes, key=lambda name: (tally.quotes[name], name)) if tally.quotes.total() else "",
        asking_share=_share(tally.asking, tally.sentences),
        exclaiming_share=_share(tally.exclaiming, tally.sentences),
        emoji=_rate(tally.emoji, tally.words),
        hashtags_per_text=round(tally.hashtags / max(1, tally.texts), 2),
        contractions=_rate(tally.contractions, tally.words) if tally.language == "en" else None,
        headings=_rate(tally.blocks["heading"], tally.words),
        items=_rate(tally.blocks["item"], tally.words),
    )


def moments(lengths: Mapping[int, int]) -> tuple[float, float, float]:
    """Mean, median and standard deviation of lengths given with how often each occurs."""
    count = sum(lengths.values())
    if not count:
        return 0.0, 0.0, 0.0
    mean = sum(length * n for length, n in lengths.items()) / count
    variance = sum(n * (length - mean) ** 2 for length, n in lengths.items()) / count
    ordered, middle, passed = sorted(lengths.items()), [(count - 1) // 2, count // 2], 0
    found: list[int] = []
    for length, n in ordered:
        passed += n
        while middle and passed > middle[0]:
            found.append(length)
            middle.pop(0)
    return mean, sum(found) / 2, math.sqrt(variance)


def _reading(tally: Tally) -> tuple[float | None, str, float | None]:
    """Level, method and LIX; nothing for scripts whose words cannot be told apart."""
    if tally.language in languages.UNSPACED:
        return None, "", None
    lix = readability.lix(tally.words, tally.sentences, tally.long_words)
    if tally.language == "en" and tally.syllables:
        level = readability.flesch_kincaid(tally.words, tally.sentences, tally.syllables)
        return round(level, 1), "flesch-kincaid", round(lix, 1)
    return float(readability.grade_of_lix(lix)), "lix", round(lix, 1)


def _rate(count: int, words: int) -> float:
    return round(1_000 * count / max(1, words), 2)


def _share(count: int, total: int) -> float:
    return round(max(0, count) / max(1, total), 3)
