"""What a learned voice suggests for the settings of a persona; nothing is set before a person accepts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regrow.domain import personas
from regrow.domain.brand import languages
from regrow.domain.brand.learning import readability
from regrow.domain.brand.voice import Learned
from regrow.kit import errors

_EMOJI = 0.5
"""Emoji in 1,000 words from which they belong to the voice."""


def checked_medium(medium: str | None) -> str | None:
    if medium is not None and medium not in personas.MEDIA:
        raise errors.Invalid(
            f"medium: unknown medium {medium[:60]!r}, use one of {', '.join(personas.MEDIA)}", "bad_medium"
        )
    return medium


def suggested(found: Learned, voice: Mapping[str, Any], medium: str | None = None) -> dict[str, dict[str, Any]]:
    """Settings per medium: of one named with its length and hashtags, else of all without their lengths.

    How long posts are does not follow from how long articles are, so lengths and hashtags wait for a named medium;
    hashtags are suggested for posts as well when the texts hold any.
    """
    media = (medium,) if medium else tuple(dict.fromkeys((*personas.DEFAULT_VOICE, *voice)))
    everywhere = dict(_everywhere(found))
    spoken = {name: voice.get(name, {}).get("language", "en") for name in media}
    wanted = {name: {**everywhere, **_of_medium(found, name, medium is not None)} for name in media}
    if found.language in personas.LANGUAGES:
        wanted = {name: _speaking(found.language, spoken[name]) | settings for name, settings in wanted.items()}
    return wanted


def _speaking(language: str, spoken: str) -> dict[str, Any]:
    return {} if spoken[:2] == language else {"language": language}


def _everywhere(found: Learned) -> Iterator[tuple[str, Any]]:
    measured = found.features
    if found.language not in languages.UNSPACED:
        yield "sentence_words", _within("sentence_words", measured.sentence_mean)
    if measured.person is not None:
        yield "person", measured.person
    if measured.reading_level is not None:
        yield "reading_level", readability.as_setting(measured.reading_level)
    yield "has_emoji", measured.emoji >= _EMOJI


def _of_medium(found: Learned, medium: str, is_named: bool) -> dict[str, Any]:
    hashtags = _within("hashtags", found.features.hashtags_per_text)
    if is_named:
        return {"hashtags": hashtags, "words": _within("words", found.features.text_words)}
    return {"hashtags": hashtags} if medium == "social" and hashtags else {}


def _within(name: str, value: float) -> int:
    low, high = personas.RANGES[name]
    return min(high, max(low, round(value)))


def applied(voice: Mapping[str, Any], wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The settings with the suggested ones in place of theirs, checked."""
    media = dict.fromkeys((*voice, *wanted))
    return personas.checked_voice({name: {**voice.get(name, {}), **wanted.get(name, {})} for name in media})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each setting that differs, as `blog.words` with its value before and after."""
    found = []
    for medium in dict.fromkeys((*before, *after)):
        old, new = before.get(medium, {}), after.get(medium, {})
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                found.append((f"{medium}.{name}", old.get(name), new.get(name)))
    return found
