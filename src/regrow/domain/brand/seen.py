"""What all checks look at: the facts of a variant, and what is worked out from each of its fields once."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property, lru_cache

from regrow.domain import prose
from regrow.domain.brand import folding, masking, phrases
from regrow.domain.brand.findings import MOST_QUOTED, Finding, GuardFacts, Severity
from regrow.domain.brand.phrases import Index, Word
from regrow.domain.writing import Source

PROSE_FIELDS = frozenset({"title", "subject", "preheader", "body", "cta", "text"})
Span = tuple[int, int]
_UNIT = re.compile(r"[^\n]*(?:\n(?![ \t]*+(?:$|\n|[-*+>|]|#{1,6}[ \t]|\d{1,9}[.)][ \t]))[^\n]*)*+")
_LEAD = re.compile(r"[ \t>]*+(?:#{1,6}[ \t]++|[-*+][ \t]++|\d{1,9}[.)][ \t]++)?")
_PARAGRAPH_END = re.compile(r"\n[ \t]*+\n")


class Passage:
    """One field. `prose` has blanks for code and addresses; offsets of everything lead into `text`."""

    def __init__(self, field: str, text: str, language: str) -> None:
        self.field, self.text, self.language = field, text, language

    @cached_property
    def prose(self) -> str:
        return masking.prose(self.text)

    @cached_property
    def folded(self) -> folding.Folded:
        return folding.fold(self.prose)

    @cached_property
    def words(self) -> list[Word]:
        return phrases.words_of(self.folded.text, self.language)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset([word.text for word in self.words])

    @cached_property
    def units(self) -> list[Span]:
        """Paragraphs, headings and items, without their marks."""
        found = []
        for match in _UNIT.finditer(self.prose):
            lead = _LEAD.match(self.prose, match.start(), match.end())
            start = lead.end() if lead else match.start()
            if self.prose[start : match.end()].strip():
                found.append((start, match.end()))
        return found

    @cached_property
    def sentences(self) -> list[Span]:
        flat = self.prose.replace("\n", " ")
        return [span for start, end in self.units for span in prose.sentence_spans(flat, start, end)]

    @cached_property
    def paragraphs(self) -> list[Span]:
        ends = [match.start() for match in _PARAGRAPH_END.finditer(self.prose)]
        starts = [0, *(end + 1 for end in ends)]
        return list(zip(starts, [*ends, len(self.prose)], strict=True))

    @cached_property
    def word_starts(self) -> list[int]:
        """Where each word begins in `text`."""
        starts = self.folded.starts
        return [word.start if starts is None else starts[word.start] for word in self.words]

    def words_in(self, span: Span) -> list[Word]:
        """The words that begin inside a part of the text."""
        return self.words[bisect_left(self.word_starts, span[0]) : bisect_left(self.word_starts, span[1])]

    def count(self, span: Span) -> int:
        """How many words a part of the text has."""
        return bisect_left(self.word_starts, span[1]) - bisect_left(self.word_starts, span[0])

    def hits(self, index: Index) -> Iterator[tuple[str, int, int]]:
        """Phrase, start and end of each place in `text`."""
        if not index.is_empty:
            for hit in phrases.hits(index, self.folded.text, self.words, self.known):
                yield (hit.phrase, *self.folded.span(hit.start, hit.end))

    def finding(self, check: str, severity: Severity, start: int, end: int, how: str) -> Finding:
        """A finding that quotes this part, shortened when it is long."""
        return Finding(check, severity, self.text[start : min(end, start + MOST_QUOTED)], self.field, start, how)


class Seen:
    """A variant as the checks see it."""

    def __init__(self, facts: GuardFacts) -> None:
        self.facts = facts
        self.passages = tuple(Passage(each.field, each.text, facts.language) for each in facts.texts)

    @cached_property
    def prosaic(self) -> tuple[Passage, ...]:
        """The fields that people read as sentences."""
        return tuple(passage for passage in self.passages if passage.field in PROSE_FIELDS)

    @cached_property
    def main(self) -> Passage:
        """The body, or what there is instead of one."""
        for passage in self.prosaic:
            if passage.field in ("body", "text"):
                return passage
        return self.prosaic[0] if self.prosaic else Passage("body", "", self.facts.language)

    @cached_property
    def word_count(self) -> int:
        return sum(len(passage.words) for passage in self.prosaic)

    @property
    def sources(self) -> Told | None:
        return None if self.facts.sources is None else told(self.facts.sources, self.facts.language)

    def missing(self, check: str, severity: Severity, how: str) -> Finding:
        """A finding about something that is not there."""
        return Finding(check, severity, "", self.main.field, 0, how)

    def has_any(self, wanted: tuple[str, ...], is_inflected: bool = False) -> bool:
        """Whether one of these phrases stands somewhere."""
        found = phrases.index(wanted, self.facts.language, is_inflected)
        return any(next(passage.hits(found), None) for passage in self.prosaic)


class Told:
    """What the sources of a text say."""

    def __init__(self, sources: tuple[Source, ...], language: str) -> None:
        self.text = "\n\n".join(f"{source.title}\n\n{source.text}" for source in sources)
        self._passage = Passage("sources", self.text, language)

    @cached_property
    def known(self) -> frozenset[str]:
        return self._passage.known

    def says(self, phrase: str, is_inflected: bool = True) -> bool:
        found = phrases.index((phrase,), self._passage.language, is_inflected)
        return next(self._passage.hits(found), None) is not None


@lru_cache(maxsize=8)
def told(sources: tuple[Source, ...], language: str) -> Told:
    """Read once for all variants that were written from them."""
    return Told(sources, language)
