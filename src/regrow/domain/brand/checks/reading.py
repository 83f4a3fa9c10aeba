"""How hard a text is to read."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Seen, Span

HARDEST: dict[str, int] = {"en": 60, "de": 68, "fr": 64, "es": 64}
"""LIX (Björnsson 1968) from which on a text is very hard: words for each sentence, and the percentage of words of
more than six letters. From 60 on an English text is harder than scholarly prose; German builds longer words.
"""
EXPERT = 8
FEWEST_WORDS = 60
LONG_WORD = 6
LONGEST_SENTENCE = 45
STRETCH = 1.6
"""The average sentence may be so many times as long as the persona's."""
MOST_LONG = 5


def reading_level(seen: Seen) -> Iterator[Finding]:
    """Sentences that are far too long, an average far above the persona's, and a text that is very hard to read."""
    passage = seen.main
    lengths = [passage.count(span) for span in passage.sentences]
    if not lengths:
        return
    longest = max(range(len(lengths)), key=lengths.__getitem__)
    yield from _long_sentences(seen, lengths)
    if len(passage.words) < FEWEST_WORDS:
        return
    average = len(passage.words) / len(lengths)
    if seen.facts.voice is not None and average > STRETCH * seen.facts.voice.sentence_words:
        wanted = seen.facts.voice.sentence_words
        how = f"sentences have {average:.0f} words on average, the persona's {wanted}: cut this one in two, and others"
        yield passage.finding("reading_level", "minor", *passage.sentences[longest], how)
    yield from _hard(seen, average, passage.sentences[longest])


def _long_sentences(seen: Seen, lengths: list[int]) -> Iterator[Finding]:
    wanted = seen.facts.voice.sentence_words if seen.facts.voice else 0
    most = max(LONGEST_SENTENCE, 2 * wanted)
    too_long = [place for place, length in enumerate(lengths) if length > most]
    for place in too_long[:MOST_LONG]:
        how = f"this sentence has {lengths[place]} words: make it two or three, with at most {most} each"
        yield seen.main.finding("reading_level", "minor", *seen.main.sentences[place], how)


def _hard(seen: Seen, average: float, longest: Span) -> Iterator[Finding]:
    limit = HARDEST.get(seen.facts.language[:2])
    if limit is None:
        return
    if seen.facts.voice is not None and seen.facts.voice.tone in ("expert", "formal"):
        limit += EXPERT
    words = seen.main.words
    lix = average + 100 * sum(len(word.text) > LONG_WORD for word in words) / len(words)
    if lix > limit:
        how = f"very hard to read (LIX {lix:.0f}, at most {limit}): shorter sentences, and plainer words than here"
        yield seen.main.finding("reading_level", "major" if lix > limit + 12 else "minor", *longest, how)
