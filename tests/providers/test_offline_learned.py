"""Offline drafts follow a learned voice: length and spread of sentences, its words, its level, its lists."""

from __future__ import annotations

import dataclasses
import re
import statistics

import pytest

from regrow.adapters.llm.offline import rhythm, selection, wishes
from regrow.adapters.llm.offline.passages import Passage, passages
from regrow.domain import personas, prose, suggestions
from regrow.domain.brand import voice
from regrow.domain.brand.learning import readability
from regrow.domain.functions import BY_NAME
from regrow.domain.writing import DEFAULT_PLATFORMS, Brief, Habits, SocialDraft
from regrow.services import syllables
from tests.domain.test_brand_voice import HAROLD, INES
from tests.providers.garden import BRIEF, bodies, output, voiced, without_scaffold

FUNCTIONS = ("write_blog", "write_social", "write_email")


def lengths(brief: Brief) -> list[int]:
    return [
        len(prose.words(sentence))
        for body in bodies(brief)
        for part in without_scaffold(body, brief.voice)
        for sentence in prose.sentences(re.sub(r"\[\^\d+\]", "", part))
    ]


def with_spread(spread: float, **changes: object) -> Brief:
    return voiced(words=200, sentence_words=14, habits=Habits(sentence_spread=spread), **changes)


def of_author(texts: list[str]) -> Brief:
    """The garden brief in the voice learned from an author, with the settings that it suggests."""
    found = voice.learned(texts, None, syllables.count)
    settings = suggestions.applied({}, suggestions.suggested(found, {}))
    made = personas.voice_for("P", settings, {}, "blog", voice.as_json(found))
    return dataclasses.replace(BRIEF, voice=dataclasses.replace(made, words=200))


def test_the_spread_of_sentence_lengths_follows_the_learned_one() -> None:
    narrow, wide = lengths(with_spread(1.0)), lengths(with_spread(12.0))
    assert statistics.pstdev(narrow) < statistics.pstdev(wide)


def test_two_learned_authors_get_different_sentences() -> None:
    ines, harold = lengths(of_author(INES)), lengths(of_author(HAROLD))
    assert statistics.mean(ines) < statistics.mean(harold)
    assert bodies(of_author(INES)) != bodies(of_author(HAROLD))


@pytest.mark.parametrize("texts", [INES, HAROLD])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_draft_in_a_learned_voice_is_complete(function: str, texts: list[str]) -> None:
    brief = dataclasses.replace(of_author(texts), platforms=DEFAULT_PLATFORMS)
    draft = BY_NAME[function].parse(brief, output(brief, function))
    assert draft.posts if isinstance(draft, SocialDraft) else len(draft.variants) == len(brief.labels)


def test_examples_of_the_voice_never_stand_in_a_draft() -> None:
    brief = of_author(INES)
    assert brief.voice.habits is not None
    said = " ".join(str(output(brief, function)) for function in FUNCTIONS)
    for example in brief.voice.habits.examples:
        assert not any(sentence in said for sentence in prose.sentences(example) if len(sentence) > 20)


def level(brief: Brief) -> float:
    text = " ".join(part for body in bodies(brief) for part in without_scaffold(body, brief.voice))
    words = prose.words(text)
    long_words = sum(len(word) >= readability.LONG_WORD for word in words)
    return readability.lix(len(words), len(prose.sentences(text)), long_words)


def test_a_reading_level_chooses_easier_or_harder_sentences() -> None:
    assert level(voiced(words=200, reading_level=3)) < level(voiced(words=200, reading_level=14))


def test_words_of_the_voice_and_forbidden_phrases_are_wishes() -> None:
    asked = wishes.wishes(voiced(habits=Habits(vocabulary=("frost",), asking_share=0.2), forbidden=("Copper Tape",)))
    assert (asked.favoured, asked.asks) == (("frost",), True)
    assert "copper tape" in asked.avoid
    plain = wishes.wishes(BRIEF)
    assert (plain.favoured, plain.asks, plain.sentence_spread, plain.reading_level) == ((), False, 0.0, None)


def test_forbidden_phrases_never_appear() -> None:
    assert "children" in str(bodies(BRIEF)).lower()
    assert "children" not in str(bodies(voiced(forbidden=("Children",)))).lower()


def test_without_a_learned_voice_nothing_changes() -> None:
    asked = wishes.wishes(BRIEF)
    assert selection.pool(BRIEF, passages(BRIEF.sources), asked).rhythm is None
    assert bodies(voiced(habits=Habits())) == bodies(BRIEF)


def test_a_passage_that_brings_mean_and_spread_nearer_costs_less() -> None:
    def passage(*counts: int) -> Passage:
        return Passage(0, 0, 0, tuple(" ".join(["word"] * count) for count in counts))

    found = rhythm.rhythm([passage(10), passage(10), passage(4), passage(30), passage(16)], 10.0, 6.0)
    assert found is not None
    after_even = found.penalty([0])
    assert after_even[4] < after_even[1]
    assert after_even[2] < after_even[3]
    assert found.penalty([2])[4] < found.penalty([2])[1]
    assert rhythm.rhythm([passage(10)], 10.0, 0.0) is None
