"""Words and phrases looked for in running text: as whole words, inflected, across line breaks and emphasis."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from regrow.domain.brand import folding, inflections

SOLID = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts that are written without spaces."""
_MARKS = "\u0300-\u036f\u0900-\u0dff"
_PLAIN_WORD = re.compile(r"[a-z0-9]++(?:'[a-z]++|(?<=\d)[.,]\d++)*+")
_WORD = re.compile(
    rf"[{SOLID}]|(?:(?![{SOLID}])[^\W_])(?:(?![{SOLID}])[^\W_]|[{_MARKS}])*+(?:'[^\W_]++|(?<=\d)[.,]\d++)*+"
)
_ELIDED = re.compile(r"(?:l|d|n|s|j|c|m|t|qu|jusqu|lorsqu|puisqu)'(?=\w)")
_GAP = re.compile(r"[ \t*_~\"'-]*+(?:\n[ \t>]*+)?[ \t*_~\"'-]*+(?:(?:l|d|n|s|j|c|m|t|qu)')?")
_LETTERED = re.compile(r"[\w\s'-]*")
_LONGEST_GAP = 12


class Word(NamedTuple):
    """A word as it is compared, and where it stands in the folded text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One place of a phrase, in the folded text."""

    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase and the forms that each of its words may take."""

    phrase: str
    words: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Phrases by the forms of their first word; `literals` hold signs and are looked for as they are."""

    by_first: dict[str, tuple[Pattern, ...]]
    literals: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        return not self.by_first and not self.literals


def words_of(folded: str, language: str = "") -> list[Word]:
    """Every word of a folded text; scripts without spaces give one for each character, French loses its elisions."""
    pattern = _PLAIN_WORD if folded.isascii() else _WORD
    found = [Word(match[0], match.start(), match.end()) for match in pattern.finditer(folded)]
    if language[:2].lower() != "fr" or "'" not in folded:
        return found
    return [_without_elision(word) for word in found]


def _without_elision(word: Word) -> Word:
    elided = _ELIDED.match(word.text)
    return word if elided is None else Word(word.text[elided.end() :], word.start + elided.end(), word.end)


@lru_cache(maxsize=64)
def index(phrases: tuple[str, ...], language: str, is_inflected: bool = True) -> Index:
    """The phrases made ready; empty ones are left out."""
    by_first: dict[str, list[Pattern]] = {}
    literals: list[tuple[str, str]] = []
    for phrase in dict.fromkeys(phrases):
        folded = " ".join(folding.fold(phrase).text.split())
        found = words_of(folded, language)
        if folded and (not found or _LETTERED.fullmatch(folded) is None):
            literals.append((phrase, folded))
        elif found:
            pattern = Pattern(phrase, tuple(_forms(word.text, language, is_inflected) for word in found))
            for form in pattern.words[0]:
                by_first.setdefault(form, []).append(pattern)
    return Index({form: tuple(patterns) for form, patterns in by_first.items()}, tuple(literals))


def _forms(word: str, language: str, is_inflected: bool) -> frozenset[str]:
    return inflections.forms(word, language) if is_inflected else frozenset((word, f"{word}'s"))


def hits(index: Index, folded: str, words: Sequence[Word], known: frozenset[str]) -> Iterator[Hit]:
    """Every place of every phrase, those of the same first word in order; `known` is the set of the words."""
    if not index.by_first.keys().isdisjoint(known):
        for place, word in enumerate(words):
            for pattern in index.by_first.get(word.text, ()):
                if _stands(pattern, folded, words, place):
                    yield Hit(pattern.phrase, word.start, words[place + len(pattern.words) - 1].end)
    for phrase, literal in index.literals:
        for start in _places(literal, folded):
            yield Hit(phrase, start, start + len(literal))


def _stands(pattern: Pattern, folded: str, words: Sequence[Word], place: int) -> bool:
    if place + len(pattern.words) > len(words):
        return False
    for offset in range(1, len(pattern.words)):
        word, before = words[place + offset], words[place + offset - 1]
        gap = folded[before.end : word.start]
        if word.text not in pattern.words[offset] or len(gap) > _LONGEST_GAP or _GAP.fullmatch(gap) is None:
            return False
    return True


def _places(literal: str, folded: str) -> Iterator[int]:
    """Where a literal stands that no word runs into."""
    start = folded.find(literal)
    while start >= 0:
        end = start + len(literal)
        is_inside = (_is_letter(literal[0]) and start > 0 and _is_letter(folded[start - 1])) or (
            _is_letter(literal[-1]) and end < len(folded) and _is_letter(folded[end])
        )
        if not is_inside:
            yield start
        start = folded.find(literal, end)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"
