"""Words, and how alike two texts are by the runs of words they share."""

from __future__ import annotations

import re
import unicodedata

_SOLID = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0900-\u0dff"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*+(?:['\u2019][^\W_]++|(?<=\d)[.,]\d++)*+")
_HAS_SOLID = re.compile(rf"[{_SOLID}]")
_SOLID_OR_WORD = re.compile(rf"[{_SOLID}]|(?:(?![{_SOLID}])[^\W_])(?:(?![{_SOLID}])[^\W_]|[{_MARKS}']|(?<=\d)[.,]\d)*+")


def words(text: str) -> list[str]:
    """Lower-cased words in order; `don't` and `1,200.5` are one word each, hyphens separate.

    Scripts written without spaces (Han, Kana, Thai) give one word per character.
    """
    lowered = text.lower()
    if not lowered.isascii():
        lowered = unicodedata.normalize("NFC", lowered).replace("\u2019", "'")
        if _HAS_SOLID.search(lowered):
            return _SOLID_OR_WORD.findall(lowered)
    return _WORD.findall(lowered)


def shingles(text: str, size: int = 3) -> frozenset[tuple[str, ...]]:
    """Every run of `size` neighbouring words; a shorter text is one shingle, an empty one none."""
    found = words(text)
    if not found:
        return frozenset()
    if len(found) <= size:
        return frozenset((tuple(found),))
    return frozenset(zip(*(found[i:] for i in range(size)), strict=False))


def shingle_similarity(a: str, b: str, size: int = 3) -> float:
    """Jaccard resemblance of two texts' word shingles, 0..1 (Broder 1997); two empty texts are alike."""
    return resemblance(shingles(a, size), shingles(b, size))


def resemblance(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> float:
    """Jaccard resemblance of two sets of shingles, 0..1; two empty ones are alike."""
    if not first and not second:
        return 1.0
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared)
