"""Voice settings: what may be set per medium, the defaults, and the voice that comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regrow.domain.brand import guidelines as brand_guidelines
from regrow.domain.brand import telling
from regrow.domain.brand import voice as brand_voice
from regrow.domain.brand.learning import readability
from regrow.domain.writing import Habits, Voice
from regrow.kit import errors

MEDIA = ("blog", "social", "email", "article")
_PLAIN = {"tone": "plain", "person": "second", "has_emoji": False}
DEFAULT_VOICE: dict[str, dict[str, Any]] = {
    "blog": {**_PLAIN, "words": 800, "sentence_words": 20, "hashtags": 0},
    "social": {**_PLAIN, "words": 60, "sentence_words": 16, "hashtags": 3},
    "email": {**_PLAIN, "words": 250, "sentence_words": 16, "hashtags": 0},
}
TONES = ("plain", "friendly", "formal", "lively", "expert")
PERSONS = ("first", "first_plural", "second", "third")
LANGUAGES = ("en", "de", "fr", "es")
RANGES: dict[str, tuple[int, int]] = {
    "words": (20, 5_000),
    "sentence_words": (6, 40),
    "hashtags": (0, 10),
    "reading_level": (readability.LOWEST, readability.HIGHEST),
}
OPTIONAL = frozenset(("reading_level",))
"""Settings that may be none."""
CHOICES: dict[str, tuple[str, ...]] = {"tone": TONES, "person": PERSONS, "language": LANGUAGES}


def checked_voice(voice: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Voice settings per medium, completed with the defaults; Invalid names every setting that is off."""
    problems: list[str] = []
    done = {medium: dict(settings) for medium, settings in DEFAULT_VOICE.items()}
    for medium, settings in voice.items():
        if medium not in MEDIA:
            problems.append(f"voice.{medium}: unknown medium, use one of {', '.join(MEDIA)}")
        elif not isinstance(settings, Mapping):
            problems.append(f"voice.{medium}: must be an object of settings")
        else:
            problems += [p for name, value in settings.items() if (p := _problem(medium, name, value))]
            done[medium] = {**DEFAULT_VOICE.get(medium, DEFAULT_VOICE["blog"]), **settings}
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_voice", problems=problems)
    return done


def _problem(medium: str, name: str, value: Any) -> str | None:
    where = f"voice.{medium}.{name}"
    if name in OPTIONAL and value is None:
        return None
    if name in RANGES:
        low, high = RANGES[name]
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        also = " or none" if name in OPTIONAL else ""
        return None if is_whole and low <= value <= high else f"{where}: a whole number from {low} to {high}{also}"
    if name in CHOICES:
        return None if value in CHOICES[name] else f"{where}: one of {', '.join(CHOICES[name])}"
    if name == "has_emoji":
        return None if isinstance(value, bool) else f"{where}: true or false"
    return f"{where}: unknown setting, use {', '.join([*RANGES, *CHOICES, 'has_emoji'])}"


def voice_for(
    name: str,
    voice: Mapping[str, Any],
    guidelines: Mapping[str, Any],
    medium: str,
    learned: Mapping[str, Any] | None = None,
) -> Voice:
    """The voice one persona has in one medium, with what was learned of it."""
    settings = voice.get(medium) or DEFAULT_VOICE.get(medium) or DEFAULT_VOICE["blog"]
    lists: dict[str, Any] = {name: tuple(guidelines.get(name, ())) for name in brand_guidelines.NAMES}
    return Voice(persona=name, **lists, **settings, habits=_habits(learned) if learned else None)


def _habits(stored: Mapping[str, Any]) -> Habits:
    found = brand_voice.of(stored)
    return Habits(
        told=telling.habits(found),
        examples=found.examples,
        sentence_spread=found.features.sentence_spread,
        asking_share=found.features.asking_share,
        vocabulary=found.vocabulary,
    )
