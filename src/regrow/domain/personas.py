"""Voice settings: what may be set per medium, the defaults, and the voice that comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regrow.domain.writing import Voice
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
RANGES: dict[str, tuple[int, int]] = {"words": (20, 5_000), "sentence_words": (6, 40), "hashtags": (0, 10)}
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
    if name in RANGES:
        low, high = RANGES[name]
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return None if is_whole and low <= value <= high else f"{where}: a whole number from {low} to {high}"
    if name in CHOICES:
        return None if value in CHOICES[name] else f"{where}: one of {', '.join(CHOICES[name])}"
    if name == "has_emoji":
        return None if isinstance(value, bool) else f"{where}: true or false"
    return f"{where}: unknown setting, use {', '.join([*RANGES, *CHOICES, 'has_emoji'])}"


def checked_guidelines(guidelines: Mapping[str, Any]) -> dict[str, list[str]]:
    """Words to use and to avoid, as lists of short texts."""
    problems = [f"guidelines.{name}: unknown, use use or avoid" for name in guidelines if name not in ("use", "avoid")]
    done: dict[str, list[str]] = {"use": [], "avoid": []}
    for name in done:
        words = guidelines.get(name, [])
        if not isinstance(words, list) or len(words) > 200 or not all(_is_word(word) for word in words):
            problems.append(f"guidelines.{name}: a list of at most 200 words or phrases of 1 to 100 characters")
        else:
            done[name] = words
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_guidelines", problems=problems)
    return done


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and 0 < len(word.strip()) <= 100


def voice_for(name: str, voice: Mapping[str, Any], guidelines: Mapping[str, Any], medium: str) -> Voice:
    """The voice one persona has in one medium."""
    settings = voice.get(medium) or DEFAULT_VOICE.get(medium) or DEFAULT_VOICE["blog"]
    return Voice(
        persona=name,
        use=tuple(guidelines.get("use", ())),
        avoid=tuple(guidelines.get("avoid", ())),
        **settings,
    )
