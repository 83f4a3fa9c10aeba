"""Words, openings and phrases that are somebody's own, found without any list of how common words are."""

from __future__ import annotations

import math
from collections import defaultdict

from regrow.domain import prose
from regrow.domain.brand.learning.tally import Tally

VOCABULARY, OPENINGS, PHRASES = 30, 10, 12
_SHORTEST_WORD = 4
_FEWEST_STRETCHES = 3
_MOST_CAPITALS = 0.5


def vocabulary(tally: Tally) -> tuple[str, ...]:
    """Words that come back more evenly and more often than words of their length do in the same texts.

    Stopwords, short words, names and words that stand in few stretches of 250 words are left out: what clusters is
    the subject, what is spread out is the writer. Long words are rarer in every language (Zipf's law of
    abbreviation), so each is held against the mean logarithm of the counts of all words as long as it is.
    """
    common = prose.stopwords(tally.language) if tally.language else frozenset[str]()
    counts, stretches = tally.vocabulary.counts, tally.vocabulary.stretches
    by_length: dict[int, list[float]] = defaultdict(list)
    for word, count in counts.items():
        by_length[min(14, len(word))].append(math.log(count))
    usual = {length: sum(logs) / len(logs) for length, logs in by_length.items()}
    fewest = max(_FEWEST_STRETCHES, round(0.02 * tally.words / 250))
    found = [
        ((math.log(count) - usual[min(14, len(word))]) * stretches[word] / count, count, word)
        for word, count in counts.items()
        if len(word) >= _SHORTEST_WORD and word.isalpha() and word not in common and stretches[word] >= fewest
        if tally.capitals[word] <= _MOST_CAPITALS * count or tally.language == "de"
    ]
    found.sort(key=lambda one: (-one[0], -one[1], one[2]))
    return tuple(word for _, _, word in found[:VOCABULARY])


def openings(tally: Tally) -> tuple[tuple[str, float], ...]:
    """How sentences begin, with the share of sentences that do."""
    return _openings(tally.openings.counts, tally.sentences)


def paragraph_openings(tally: Tally) -> tuple[tuple[str, float], ...]:
    """How paragraphs begin, with the share of paragraphs that do."""
    return _openings(tally.paragraph_openings.counts, sum(tally.paragraph_words.values()))


def _openings(counts: dict[str, int], total: int) -> tuple[tuple[str, float], ...]:
    """Two words where most of those that begin with the first go on with the second, else the first alone."""
    kept = {opening: n for opening, n in counts.items() if n >= max(3, 0.01 * total)}
    for opening in [opening for opening in kept if " " in opening]:
        first = opening.partition(" ")[0]
        if kept[opening] > 0.6 * counts.get(first, 0):
            kept.pop(first, None)
        else:
            del kept[opening]
    ranked = sorted(kept.items(), key=lambda pair: (-pair[1], pair[0]))[:OPENINGS]
    return tuple((opening, round(n / max(1, total), 3)) for opening, n in ranked)


def phrases(tally: Tally) -> tuple[str, ...]:
    """Runs of three to five words that come back in different places, the longest form of each."""
    common = prose.stopwords(tally.language) if tally.language else frozenset[str]()
    counts, stretches = tally.phrases.counts, tally.phrases.stretches
    fewest = max(3, round(tally.words / 5_000))
    found = [
        (len(phrase), count, " ".join(phrase))
        for phrase, count in counts.items()
        if count >= fewest and stretches[phrase] >= min(3, max(1, tally.words // 500))
        if all(word[0].isalpha() for word in phrase) and phrase[-1] not in common
    ]
    found.sort(key=lambda one: (-one[0] * one[1], -one[0], one[2]))
    kept: list[str] = []
    for _, _, phrase in found:
        if not any(f" {phrase} " in f" {other} " or f" {other} " in f" {phrase} " for other in kept):
            kept.append(phrase)
        if len(kept) == PHRASES:
            break
    return tuple(kept)
