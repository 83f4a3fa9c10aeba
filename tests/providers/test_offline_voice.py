"""Voice and instructions measurably change what the offline writer gives."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import pytest

from regrow.domain import prose
from regrow.domain.writing import (
    Brief,
)
from tests.providers.garden import (
    BRIEF,
    bodies,
    output,
    told,
    voiced,
    without_scaffold,
)


def mean_sentence(brief: Brief) -> float:
    counts = [
        len(prose.words(sentence))
        for body in bodies(brief)
        for part in without_scaffold(body, brief.voice)
        for sentence in prose.sentences(re.sub(r"\[\^\d+\]", "", part))
    ]
    return sum(counts) / len(counts)


def total_words(brief: Brief) -> int:
    return sum(len(prose.words(body)) for body in bodies(brief))


def mentions(word: str) -> Callable[[Brief], int]:
    return lambda brief: sum(body.lower().count(word) for body in bodies(brief))


def emoji(brief: Brief) -> int:
    return len(re.findall("[\u2600-\u27bf\U0001f300-\U0001faff]", str(output(brief, "write_social"))))


def tags(brief: Brief) -> int:
    return sum(len(v["hashtags"]) for post in output(brief, "write_social")["posts"] for v in post["variants"])


def social_characters(brief: Brief) -> int:
    return sum(len(v["text"]) for post in output(brief, "write_social")["posts"] for v in post["variants"])


def leads_with_number(brief: Brief) -> int:
    leads = [re.sub(r"\[\^\d+\]", "", body.split("\n\n")[0]) for body in bodies(brief)]
    return sum(bool(re.search(r"\d", prose.sentences(lead)[0])) for lead in leads)


@pytest.mark.parametrize(
    ("measure", "less", "more"),
    [
        (total_words, voiced(words=200), voiced(words=380)),
        (total_words, told("Make it shorter please"), BRIEF),
        (total_words, told("Write 180 words"), told("Write 380 words")),
        (mean_sentence, voiced(words=200, sentence_words=8), voiced(words=200, sentence_words=24)),
        (mean_sentence, told("short sentences, 200 words"), told("long sentences, 200 words")),
        (mentions("frost"), voiced(words=200, avoid=("frost",)), voiced(words=200, use=("frost",))),
        (mentions("valley"), told("do not mention the valley"), told("focus on growers in the valley")),
        (
            mentions("copper tape"),
            voiced(words=200),
            dataclasses.replace(voiced(words=200), instructions="copper tape"),
        ),
        (leads_with_number, told("no numbers"), told("lead with the number")),
        (emoji, BRIEF, voiced(has_emoji=True)),
        (emoji, dataclasses.replace(voiced(has_emoji=True), instructions="without emoji"), voiced(has_emoji=True)),
        (tags, voiced(hashtags=1), voiced(hashtags=3)),
        (tags, told("no hashtags"), BRIEF),
        (social_characters, voiced(words=30), voiced(words=300)),
        (social_characters, told("shorter"), BRIEF),
    ],
)
def test_voice_and_instructions_change_the_output(measure: Callable[[Brief], float], less: Brief, more: Brief) -> None:
    assert measure(less) < measure(more)


def test_avoided_words_never_appear_and_person_and_tone_change_the_frame() -> None:
    assert not any("children" in body.lower() for body in bodies(voiced(avoid=("Children",))))
    closes = {
        bodies(voiced(person=person, tone=tone))[0].split("\n\n## Sources")[0].split("\n\n")[-1]
        for person in ("first", "first_plural", "second", "third")
        for tone in ("plain", "warm and friendly", "formal", "bold")
    }
    assert len(closes) == 16


FRAMES = [("en", "## Sources"), ("de-DE", "## Quellen"), ("fr", "## Par où commencer")]


@pytest.mark.parametrize(("language", "word"), FRAMES)
def test_the_frame_speaks_the_language(language: str, word: str) -> None:
    assert word in str(output(voiced(language=language)))
