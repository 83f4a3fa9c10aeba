"""Passages that might stand for how somebody writes, and the choice of those that do."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regrow.domain import prose
from regrow.domain.brand.learning import private
from regrow.domain.prose import orders

SHORTEST, LONGEST = 30, 120
"""Words of a passage."""
FEWEST, MOST = 3, 6
_KEPT = 1_500
_MOST_CHARACTERS = 1_200
_ALIKE = 0.25
_DIVERSITY = 1.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """`mark` is drawn from the words, so that which passages are kept does not depend on the order of the texts."""

    mark: int
    text: str
    text_number: int


class Candidates:
    """Paragraphs, runs of short ones and pieces of long ones; of very many those with the lowest marks are kept."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._open_words = 0
        self._held: list[tuple[int, Candidate]] = []
        self._marks: set[int] = set()

    def begin(self) -> None:
        """Something stands between what came and what comes."""
        self._open, self._open_words = [], 0

    def add(self, sentences: Sequence[tuple[str, int]], text_number: int) -> None:
        """One paragraph, as sentences with their numbers of words."""
        part: list[str] = []
        for sentence, words in sentences:
            if self._open_words + words > LONGEST:
                self._take([*self._open, " ".join(part)], self._open_words, text_number)
                self._open, self._open_words, part = [], 0, []
            part.append(sentence)
            self._open_words += words
        self._open.append(" ".join(part))
        if self._open_words >= SHORTEST:
            self._take(self._open, self._open_words, text_number)
            self.begin()

    def _take(self, paragraphs: Sequence[str], words: int, text_number: int) -> None:
        text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        if not SHORTEST <= words <= LONGEST or not _is_fit(text):
            return
        mark = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
        if mark in self._marks:
            return
        self._marks.add(mark)
        heapq.heappush(self._held, (-mark, Candidate(mark, text, text_number)))
        if len(self._held) > _KEPT:
            self._marks.discard(heapq.heappop(self._held)[1].mark)

    def chosen(self) -> tuple[str, ...]:
        """Three to six, nearest the middle of them all and unlike each other; fewer when there are not as many."""
        found = sorted(candidate for _, candidate in self._held)
        if not found:
            return ()
        far = _distances([candidate.text for candidate in found])
        shingled = [frozenset(prose.words(candidate.text)) for candidate in found]
        taken: list[int] = []
        while len(taken) < min(MOST, len(found)):
            costs = [_cost(number, taken, far, shingled, found) for number in range(len(found))]
            best = int(np.argmin(costs))
            if not np.isfinite(costs[best]) or (len(taken) >= FEWEST and far[best] > 1.5):
                break
            taken.append(best)
        return tuple(found[number].text for number in taken)


def _is_fit(text: str) -> bool:
    """Whether it may be shown: not too long for its words, nothing private, and no order to a model."""
    return len(text) <= _MOST_CHARACTERS and not private.looks_like(text) and not orders.is_order_to_model(text)


def _cost(
    number: int, taken: Sequence[int], far: Floats, words: Sequence[frozenset[str]], found: Sequence[Candidate]
) -> float:
    if number in taken:
        return float("inf")
    alike = max((_overlap(words[number], words[other]) for other in taken), default=0.0)
    same_text = sum(found[number].text_number == found[other].text_number for other in taken)
    return float("inf") if alike > 0.6 else float(far[number]) + _DIVERSITY * alike + _ALIKE * same_text


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / max(1, min(len(first), len(second)))


def _distances(texts: Sequence[str]) -> Floats:
    """How far each passage is from the middle of all, in mean standard deviations over what is measured of it."""
    rows = np.array([_measured(text) for text in texts])
    spread = rows.std(axis=0)
    steady = np.where(spread > 0, spread, 1.0)
    return np.asarray(np.abs((rows - rows.mean(axis=0)) / steady).mean(axis=1), dtype=np.float64)


def _measured(text: str) -> list[float]:
    sentences = prose.sentences(text)
    lengths = np.array([len(prose.words(sentence)) for sentence in sentences] or [0], dtype=np.float64)
    words = prose.words(text)
    total = max(1, len(words))
    marks = [text.count(sign) / total for sign in ",;:—–!?("]
    shape = [lengths.mean(), lengths.std(), sum(map(len, words)) / total, len(set(words)) / total]
    return [float(value) for value in (*shape, total, text.count("\n\n"), *marks)]
