"""Whose text it is: the nearest of several authors by Burrows's Delta.

Burrows, J. (2002), "Delta": a measure of stylistic difference and a guide to likely authorship, Literary and
Linguistic Computing 17(3). The commonest words of all known texts and the habits that are learned of a voice
(sentences, marks, pronouns, contractions) are standardised over the known texts; the distance of two texts is the mean
of the absolute differences of their standard scores. An author's texts stand together as their mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regrow.domain.brand.learning import features, pronouns
from regrow.domain.brand.learning.tally import MARKS, Tally, parts_of

COMMONEST = 100
"""How many words the distance looks at; few enough to be words of any subject."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One text: shares of its words, and habits measured of it."""

    words: Mapping[str, float]
    habits: tuple[float, ...]


def sample(texts: Iterable[str], language: str = "en") -> Sample:
    """What the distance needs of one text, or of several taken as one."""
    tally = Tally(language, None)
    tally.begin_text()
    for text in texts:
        for part in parts_of(text):
            tally.add(part)
    if not tally.words:
        return Sample({}, (0.0,) * len(_habits(features.Features())))
    counts = tally.vocabulary.counts
    return Sample({word: count / tally.words for word, count in counts.items()}, _habits(features.of(tally)))


def _habits(measured: features.Features) -> tuple[float, ...]:
    shape = (
        *(measured.sentence_mean, measured.sentence_spread, measured.short_share, measured.long_share),
        *(measured.word_letters, measured.asking_share, measured.exclaiming_share, measured.contractions or 0.0),
    )
    marks = [measured.marks.get(name, 0.0) for name in MARKS]
    persons = [measured.persons.get(name, 0.0) for name in pronouns.PERSONS]
    return (*shape, *marks, *persons)


class Delta:
    """Known authors, each with texts of theirs."""

    def __init__(self, known: Mapping[str, Sequence[Sample]]) -> None:
        samples = [one for each in known.values() for one in each]
        total: Counter[str] = Counter()
        for one in samples:
            total.update(one.words)
        ranked = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
        self._words = tuple(word for word, _ in ranked[:COMMONEST])
        rows = np.array([self._row(one) for one in samples])
        self._mean, spread = rows.mean(axis=0), rows.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        self._authors = {
            name: np.mean([self._scores(one) for one in each], axis=0) for name, each in known.items() if each
        }

    def distances(self, text: Sample) -> dict[str, float]:
        """To each author; the smaller, the more alike."""
        own = self._scores(text)
        return {name: float(np.abs(own - scores).mean()) for name, scores in self._authors.items()}

    def nearest(self, text: Sample) -> str:
        """The author whose texts are most like it; of equals the first by name."""
        return min(sorted(found := self.distances(text)), key=lambda name: found[name])

    def _row(self, text: Sample) -> list[float]:
        return [*(text.words.get(word, 0.0) for word in self._words), *text.habits]

    def _scores(self, text: Sample) -> Floats:
        return np.asarray((np.array(self._row(text)) - self._mean) / self._spread, dtype=np.float64)
