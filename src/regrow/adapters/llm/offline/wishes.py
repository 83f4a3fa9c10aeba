"""What the voice and the instructions ask for, as settings a selection can follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from regrow.adapters.llm.offline import ranking
from regrow.domain import prose
from regrow.domain.writing import Brief, Habits

_SHORTER = re.compile(
    r"\b(?:shorter|short|concise|brief|briefer|tighter|kürzer|knapp|kurz|plus court|más corto)\b", re.I
)
_LONGER = re.compile(r"\b(?:longer|more detail\w*|in depth|in-depth|länger|ausführlich\w*|plus long|más largo)\b", re.I)
_WORD_COUNT = re.compile(r"\b(\d{2,5})[ -](?:words?|wörter\w*|mots|palabras)\b", re.I)
_SHORT_SENTENCES = re.compile(r"\b(?:short(?:er)?|kurze|kürzere) (?:sentences|sätze)\b", re.I)
_LONG_SENTENCES = re.compile(r"\b(?:long(?:er)?|lange|längere) (?:sentences|sätze)\b", re.I)
_LEAD_NUMBER = re.compile(
    r"\b(?:lead|start|open|begin|beginne?|starte?)\w*\b.{0,25}\b(?:number|figure|statistic|data|digit|zahl)\w*", re.I
)
_LEAD_QUESTION = re.compile(r"\b(?:lead|start|open|begin|beginne?)\w*\b.{0,25}\b(?:question|frage)", re.I)
_NO_NUMBERS = re.compile(r"\b(?:no|without|avoid|skip|ohne)\b (?:any )?(?:number|figure|statistic|digit|zahl)\w*", re.I)
_NO_EMOJI = re.compile(r"\b(?:no|without|avoid|skip|ohne) (?:any )?emojis?\b", re.I)
_WITH_EMOJI = re.compile(r"\b(?:use|add|with|mit|include) (?:some |an? |more )?emojis?\b", re.I)
_NO_HASHTAGS = re.compile(r"\b(?:no|without|avoid|skip|ohne) (?:any )?hashtags?\b", re.I)
_AVOID = re.compile(
    r"\b(?:avoid|do(?:n['\u2019]t| not) (?:mention|use|say|write about)|without mentioning|leave out|never mention|"
    r"omit|vermeide|ohne erwähnung von|nicht erwähnen)[: ]+([^.;!?\n]{2,120})",
    re.I,
)
_BIASES: tuple[re.Pattern[str], ...] = (
    re.compile(r"\b(?:practical|hands-on|how[- ]to|steps?|actionable|tips|praktisch|anleitung)\b", re.I),
    re.compile(r"\b(?:story|stories|numbers?|figures?|data|evidence|zahlen|geschichte)\b", re.I),
    re.compile(r"\b(?:why|reasons?|because|explain|warum|gründe)\b", re.I),
    re.compile(r"\b(?:mistakes?|risks?|pitfalls?|problems?|critical|fehler|risiken)\b", re.I),
)
_CONTROL = frozenset(
    """
    focus focuses emphasise emphasize emphasis mention write writing make making shorter short longer long lead
    leading start open begin number numbers figure figures sentence sentences word words version draft post blog
    article text tone please style more less detail details concise brief emoji emojis hashtag hashtags avoid
    without keep include story practical data question reader readers audience about section sections paragraph
    paragraphs title use add variant different again instead better rewrite topic note notes angle hook mehr
    weniger bitte schreibe fokus
    """.split()
)


_ASKS_OFTEN = 0.1
"""Share of questions from which a voice asks often."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for. `bias` is an index into the angles or None, `focus` stems that passages should hold.

    `favoured` are words of a learned voice, `asks` whether it asks its readers often.
    """

    words: int
    sentence_words: int
    person: str
    has_emoji: bool
    hashtags: int
    lead: Literal["", "number", "question"]
    bias: int | None
    focus: frozenset[str]
    use: tuple[str, ...]
    avoid: tuple[str, ...]
    avoids_numbers: bool
    sentence_spread: float = 0.0
    reading_level: int | None = None
    favoured: tuple[str, ...] = ()
    asks: bool = False


def wishes(brief: Brief) -> Wishes:
    """Reads voice and instructions; instructions win where both speak of the same thing."""
    voice, said = brief.voice, brief.instructions[:4_000]
    avoided = [part for clause in _AVOID.findall(said) for part in re.split(r",|\band\b|\bund\b|\bor\b", clause)]
    lead: Literal["", "number", "question"] = ""
    if _LEAD_NUMBER.search(said):
        lead = "number"
    elif _LEAD_QUESTION.search(said):
        lead = "question"
    habits = voice.habits or Habits()
    return Wishes(
        words=_words(voice.words, said),
        sentence_words=_sentence_words(voice.sentence_words, said),
        person=voice.person,
        has_emoji=bool(_WITH_EMOJI.search(said)) or (voice.has_emoji and not _NO_EMOJI.search(said)),
        hashtags=0 if _NO_HASHTAGS.search(said) else max(0, voice.hashtags),
        lead=lead,
        bias=next((number for number, pattern in enumerate(_BIASES) if pattern.search(said)), None),
        focus=_focus(said, brief),
        use=_terms(voice.use),
        avoid=_terms((*voice.avoid, *voice.forbidden, *avoided)),
        avoids_numbers=bool(_NO_NUMBERS.search(said)),
        sentence_spread=habits.sentence_spread,
        reading_level=voice.reading_level,
        favoured=_terms(habits.vocabulary),
        asks=habits.asking_share >= _ASKS_OFTEN,
    )


def _words(asked: int, said: str) -> int:
    if exact := _WORD_COUNT.search(said):
        return min(6_000, max(60, int(exact[1])))
    plain = _LONG_SENTENCES.sub("", _SHORT_SENTENCES.sub("", said))
    factor = 0.6 if _SHORTER.search(plain) else 1.5 if _LONGER.search(plain) else 1.0
    return min(6_000, max(60, round(asked * factor)))


def _sentence_words(asked: int, said: str) -> int:
    if _SHORT_SENTENCES.search(said):
        return min(asked, 10)
    if _LONG_SENTENCES.search(said):
        return max(asked, 28)
    return max(4, asked)


def _terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    joined = (" ".join(prose.words(term)) for term in terms)
    return tuple(dict.fromkeys(term for term in joined if term))


def _focus(said: str, brief: Brief) -> frozenset[str]:
    asked = _AVOID.sub(" ", said)
    control = {ranking.stem(word) for word in _CONTROL}
    return frozenset(ranking.stems(asked, brief.voice.language)) - control


def holds(text: str, terms: tuple[str, ...]) -> bool:
    """Whether one of the terms stands in the text as whole words, in any case or plural."""
    if not terms:
        return False
    padded = f" {' '.join(prose.words(text))} "
    return any(f" {term} " in padded or f" {term}s " in padded for term in terms)
