"""A voice learned from somebody's own texts: what was measured, words of their own, and passages that stand for them.

Nothing here reads a file or knows a syllable: texts come as they are read, and a counter of syllables with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from regrow.domain.brand import languages
from regrow.domain.brand.learning import candidates, features, private, wording
from regrow.domain.brand.learning.features import Features
from regrow.domain.brand.learning.tally import Syllables, Tally, parts_of
from regrow.kit import errors

FEWEST_WORDS, FEWEST_SENTENCES = 300, 20
MOST_CHARACTERS = 2_000_000
"""So much is read; a voice does not become clearer by more."""
EXAMPLE_CHARACTERS = 1_500
_MOST_LANGUAGES = 6
_SAMPLE_WORDS = 30

Opening = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """`left_out` counts words in other languages, by code; `digest` tells whether the same texts were read again.

    `is_cut` says that there was more than is read.
    """

    language: str
    is_language_guessed: bool
    texts: int
    characters: int
    words: int
    sentences: int
    digest: str
    is_cut: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)
    features: Features = field(default_factory=Features)
    vocabulary: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()
    paragraph_openings: tuple[Opening, ...] = ()
    phrases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def learned(texts: Iterable[str], language: str | None = None, syllables: Syllables | None = None) -> Learned:
    """What the texts say of who wrote them. They are taken one at a time, and no more of them than is read.

    Without a language that of most words is taken, and texts in others are left out. Invalid when there is too little.
    """
    reader = _Reader(language, syllables)
    for text in texts:
        if not reader.read(text):
            break
    return reader.learned()


class _Reader:
    """Reads texts into one tally for each language."""

    def __init__(self, language: str | None, syllables: Syllables | None) -> None:
        self._wanted = (language or "").strip().lower().replace("_", "-").split("-")[0] or None
        self._syllables = syllables
        self._tallies: dict[str, Tally] = {}
        self._digests: list[bytes] = []
        self._characters = 0
        self._is_cut = False

    def read(self, text: str) -> bool:
        """Whether there is room for another one."""
        left = MOST_CHARACTERS - self._characters
        if left <= 0:
            self._is_cut = self._is_cut or bool(text.strip())
            return False
        self._is_cut = self._is_cut or len(text) > left
        text = text[:left]
        if not text.strip():
            return True
        self._characters += len(text)
        self._digests.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        begun: set[int] = set()
        for part in parts_of(text):
            tally = self._tally(part)
            if id(tally) not in begun:
                begun.add(id(tally))
                tally.begin_text()
            tally.add(part)
        return True

    def _tally(self, part: str) -> Tally:
        """That of the part's language; of the one asked for when the part does not say."""
        found = languages.guess(part) or self._wanted or languages.UNKNOWN
        if found not in self._tallies and len(self._tallies) >= _MOST_LANGUAGES:
            found = languages.UNKNOWN
        if found not in self._tallies:
            self._tallies[found] = Tally(found, self._syllables if found == "en" else None)
        return self._tallies[found]

    def learned(self) -> Learned:
        tally = self._chosen()
        if tally.words < FEWEST_WORDS or tally.sentences < FEWEST_SENTENCES:
            raise too_little(tally, self._tallies)
        tally.end_text()
        others = {code or "unknown": other.words for code, other in self._tallies.items() if other is not tally}
        return Learned(
            language=tally.language,
            is_language_guessed=self._wanted is None,
            texts=tally.texts,
            characters=tally.characters,
            words=tally.words,
            sentences=tally.sentences,
            digest=hashlib.sha256(b"".join(sorted(self._digests))).hexdigest(),
            is_cut=self._is_cut,
            left_out={code: words for code, words in sorted(others.items()) if words >= _SAMPLE_WORDS},
            features=features.of(tally),
            vocabulary=wording.vocabulary(tally),
            openings=wording.openings(tally),
            paragraph_openings=wording.paragraph_openings(tally),
            phrases=wording.phrases(tally),
            examples=tally.candidates.chosen(),
        )

    def _chosen(self) -> Tally:
        if self._wanted is not None:
            return self._tallies.get(self._wanted) or Tally(self._wanted, None)
        tallies = sorted(self._tallies.values(), key=lambda tally: (-tally.words, tally.language))
        return tallies[0] if tallies else Tally(languages.UNKNOWN, None)


def too_little(tally: Tally, tallies: Mapping[str, Tally]) -> errors.Invalid:
    """What there is, what is needed, and in which other language there is more."""
    more = [other for other in tallies.values() if other is not tally and other.words >= FEWEST_WORDS]
    hint = f" (there are {more[0].words:,} words in {more[0].language or 'another language'})" if more else ""
    named = f" in {tally.language}" if tally.language else ""
    there = f"{counted(tally.words, 'word')} in {counted(tally.sentences, 'full sentence')}"
    return errors.Invalid(
        f"too little to learn from: {there}{named}{hint}; give at least {FEWEST_WORDS} words in {FEWEST_SENTENCES} "
        "sentences of your own, better 3,000 words. Nothing was stored.",
        "too_little_text",
    )


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s'[: number != 1]}"


def shares(sizes: Sequence[int], most: int = MOST_CHARACTERS) -> list[int]:
    """How much of each text is read: short ones whole, long ones cut to the same length, so that all have a say."""
    found = [0] * len(sizes)
    left = most
    for place, number in enumerate(sorted(range(len(sizes)), key=lambda number: sizes[number])):
        found[number] = min(sizes[number], left // (len(sizes) - place))
        left -= found[number]
    return found


def as_json(found: Learned) -> dict[str, Any]:
    """Plain JSON, which `of` reads back."""
    return asdict(found)


def of(stored: Mapping[str, Any]) -> Learned:
    """From JSON; fields that an older or newer version stored and this one does not know are passed over."""
    known = {each.name for each in fields(Learned)}
    values = {name: value for name, value in stored.items() if name in known}
    names = {each.name for each in fields(Features)}
    measured = {name: value for name, value in values.pop("features", {}).items() if name in names}
    for name in ("vocabulary", "phrases", "examples"):
        values[name] = tuple(values.get(name, ()))
    for name in ("openings", "paragraph_openings"):
        values[name] = tuple((str(words), float(share)) for words, share in values.get(name, ()))
    return Learned(features=Features(**measured), **values)


def with_examples(found: Learned, examples: Sequence[Any]) -> Learned:
    """With passages that a person chose; Invalid for one that is empty, too long or looks private."""
    problems = list(_problems(examples))
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_examples", problems=problems)
    return replace(found, examples=tuple(example.strip() for example in examples))


def _problems(examples: Sequence[Any]) -> Iterator[str]:
    if not isinstance(examples, list | tuple) or len(examples) > candidates.MOST:
        yield f"learned.examples: a list of at most {candidates.MOST} passages"
        return
    for number, example in enumerate(examples):
        if not isinstance(example, str) or not 0 < len(example.strip()) <= EXAMPLE_CHARACTERS:
            yield f"learned.examples.{number}: a passage of 1 to {EXAMPLE_CHARACTERS} characters"
        elif what := private.looks_like(example):
            yield f"learned.examples.{number}: holds what looks like {what}: take it out, prompts are sent to models"
