"""How central a passage is and how alike two are: TF-IDF, TextRank, maximal marginal relevance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regrow.domain import prose

Floats = NDArray[np.float32]
_DAMPING, _ROUNDS = 0.85, 30
_MOST_TERMS = 3_000
_SUFFIXES = ("ing", "ies", "ed", "es", "s", "e")


def stem(word: str) -> str:
    """A word without its commonest endings, so that `proofing` and `proofed` meet."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word


def stems(text: str, language: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    return [stem(word) for word in prose.words(text) if word not in stop and not word.isdigit()]


class Space:
    """Texts as unit TF-IDF vectors (rows) over the terms they share."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._language = language
        bags = [Counter(stems(text, language)) for text in texts]
        spread = Counter(term for bag in bags for term in bag)
        common = sorted(spread, key=lambda term: (-spread[term], term))[:_MOST_TERMS]
        self.column = {term: number for number, term in enumerate(common)}
        self._rarity = np.array([np.log((1 + len(bags)) / (1 + spread[term])) + 1 for term in common], dtype=np.float32)
        self.rows = self._vectors(bags)

    def vector(self, text: str) -> Floats:
        """A further text in the same space, shape (terms,)."""
        return np.asarray(self._vectors([Counter(stems(text, self._language))])[0])

    def _vectors(self, bags: Sequence[Counter[str]]) -> Floats:
        rows = np.zeros((len(bags), max(1, len(self.column))), dtype=np.float32)
        for number, bag in enumerate(bags):
            for term, count in bag.items():
                if (column := self.column.get(term)) is not None:
                    rows[number, column] = (1 + np.log(count)) * self._rarity[column]
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def centrality(likeness: Floats) -> Floats:
    """TextRank of each passage, scaled so that the highest is 1 (Mihalcea and Tarau 2004)."""
    count = len(likeness)
    links = likeness.copy()
    np.fill_diagonal(links, 0)
    links /= np.maximum(links.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(count, 1 / count, dtype=np.float32)
    for _ in range(_ROUNDS):
        rank = (1 - _DAMPING) / count + _DAMPING * (links.T @ rank)
    return np.asarray(rank / max(float(rank.max()), 1e-9), dtype=np.float32)


def marginal(relevance: Floats, nearest: Floats, weight: float) -> Floats:
    """Relevance less likeness to what is chosen already (Carbonell and Goldstein 1998)."""
    return np.asarray(weight * relevance - (1 - weight) * nearest, dtype=np.float32)
