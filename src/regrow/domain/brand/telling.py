"""A learned voice in words: for the person it was learned from, and for the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from regrow.domain.brand import languages
from regrow.domain.brand.learning import readability
from regrow.domain.brand.learning.features import LONG, SHORT, Features
from regrow.domain.brand.voice import Learned, Opening

_PERSONS = {"first": "I", "we": "we", "you": "you", "third": "he, she, they"}
_SPOKEN = {
    "first": "It speaks as one person (I).",
    "first_plural": "It speaks as a group (we).",
    "second": "It speaks to the reader (you).",
    "third": "It rarely speaks of itself or to the reader.",
}
_QUOTES = {
    "straight": 'straight ("...")',
    "curly": "curly (“...”)",
    "guillemets": "guillemets («...»)",
    "low": "low and high („...“)",
    "corner": "corner brackets (「...」)",
}
_FREQUENT = {
    "commas": 75.0,
    "dashes": 6.0,
    "semicolons": 4.0,
    "colons": 10.0,
    "parentheses": 6.0,
    "ellipses": 2.0,
    "exclamations": 5.0,
    "questions": 8.0,
}
"""Rates per 1,000 words from which a mark is called frequent."""
_RARE = {"commas": 30.0, "dashes": 0.5, "semicolons": 0.3, "exclamations": 0.3}


def told(found: Learned) -> tuple[str, ...]:
    """Everything that was learned, in sentences with their numbers."""
    return (*_read(found), *habits(found))


def _read(found: Learned) -> Iterator[str]:
    guessed = " (guessed)" if found.is_language_guessed else ""
    language = found.language or "not recognised"
    yield (
        f"Learned from {found.words:,} words in {found.sentences:,} sentences of {found.texts:,} "
        f"{'text' if found.texts == 1 else 'texts'}; language: {language}{guessed}."
    )
    if found.is_cut:
        yield f"There was more: {found.characters:,} characters of it were read, a part of each long text."
    for code, words in found.left_out.items():
        yield f"Left out: {words:,} words in another language ({code})."
    if found.language in languages.UNSPACED:
        yield "In this script each character counts as a word."


def habits(found: Learned) -> tuple[str, ...]:
    """How somebody writes, without how much was read."""
    return (*_rhythm(found.features), *_manner(found.features), *_wording(found))


def _rhythm(measured: Features) -> Iterator[str]:
    yield (
        f"Sentences have {measured.sentence_mean:.0f} words on average (half of them at most "
        f"{measured.sentence_median:.0f}), and vary by {measured.sentence_spread:.0f} words around that."
    )
    yield (
        f"{measured.short_share:.0%} of the sentences are short (up to {SHORT} words), {measured.long_share:.0%} are "
        f"long (from {LONG} words on)."
    )
    if measured.paragraph_words:
        yield f"Paragraphs have about {measured.paragraph_words:.0f} words, texts about {measured.text_words:,}."
    if measured.reading_level is not None:
        method = "Flesch-Kincaid" if measured.reading_method == "flesch-kincaid" else f"LIX {measured.lix:.0f}"
        grade = min(readability.HIGHEST, max(1, round(measured.reading_level)))
        yield f"It reads like school grade {grade} ({method})."


def _manner(measured: Features) -> Iterator[str]:
    if measured.person is not None:
        shares = ", ".join(f"{_PERSONS[who]} {share:.0%}" for who, share in measured.persons.items() if who in _PERSONS)
        yield f"{_SPOKEN[measured.person]} Of the pronouns: {shares}."
    often = [f"{name} ({measured.marks.get(name, 0):.0f})" for name in _FREQUENT if _is_frequent(measured, name)]
    rarely = [name for name, rate in _RARE.items() if measured.marks.get(name, 0.0) < rate]
    if often:
        yield f"Frequent marks, per 1,000 words: {', '.join(often)}."
    if rarely:
        yield f"Hardly any {' or '.join(rarely)}."
    if measured.quotes:
        yield f"Quotation marks are {_QUOTES[measured.quotes]}."
    if measured.contractions is not None:
        yield f"Contractions (don't, it's): {measured.contractions:.0f} in 1,000 words."
    hashtags = _amount(measured.hashtags_per_text, "a text")
    yield f"Emoji: {_amount(measured.emoji, 'in 1,000 words')}. Hashtags: {hashtags}."
    if measured.asking_share >= 0.05:
        yield f"{measured.asking_share:.0%} of the sentences are questions."
    if measured.headings or measured.items:
        yield f"In 1,000 words there are {measured.headings:.1f} headings and {measured.items:.1f} points of lists."


def _is_frequent(measured: Features, name: str) -> bool:
    return measured.marks.get(name, 0.0) >= _FREQUENT[name]


def _amount(rate: float, of_what: str) -> str:
    return f"{rate:.1f} {of_what}" if rate >= 0.05 else "none"


def _wording(found: Learned) -> Iterator[str]:
    if found.openings:
        yield f"Sentences often begin with: {_shares(found.openings)}."
    if found.paragraph_openings:
        yield f"Paragraphs often begin with: {_shares(found.paragraph_openings)}."
    if found.vocabulary:
        yield f"Words that come back: {', '.join(found.vocabulary)}."
    if found.phrases:
        yield f"Phrases that come back: {'; '.join(found.phrases)}."


def _shares(openings: Sequence[Opening]) -> str:
    return ", ".join(f"{words} ({share:.0%})" for words, share in openings)
