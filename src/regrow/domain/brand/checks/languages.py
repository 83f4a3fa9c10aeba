"""A text in another language than its persona writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from regrow.domain import prose
from regrow.domain.brand import languages
from regrow.domain.brand.findings import Finding, Severity
from regrow.domain.brand.phrases import Word
from regrow.domain.brand.seen import Passage, Seen, Span

_FAMILY = {"fa": "ar", "ur": "ar", "uk": "ru", "bg": "ru", "sr": "ru", "be": "ru", "mk": "ru", "yi": "he"}
_OTHERWISE_WRITTEN = frozenset((*languages.OF_SCRIPT.values(), *_FAMILY))
FEWEST_WORDS, FEWEST_LETTERS = 12, 20
PLAINLY = 2.0
"""So many times more common words of another language than of its own make a text another language's."""
NAMES = {
    **{"en": "English", "de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese", "zh": "Chinese"},
    **{"ko": "Korean", "ar": "Arabic", "he": "Hebrew", "ru": "Russian", "el": "Greek", "th": "Thai"},
    **{"ka": "Georgian", "hy": "Armenian"},
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
    texts = [word.text for word in words]
    if sum(map(len, texts)) < FEWEST_LETTERS:
        return ""
    found = languages.nearest(texts)
    return "" if found in prose.STOPWORDS and len(texts) < FEWEST_WORDS else found


def spoken(text: str) -> str:
    """The language of a text that nobody named."""
    return detected(Passage("body", text, "").words)


def _foreign(words: Sequence[Word], wanted: str) -> str:
    """The other language that these words are in plainly; empty when they may be in the one wanted."""
    found = detected(words)
    if not found or found == _FAMILY.get(wanted, wanted) or {found, wanted} == {"ja", "zh"}:
        return ""
    if found not in prose.STOPWORDS or wanted in _OTHERWISE_WRITTEN:
        return found
    if wanted not in prose.STOPWORDS:
        return ""
    shares = languages.shares([word.text for word in words])
    return found if shares[found] >= PLAINLY * shares[wanted] else ""


def _told(seen: Seen, span: Span, found: str, severity: Severity) -> Finding:
    passage: Passage = seen.main
    wanted = NAMES.get(seen.facts.language[:2].lower(), seen.facts.language)
    how = f"this is {NAMES[found]}, the persona writes {wanted}: write it in {wanted}"
    if seen.facts.is_offline:
        how = f"this is {NAMES[found]}, as the notes are: set the persona's language to it, or let a model write"
    start = span[0] + len(passage.text[slice(*span)]) - len(passage.text[slice(*span)].lstrip())
    return passage.finding("language", severity, start, span[1], how)
