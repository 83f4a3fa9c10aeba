"""What was meant for nobody's eyes: titles of private notes, comments, and marks of secrecy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from regrow.domain import prose
from regrow.domain.brand import folding, phrases
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Passage, Seen

_SECRET: tuple[str, ...] = (
    *("do not publish", "not for publication", "internal use only", "strictly confidential", "off the record"),
    *("nicht veröffentlichen", "nur intern", "streng vertraulich", "nur für den internen gebrauch"),
    *("ne pas publier", "usage interne uniquement", "strictement confidentiel"),
    *("no publicar", "solo para uso interno", "estrictamente confidencial"),
    *("社外秘", "公開禁止", "سري للغاية", "ليس للنشر"),
)
_MARK = re.compile(
    r"(?<![\w&/#])#(?:private|privat|privé|privado|secret|confidential)\b"
    r"|^[ \t]*(?:private|privat|visibility|publish)[ \t]*::?[ \t]*(?:true|yes|ja|private|false)\b",
    re.IGNORECASE | re.MULTILINE,
)
_FEWEST_WORDS, _FEWEST_LETTERS = 2, 8


def private_notes(seen: Seen) -> Iterator[Finding]:
    """Titles of private notes, unless a source says them too; comments left in; marks of secrecy."""
    language = seen.facts.language
    titles = _telling(seen.facts.private, language)
    secret = phrases.index(_SECRET, "")
    for passage in seen.passages:
        for phrase, start, end in passage.hits(titles):
            if seen.sources is None or not seen.sources.says(phrase, False):
                how = "this is the title of a private note: leave it out"
                yield passage.finding("private_notes", "veto", start, end, how)
        for phrase, start, end in passage.hits(secret):
            how = f"{phrase!r} marks what is not for readers: take out the mark and what it belongs to"
            yield passage.finding("private_notes", "veto", start, end, how)
        for match in _MARK.finditer(passage.prose):
            how = "this marks a private note: take out the mark and what came with it"
            yield passage.finding("private_notes", "veto", match.start(), match.end(), how)
        yield from _comments(passage)


def _comments(passage: Passage) -> Iterator[Finding]:
    for opener, closer in (("<!--", "-->"), ("%%", "%%")):
        start = passage.text.find(opener)
        while start >= 0:
            end = passage.text.find(closer, start + len(opener))
            if end < 0:
                break
            how = "a comment is not for readers: take it out"
            yield passage.finding("private_notes", "major", start, end + len(closer), how)
            start = passage.text.find(opener, end + len(closer))


@lru_cache(maxsize=32)
def _telling(titles: tuple[str, ...], language: str) -> phrases.Index:
    """Titles that are told apart from everyday words: of several words, or long ones."""
    kept = []
    stopwords = prose.stopwords(language)
    for title in titles:
        words = [word.text for word in phrases.words_of(folding.fold(title).text, language)]
        named = [word for word in words if word not in stopwords]
        if len(named) >= _FEWEST_WORDS and sum(map(len, named)) >= _FEWEST_LETTERS:
            kept.append(title)
    return phrases.index(tuple(kept), language, False)
