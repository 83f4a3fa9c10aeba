"""A text in another language than its persona writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from regrow.domain import prose
from regrow.domain.brand.findings import Finding, Severity
from regrow.domain.brand.phrases import Word
from regrow.domain.brand.seen import Passage, Seen, Span

SCRIPTS: dict[str, re.Pattern[str]] = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "ar": re.compile("[\u0621-\u064a]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "ru": re.compile("[\u0430-\u044f]"),
    "el": re.compile("[\u03b1-\u03c9]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}
_FAMILY = {"fa": "ar", "ur": "ar", "uk": "ru", "bg": "ru", "sr": "ru", "be": "ru", "yi": "he"}
_LATIN = re.compile("[a-z\u00df-\u024f]")
FEWEST_WORDS, FEWEST_LETTERS = 12, 20
PLAINLY = 2.0
"""So many times more common words of another language than of its own make a text another language's."""
COMMON = 0.2
"""In running prose at least a fifth of the words are common ones; in a list of names they are not."""
NAMES = {
    **{"en": "English", "de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese", "zh": "Chinese"},
    **{"ko": "Korean", "ar": "Arabic", "he": "Hebrew", "ru": "Russian", "el": "Greek", "th": "Thai"},
}


def language(seen: Seen) -> Iterator[Finding]:
    """Paragraphs in another language; when they are most of the text, one veto. Quotations may be in any language.

    The offline writer quotes its notes and cannot translate: there it is a major finding.
    """
    wanted, passage = seen.facts.language[:2].lower(), seen.main
    if not wanted:
        return
    parts = [span for span in passage.paragraphs if not passage.prose[slice(*span)].lstrip().startswith(">")]
    foreign = [(span, found) for span in parts if (found := _foreign(passage.words_in(span), wanted))]
    if 2 * sum(passage.count(span) for span, _ in foreign) > len(passage.words):
        yield _told(seen, *foreign[0], "major" if seen.facts.is_offline else "veto")
    else:
        for span, found in foreign:
            yield _told(seen, span, found, "major")


def detected(words: Sequence[Word]) -> str:
    """The language of a text as two letters; empty when it is too short or none that is told apart here."""
    letters = "".join(word.text for word in words)
    if len(letters) < FEWEST_LETTERS:
        return ""
    latin = len(_LATIN.findall(letters)) if not letters.isascii() else len(letters)
    if 2 * latin < len(letters):
        return _of_script(letters)
    shares = _shares(words)
    best = max(shares, key=lambda name: shares[name], default="")
    return best if best and shares[best] >= COMMON else ""


def spoken(text: str) -> str:
    """The language of a text that nobody named."""
    return detected(Passage("body", text, "").words)


def _of_script(letters: str) -> str:
    counts = {name: len(pattern.findall(letters)) for name, pattern in SCRIPTS.items()}
    if counts["ja"] * 10 >= len(letters):
        return "ja"
    best = max(counts, key=lambda name: counts[name])
    return best if 2 * counts[best] > len(letters) else ""


def _shares(words: Sequence[Word]) -> dict[str, float]:
    """Which part of the words is common in each language that has a list of them."""
    if len(words) < FEWEST_WORDS:
        return {}
    texts = [word.text for word in words]
    return {name: sum(text in common for text in texts) / len(texts) for name, common in prose.STOPWORDS.items()}


def _foreign(words: Sequence[Word], wanted: str) -> str:
    """The other language that these words are in plainly; empty when they may be in the one wanted."""
    found = detected(words)
    if not found or found == _FAMILY.get(wanted, wanted) or {found, wanted} == {"ja", "zh"}:
        return ""
    if found not in prose.STOPWORDS or wanted in SCRIPTS or wanted in _FAMILY:
        return found
    if wanted not in prose.STOPWORDS:
        return ""
    shares = _shares(words)
    return found if shares[found] >= PLAINLY * shares[wanted] else ""


def _told(seen: Seen, span: Span, found: str, severity: Severity) -> Finding:
    passage: Passage = seen.main
    wanted = NAMES.get(seen.facts.language[:2].lower(), seen.facts.language)
    how = f"this is {NAMES[found]}, the persona writes {wanted}: write it in {wanted}"
    if seen.facts.is_offline:
        how = f"this is {NAMES[found]}, as the notes are: set the persona's language to it, or let a model write"
    start = span[0] + len(passage.text[slice(*span)]) - len(passage.text[slice(*span)].lstrip())
    return passage.finding("language", severity, start, span[1], how)
