"""Everything that is counted while somebody's texts go by, in a memory that does not grow with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from regrow.domain import prose
from regrow.domain.brand.learning import candidates, private, pronouns
from regrow.domain.brand.learning.bounded import Bounded
from regrow.domain.brand.learning.readability import LONG_WORD

Syllables = Callable[[str, str], int]
"""How many syllables a word has in a language."""
LONGEST_SENTENCE, LONGEST_PARAGRAPH = 200, 1_000
"""Anything longer counts as this long."""
_STRETCH_WORDS = 250
_PHRASE_WORDS = 100_000
_PHRASES = (3, 4, 5)
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]*]*$")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_HASHTAG = re.compile(r"(?<![\w&/#\\])#[^\W\d_]\w*")
_CONTRACTION = re.compile(
    r"\w+n't$|\w+'(?:re|ve|ll|d|m)$|(?:it|that|there|here|what|who|where|how|he|she|let)'s$", re.IGNORECASE
)
_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("commas", re.compile("[,、，،]")),
    ("dashes", re.compile(r"—|–|(?<=\s)--?(?=\s)|(?<=\w)--(?=\w)")),
    ("semicolons", re.compile("[;；؛]")),
    ("colons", re.compile(r"[:：](?!\d)")),
    ("exclamations", re.compile("[!！]")),
    ("questions", re.compile("[?？؟]")),
    ("parentheses", re.compile("[(\uff08]")),
    ("ellipses", re.compile(r"…|\.{3,}")),
)
MARKS = tuple(name for name, _ in _MARKS)
_QUOTES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("straight", re.compile('"')),
    ("curly", re.compile("[“”]")),
    ("guillemets", re.compile("[«»]")),
    ("low", re.compile("„")),
    ("corner", re.compile("[「」『』]")),
)


class Tally:
    """The counts of all texts of one language."""

    def __init__(self, language: str, syllables: Syllables | None) -> None:
        self.language = language
        self._count_syllables = syllables
        self.texts = self.words = self.sentences = self.characters = self.syllables = self.long_words = self.letters = 0
        self.sentence_words: Counter[int] = Counter()
        self.paragraph_words: Counter[int] = Counter()
        self.text_words: Counter[int] = Counter()
        self.persons: Counter[str] = Counter(dict.fromkeys(pronouns.PERSONS, 0) if pronouns.is_known(language) else {})
        self.marks: Counter[str] = Counter()
        self.quotes: Counter[str] = Counter()
        self.blocks: Counter[str] = Counter()
        self.emoji = self.hashtags = self.contractions = 0
        self.asking = self.exclaiming = 0
        self.vocabulary: Bounded[str] = Bounded(60_000)
        self.capitals: Counter[str] = Counter()
        self.openings: Bounded[str] = Bounded(20_000)
        self.paragraph_openings: Bounded[str] = Bounded(20_000)
        self.phrases: Bounded[tuple[str, ...]] = Bounded(200_000)
        self.candidates = candidates.Candidates()
        self._text_words = 0

    def begin_text(self) -> None:
        self.end_text()
        self.texts += 1

    def end_text(self) -> None:
        if self._text_words:
            self.text_words[self._text_words] += 1
        self._text_words = 0

    def add(self, part: str) -> None:
        """A part of a text that ends where a paragraph does."""
        self.characters += len(part)
        self.hashtags += len(_HASHTAG.findall(part))
        self.emoji += len(_EMOJI.findall(part))
        self.candidates.begin()
        for block in prose.blocks(part):
            self.blocks[block.kind] += 1
            if block.kind == "paragraph" or (block.kind == "item" and _ENDS.search(block.text)):
                self._add_paragraph(block.text, block.kind == "item")
            else:
                self.candidates.begin()

    def _add_paragraph(self, text: str, is_item: bool) -> None:
        kept = private.without(text)
        sentences = [(sentence, found) for sentence in prose.sentences(kept) if (found := prose.words(sentence))]
        for place, (sentence, words) in enumerate(sentences):
            self._add_sentence(sentence, words, is_first=place == 0 and not is_item)
        if sentences and not is_item:
            self.paragraph_words[min(LONGEST_PARAGRAPH, sum(len(words) for _, words in sentences))] += 1
        if is_item or kept != text:
            self.candidates.begin()
        else:
            self.candidates.add([(sentence, len(words)) for sentence, words in sentences], self.texts)

    def _add_sentence(self, sentence: str, words: list[str], is_first: bool) -> None:
        stretch = self.words // _STRETCH_WORDS
        self.sentences += 1
        self.words += len(words)
        self._text_words += len(words)
        self.sentence_words[min(LONGEST_SENTENCE, len(words))] += 1
        self.persons.update(pronouns.counted(sentence, words, self.language))
        for name, pattern in _MARKS:
            self.marks[name] += len(pattern.findall(sentence))
        for name, pattern in _QUOTES:
            self.quotes[name] += len(pattern.findall(sentence))
        end = sentence.rstrip("\"'”’»)]* ")[-1:]
        self.asking += end in "?？؟"
        self.exclaiming += end in "!！"
        self._add_words(sentence, words, stretch)
        for opening in _openings(words):
            self.openings.add(opening, stretch)
            if is_first:
                self.paragraph_openings.add(opening, stretch)
        if self.words <= _PHRASE_WORDS:
            for size in _PHRASES:
                for at in range(len(words) - size + 1):
                    self.phrases.add(tuple(words[at : at + size]), stretch)

    def _add_words(self, sentence: str, words: list[str], stretch: int) -> None:
        for word in words:
            self.letters += len(word)
            self.long_words += len(word) >= LONG_WORD
            self.vocabulary.add(word, stretch)
            if self._count_syllables is not None:
                self.syllables += self._count_syllables(word, self.language)
        if self.language == "en":
            self.contractions += sum("'" in word and _CONTRACTION.match(word) is not None for word in words)
        for name in _capitals(sentence):
            self.capitals[name] += 1
        if len(self.capitals) > 60_000:
            self.capitals = Counter(dict(self.capitals.most_common(30_000)))


def _openings(words: list[str]) -> Iterator[str]:
    """The first word and the first two, without those that hold digits."""
    for size in (1, 2):
        if len(words) >= size and all(word[0].isalpha() for word in words[:size]):
            yield " ".join(words[:size])


_CAPITAL = re.compile(r"(?<=[\w,;:] )[^\W\d_a-zà-ÿ][\w'’-]*")


def _capitals(sentence: str) -> list[str]:
    """Words with a capital inside the sentence, lower-cased: names, in most languages."""
    return [word for found in _CAPITAL.findall(sentence) for word in prose.words(found)[:1]]


def parts_of(text: str, size: int = 20_000) -> Iterator[str]:
    """The text in parts of about that many characters that end where a paragraph does, as far as there are any."""
    start = 0
    while start < len(text):
        if len(text) - start <= size:
            yield text[start:]
            return
        end = text.rfind("\n\n", start + size // 2, start + size)
        end = end if end > 0 else max(text.rfind(mark, start + size // 2, start + size) + 1 for mark in ("\n", " "))
        end = end if end > start else start + size
        yield text[start:end]
        start = end
