"""What a text is like, in plain phrases: its place, its opening, its form, whom it speaks to, and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from regrow.domain import personas, prose

SHORTEST_WORD = 4
"""Letters below which a word says little of what a text is about."""
MEDIA = {"blog": "blog articles", "social": "social posts", "email": "e-mails", "article": "articles"}
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve "
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf "
    "deux trois quatre cinq sept huit neuf dix onze douze "
    "dos tres cuatro cinco seis siete ocho nueve diez once doce".split()
)
_FIRST = {
    "en": frozenset("i my me myself we our ours us ourselves".split()),
    "de": frozenset(
        "ich mein meine meinem meinen meiner mich mir wir unser unsere unserem unseren unserer uns".split()
    ),
    "fr": frozenset("je j moi mon ma mes nous notre nos".split()),
    "es": frozenset("yo mi mis me nosotros nosotras nuestro nuestra nuestros nuestras nos".split()),
}
_SECOND = {
    "en": frozenset("you your yours yourself yourselves".split()),
    "de": frozenset("du dein deine deinem deinen deiner deines dich dir euch euer eure".split()),
    "fr": frozenset("tu te toi ton ta tes vous votre vos".split()),
    "es": frozenset("tú ti tu tus te usted ustedes vosotros vosotras vuestro vuestra".split()),
}
# Only in the midst of a sentence do capitals tell the German "you" from "she" and "they".
_POLITE = re.compile(r"(?<=[a-zäöüß,] )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\U0001f1e6-\U0001faff]")
_HASHTAG = re.compile(r"(?<![\w&/#\\])#[^\W\d_]\w*")


@dataclass(frozen=True, slots=True)
class Text:
    """A rated text as far as it is compared: `body` is Markdown, the names are empty where there are none."""

    medium: str
    body: str
    title: str = ""
    platform: str = ""
    persona: str = ""
    angle: str = ""
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portrait:
    """`traits` are phrases that follow "pieces", such as "open with a question"; `words` is what it is about."""

    traits: tuple[str, ...]
    words: frozenset[str]


@lru_cache(maxsize=500)
def portrait(text: Text) -> Portrait:
    """All that is compared of one text; remembered, because the same pieces are compared whenever somebody looks."""
    blocks = [block for block in prose.blocks(text.body) if block.kind != "code"]
    spoken = [each for block in blocks if block.kind != "heading" for each in prose.sentences(block.text)]
    found = prose.words("\n\n".join((text.title, *(block.text for block in blocks))))
    language = language_of(found)
    traits = (
        *_place(text),
        *_opening(spoken),
        *_lengths(text.medium, spoken),
        *_form(text, {block.kind for block in blocks}),
        *_persons(found, language, text.body),
    )
    return Portrait(traits, content_words(found, language))


def language_of(found: Sequence[str]) -> str:
    """The language most of whose commonest words occur; English when none do."""
    every = frozenset(found)
    return max(prose.LANGUAGES, key=lambda language: len(every & prose.stopwords(language)))


def content_words(found: Sequence[str], language: str) -> frozenset[str]:
    """Words that say what a text is about."""
    common = prose.stopwords(language)
    return frozenset(word for word in found if len(word) >= SHORTEST_WORD and word.isalpha() and word not in common)


def _place(text: Text) -> Iterator[str]:
    yield f"are {MEDIA.get(text.medium, text.medium)}"
    if text.platform:
        yield f"are written for {text.platform}"
    if text.persona:
        yield f"are in the voice of {_named(text.persona)}"
    if text.angle:
        yield f"take the angle {_named(text.angle.lower())}"


def _named(name: str) -> str:
    """A name of somebody's making: on one line, short, in quotation marks."""
    return f'"{" ".join(name.split())[:80]}"'


def _opening(spoken: Sequence[str]) -> Iterator[str]:
    if not spoken:
        return
    first = prose.words(spoken[0])[:3]
    if spoken[0].rstrip("\"'”’»)*_ ").endswith(("?", "？")):
        yield "open with a question"
    elif any(word[0].isdigit() for word in first) or _NUMBER_WORDS.intersection(first[:1]):
        yield "open with a number"
    else:
        yield "open with a plain statement"


def _lengths(medium: str, spoken: Sequence[str]) -> Iterator[str]:
    total = sum(len(prose.words(sentence)) for sentence in spoken)
    if not total:
        return
    usual: Any = personas.DEFAULT_VOICE.get(medium, personas.DEFAULT_VOICE["blog"])["words"]
    band = "short" if total * 3 < usual * 2 else "long" if total * 3 > usual * 4 else "of the usual length"
    yield f"are {band} for their medium"
    mean = total / len(spoken)
    size = "short" if mean <= 12 else "long" if mean > 20 else "middling"
    yield f"have {size} sentences"


def _form(text: Text, kinds: set[Any]) -> Iterator[str]:
    yield "have lists" if "item" in kinds else "have no lists"
    yield "have headings" if "heading" in kinds else "have no headings"
    yield "have emoji" if _EMOJI.search(text.body) else "have no emoji"
    yield "have hashtags" if text.hashtags or _HASHTAG.search(text.body) else "have no hashtags"


def _persons(found: Sequence[str], language: str, body: str) -> Iterator[str]:
    parts = {part for word in found for part in word.split("'")}
    yield "speak of themselves (I, we)" if parts & _FIRST[language] else "never say I or we"
    is_spoken_to = bool(parts & _SECOND[language]) or (language == "de" and _POLITE.search(body) is not None)
    yield "speak to the reader (you)" if is_spoken_to else "never address the reader"
