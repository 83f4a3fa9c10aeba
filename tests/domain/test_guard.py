"""The verdict: how a score comes of findings, what a veto does, and that no text, however hostile, breaks a check."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import regrow
from regrow.domain.brand import folding, guard, inflections
from regrow.domain.brand.findings import Finding, GuardFacts, Text
from regrow.domain.brand.guard import Severity, Verdict
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.writing import Source, Voice
from regrow.testing import hostile_texts

SEVERITIES: st.SearchStrategy[list[Severity]] = st.lists(st.sampled_from(["veto", "major", "minor"]), max_size=60)
NOTES = Path(regrow.__file__).parent / "samples" / "notes"
WIKILINK = re.compile(r"!?\[\[([^\[\]|#]*)[^\[\]|]*(?:\|([^\[\]]*))?\]\]")
MOST_PER_1000_WORDS = 2.0
LARGE = 100_000


def judged(body: str, **more: object) -> Verdict:
    return guard.judged(GuardFacts(texts=(Text("body", body),), **more))  # type: ignore[arg-type]


@given(SEVERITIES, SEVERITIES, st.integers(0, 10_000))
def test_more_findings_never_raise_the_score(some: list[Severity], more: list[Severity], words: int) -> None:
    assert 0.0 <= guard.score_of([*some, *more], words) <= guard.score_of(some, words) <= 1.0


@given(SEVERITIES, st.integers(0, 10_000))
def test_a_veto_always_fails(some: list[Severity], words: int) -> None:
    assert guard.score_of(["veto", *some], words) <= guard.VETO_CAP < guard.PASS_AT


@given(SEVERITIES, st.integers(0, 5_000), st.integers(0, 5_000))
def test_a_longer_text_may_have_as_much_wrong_with_it(some: list[Severity], words: int, more: int) -> None:
    assert guard.score_of(some, words + more) >= guard.score_of(some, words)


@pytest.mark.parametrize(
    ("severities", "words", "passes"),
    [
        ([], 0, True),
        (["minor"] * 7, 100, True),
        (["minor"] * 8, 100, False),
        (["major"], 60, True),
        (["major"] * 2, 200, False),
        (["major"] * 2, 800, True),
        (["major"] * 3, 800, False),
        (["minor"] * 15, 800, False),
        (["veto"], 60, False),
        (["veto"], 5_000, False),
    ],
)
def test_what_is_enough_to_fail(severities: list[Severity], words: int, passes: bool) -> None:
    assert (guard.score_of(severities, words) >= guard.PASS_AT) is passes


def test_a_sound_text_scores_one() -> None:
    assert judged("The loaf is back on the shelf.") == Verdict(1.0, True, (), "rules")


def test_a_piece_is_as_good_as_its_worst_variant() -> None:
    bad = judged("The loaf is back, [insert name].")
    told = guard.merged({"A": judged("The loaf is back."), "B": bad})
    assert (told.score, told.passed, told.method) == (bad.score, False, "rules")
    assert guard.as_json(told) == {
        "score": bad.score,
        "passed": False,
        "method": "rules",
        "findings": [
            {
                "check": "placeholders",
                "severity": "veto",
                "quote": "[insert name]",
                "field": "body",
                "start": 18,
                "label": "B",
                "how": bad.findings[0].how,
            }
        ],
    }


def test_a_piece_without_variants_does_not_pass() -> None:
    assert guard.merged({}).passed is False


def test_every_check_has_a_name_of_its_own_and_findings_are_bounded() -> None:
    names = [check.__name__ for check in guard.GUARD_CHECKS]
    assert len(names) == len(set(names)) >= 17
    found = judged("{{a}} " * 500, guidelines=Guidelines(forbidden=("a",))).findings
    assert len([each for each in found if each.check == "placeholders"]) == guard.MOST_FINDINGS


@pytest.mark.parametrize("is_offline", [True, False])
def test_the_offline_writer_cannot_translate(is_offline: bool) -> None:
    german = "Das Brot ist heute nicht so gut wie gestern, aber wir haben noch ein anderes und das ist besser."
    verdict = judged(german, language="en", is_offline=is_offline)
    assert [each.severity for each in verdict.findings] == ["major" if is_offline else "veto"]
    assert verdict.passed is is_offline


def test_limits_of_the_persona() -> None:
    voice = Voice("x", words=20, sentence_words=6)
    wordy = ("We take some of the flour that came in with the van and put it by the door of the shop today. ") * 1
    told = judged(wordy * 5, voice=voice)
    assert {each.check for each in told.findings} >= {"length", "reading_level", "repetition"}
    assert not judged(wordy, voice=Voice("x", words=20)).findings


def test_the_numbers_of_footnotes_are_nobodys_claim() -> None:
    body = "The loaf is back on the shelf.[^7]\n\n[^7]: Shop Overview"
    source = (Source("not_1", "Shop Overview", "The loaf is back on the shelf."),)
    assert judged(body, sources=source) == Verdict(1.0, True, (), "rules")
    told = judged(body.replace("shelf", "shelf for 7 days"), sources=source)
    assert [(finding.check, finding.quote) for finding in told.findings] == [("numbers", "7")]


def test_nothing_to_read_is_no_text() -> None:
    for facts in (GuardFacts(), GuardFacts(texts=(Text("body", ""),)), GuardFacts(texts=(Text("title", "Bread"),))):
        verdict = guard.judged(facts)
        assert verdict.passed is (facts.texts == (Text("title", "Bread"),))


@pytest.mark.parametrize(
    ("word", "language", "is_form", "is_none"),
    [
        ("try", "en", ("tries", "tried", "trying"), ("trial", "tryst")),
        ("cheap", "en", ("cheaper", "cheapest", "cheaply"), ("cheapskate",)),
        ("count", "en", ("counts", "counted"), ("counter", "county")),
        ("haus", "de", ("häuser", "hauses"), ("hausherr", "rathaus")),
        ("national", "fr", ("nationaux", "nationale"), ("nation",)),
        ("feliz", "es", ("felices",), ("felicidad",)),
        ("it", "en", ("it",), ("item", "iting")),
    ],
)
def test_inflections(word: str, language: str, is_form: tuple[str, ...], is_none: tuple[str, ...]) -> None:
    found = inflections.forms(word, language)
    assert found.issuperset({word, *is_form})
    assert found.isdisjoint(is_none)


@given(st.text(max_size=200))
def test_folded_text_leads_back_to_the_original(text: str) -> None:
    folded = folding.fold(text)
    for place in range(len(folded.text)):
        start, end = folded.span(place, place + 1)
        assert 0 <= start < end <= len(text)


NASTY = hostile_texts.of(LARGE)


@pytest.mark.parametrize("name", NASTY)
def test_hostile_texts_are_judged(name: str) -> None:
    phrases = ("cheap", "a b", "(a+)+$", ".*", "[[", "\\")
    facts = GuardFacts(
        texts=(Text("title", NASTY[name][:200]), Text("body", NASTY[name])),
        guidelines=Guidelines(forbidden=phrases, required=("bread",), claims=("best",), disclaimers=("none",)),
        sources=(Source("not_1", "t", NASTY[name]),),
        private=("Staff Pay 2024",),
        voice=Voice("x"),
    )
    verdict = guard.judged(facts)
    assert 0.0 <= verdict.score <= guard.VETO_CAP


def test_guidelines_full_of_signs() -> None:
    signs = tuple(f"({number}+)+$[^{number}]*\\" for number in range(200))
    verdict = judged("A plain loaf. " * 700, guidelines=Guidelines(forbidden=signs, avoid=signs, competitors=signs))
    assert {each.check for each in verdict.findings} == {"repetition"}
    assert judged(f"Here {signs[7]} stands.", guidelines=Guidelines(forbidden=signs)).findings[0].quote == signs[7]


TEXTS = st.text(st.sampled_from("ab .,!?\n#*[]()<>{}`_|-:/@+0123456789éßİ'\u0301\u200b\x00パخ🥐"), max_size=120)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["en", "de", "fr", "es", "ja", "ar", "", "xx"]))
def test_any_text_is_judged_and_quoted_word_for_word(body: str, phrase: str, language: str) -> None:
    guidelines = Guidelines(forbidden=(phrase,), avoid=(phrase,), required=(phrase,), claims=(phrase,))
    facts = GuardFacts(
        texts=(Text("title", phrase), Text("body", body)), language=language, guidelines=guidelines, sources=()
    )
    texts = {each.field: each.text for each in facts.texts}
    for finding in guard.judged(facts).findings:
        assert texts[finding.field].startswith(finding.quote, finding.start)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["bread", "rye", "oven"]), min_size=1, max_size=5), st.sampled_from(["bread", "rye"]))
def test_a_forbidden_word_is_found_wherever_it_stands(words: list[str], forbidden: str) -> None:
    found = judged(" ".join(words), guidelines=Guidelines(forbidden=(forbidden,))).findings
    assert [each.quote for each in found if each.check == "forbidden_words"] == [w for w in words if w == forbidden]


def read(path: Path) -> str:
    """A note as a text of its own, with its links as words: between notes they are no fault."""
    return WIKILINK.sub(lambda link: link[2] or link[1], path.read_text("utf-8"))


def found_in_notes(is_wanted: Callable[[Path], bool]) -> tuple[list[Finding], int]:
    texts = [read(path) for path in sorted(NOTES.rglob("*.md")) if is_wanted(path)]
    return [each for text in texts for each in judged(text).findings], sum(len(text.split()) for text in texts)


def test_the_bundled_notes_raise_few_alarms() -> None:
    found, words = found_in_notes(lambda path: True)
    assert words > 10_000
    assert 1_000 * len(found) / words < MOST_PER_1000_WORDS


def test_in_the_bundled_notes_every_alarm_has_its_reason() -> None:
    """Templates with braces, comments that were left in, a forged mail and a link to a stand-in: nothing else."""
    found, _words = found_in_notes(lambda path: "templates" not in path.parts)
    assert {each.check for each in found} <= {"private_notes", "links", "length"}
    assert len(found) <= 12
