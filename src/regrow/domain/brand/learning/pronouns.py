"""Who speaks and who is spoken to, by the pronouns of a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

PERSONS = ("first", "we", "you", "third")
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "first": "i i'm i've i'd i'll me my mine myself",
        "we": "we we're we've we'd we'll us our ours ourselves",
        "you": "you you're you've you'd you'll your yours yourself yourselves",
        "third": "he she they him her them his hers their theirs he's she's they're they've they'd they'll",
    },
    "de": {
        "first": "ich mich mir mein meine meinen meinem meiner meines",
        "we": "wir uns unser unsere unseren unserem unserer unseres",
        "you": "du dich dir dein deine deinen deinem deiner deines euch euer eure euren eurem eurer",
        "third": "er ihn ihm sie ihnen ihr ihre ihren ihrem ihrer ihres",
    },
    "fr": {
        "first": "je j'ai moi me mon ma mes mien mienne",
        "we": "nous notre nos nôtre",
        "you": "tu te toi ton ta tes vous votre vos vôtre",
        "third": "il elle ils elles lui leur leurs eux",
    },
    "es": {
        "first": "yo me mí mi mis mío mía conmigo",
        "we": "nosotros nosotras nos nuestro nuestra nuestros nuestras",
        "you": "tú te ti tu tus vosotros vosotras os usted ustedes contigo",
        "third": "él ella ellos ellas le les lo los",
    },
}
_PERSON_OF = {code: {word: who for who, held in by.items() for word in held.split()} for code, by in _WORDS.items()}
_GERMAN_FORMAL = re.compile(r"(?<=[\w,;:] )(?:Sie|Ihnen|Ihre?[mnrs]?)\b")
_FEWEST = 8.0
"""Pronouns of a speaker or a reader in 1,000 words below which a text speaks of its matter alone."""


def counted(sentence: str, words: list[str], language: str) -> Counter[str]:
    """How often each person is named; nothing for a language whose pronouns are not known."""
    persons = _PERSON_OF.get(language, {})
    found = Counter(persons[word] for word in words if word in persons)
    if language == "de" and (formal := len(_GERMAN_FORMAL.findall(sentence))):
        found["you"] += formal
        found["third"] -= formal
    return found


def as_setting(counts: Mapping[str, int], words: int) -> str | None:
    """The person of a voice; None when no pronoun was counted because the language is not known."""
    if not counts or not words:
        return None
    speaking = {"first": counts.get("first", 0), "first_plural": counts.get("we", 0), "second": counts.get("you", 0)}
    if 1_000 * sum(speaking.values()) / words < _FEWEST:
        return "third"
    return max(speaking, key=lambda who: speaking[who])


def is_known(language: str) -> bool:
    return language in _PERSON_OF
