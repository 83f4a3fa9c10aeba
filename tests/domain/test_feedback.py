"""Ratings summed up, what they say of a context, and what rated texts have in common."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import feedback
from regrow.domain.contexts import Confidence, Validation
from regrow.domain.feedback import Rating, Text
from regrow.domain.feedback.traits import portrait
from regrow.kit import errors

PEOPLE = st.sampled_from(["anna", "ben", "chris", "dana", "eve"])
SAID = st.lists(st.tuples(PEOPLE, st.sampled_from(list(Rating))), max_size=12)


@pytest.mark.parametrize(
    ("ratings", "validation", "confidence"),
    [
        ((Rating.EXCELLENT, Rating.GOOD), Validation.APPROVED, Confidence.VALIDATED),
        ((Rating.ACCEPTABLE,), Validation.CONDITIONALLY_APPROVED, Confidence.CONFIDENT),
        ((Rating.POOR, Rating.UNACCEPTABLE), Validation.REJECTED, Confidence.UNCERTAIN),
    ],
)
def test_what_a_rating_says_of_a_context(
    ratings: tuple[Rating, ...], validation: Validation, confidence: Confidence
) -> None:
    assert {feedback.verdict(rating) for rating in ratings} == {feedback.Verdict(validation, confidence)}


def test_nobody_has_rated() -> None:
    assert feedback.summary([]) == feedback.Summary(None, 0, dict.fromkeys(Rating, 0))


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ("good", "good"),
        ("excellent poor", "poor"),
        ("good excellent", "good"),
        ("unacceptable good excellent", "good"),
        ("excellent excellent poor poor", "poor"),
        ("excellent good acceptable poor", "acceptable"),
        ("excellent good acceptable poor unacceptable", "acceptable"),
    ],
)
def test_the_lower_median(ratings: str, expected: str) -> None:
    summed = feedback.summary((f"person {n}", Rating(name)) for n, name in enumerate(ratings.split()))
    assert summed.rating == expected
    assert summed.people == len(ratings.split()) == sum(summed.counts.values())


@given(st.dictionaries(PEOPLE, st.sampled_from(list(Rating))), st.randoms(use_true_random=False))
def test_in_which_order_different_people_come_does_not_matter(said: dict[str, Rating], random: object) -> None:
    shuffled = list(said.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert feedback.summary(shuffled) == feedback.summary(said.items())


@given(SAID, PEOPLE, st.sampled_from(list(Rating)))
def test_a_newer_rating_replaces_the_earlier_ones_of_the_same_person(
    said: list[tuple[str, Rating]], person: str, rating: Rating
) -> None:
    without = [each for each in said if each[0] != person]
    assert feedback.summary([*said, (person, rating)]) == feedback.summary([*without, (person, rating)])


@given(SAID.filter(bool))
def test_at_most_half_of_the_people_think_worse_and_at_least_half_no_better(said: list[tuple[str, Rating]]) -> None:
    summed = feedback.summary(said)
    assert summed.rating is not None
    place = feedback.WORST_FIRST.index(summed.rating)
    worse = sum(summed.counts[rating] for rating in feedback.WORST_FIRST[:place])
    assert worse * 2 < summed.people
    assert (worse + summed.counts[summed.rating]) * 2 >= summed.people


def test_what_is_checked_comes_back_tidy() -> None:
    assert feedback.checked("poor", "  too long \n") == (Rating.POOR, "too long")


@pytest.mark.parametrize(
    ("rating", "comment", "told"),
    [
        ("great", "", "'great' is none, use one of excellent, good, acceptable, poor, unacceptable"),
        ("GOOD", "", "'GOOD' is none"),
        ("x" * 5_000, "", "x' is none"),
        ("good", "c" * 2_001, "at most 2000 characters, this has 2001"),
        ("good", "a\x00b", "NUL"),
        ("good", "\ud800", "half a character"),
    ],
)
def test_what_is_off_is_told(rating: str, comment: str, told: str) -> None:
    with pytest.raises(errors.Invalid, match=re.escape(told)) as caught:
        feedback.checked(rating, comment)
    assert len(caught.value.more["problems"]) == 1
    assert len(caught.value.detail) < 300


def test_everything_that_is_off_is_told_at_once() -> None:
    with pytest.raises(errors.Invalid) as caught:
        feedback.checked("fine", "c" * 3_000)
    assert len(caught.value.more["problems"]) == 2


ENGLISH_HIGH = [
    Text("social", f"{number} loaves came out of the oven today. You can bake them yourself with patience.", "", "x")
    for number in (3, 12, 40, 7)
] + [Text("social", "Do you bake with rye? Your oven needs patience.", "", "linkedin")]
ENGLISH_LOW = [
    Text("social", "We are glad to announce our new product. It is the best that was ever made.", "", "x"),
    Text("social", "We have won a prize. The jury liked our marvellous brochure.", "", "x"),
    Text("social", "5 reasons to buy our product. It is the best.", "", "x"),
    Text("social", "Announcements are what we like best. The product is here.", "", "linkedin"),
]


def test_what_english_texts_have_in_common() -> None:
    found = feedback.in_common(ENGLISH_HIGH, ENGLISH_LOW)
    assert "4 of the 5 highly rated pieces open with a number; 1 of the 4 poorly rated ones does." in found.high
    assert "All 5 highly rated pieces speak to the reader (you); none of the 4 poorly rated ones does." in found.high
    assert 'All 5 highly rated pieces use the word "patience"; none of the 4 poorly rated ones does.' in found.high
    assert "All 4 poorly rated pieces speak of themselves (I, we); none of the 5 highly rated ones does." in found.low
    assert '3 of the 4 poorly rated pieces use the word "product"; none of the 5 highly rated ones does.' in found.low
    told = " ".join((*found.high, *found.low))
    assert "social posts" not in told
    assert "%" not in told


def test_what_german_texts_have_in_common() -> None:
    high = [
        Text("blog", "# Brot\n\nWarum reißt die Kruste? Das liegt am Dampf.\n\n- Wasser\n- Salz", angle="Praxis"),
        Text("blog", "## Teig\n\nWie lange ruht der Teig? Du wartest auf den Sauerteig.\n\n* Mehl", angle="praxis"),
    ]
    low = [
        Text("blog", "Der Sauerteig ist alt und wir mögen ihn sehr.", angle="Zahlen"),
        Text("blog", "Die Firma hat gewonnen und das freut uns.", angle="Zahlen"),
        Text("blog", "Zwei Öfen sind besser als einer.", angle="Zahlen"),
    ]
    found = feedback.in_common(high, low)
    for phrase in ("open with a question", "have lists", "have headings", 'take the angle "praxis"'):
        verb = "has" if phrase.startswith("have") else "does"
        sentence = f"Both highly rated pieces {phrase}; none of the 3 poorly rated ones {verb}."
        assert sentence in found.high
    assert (
        "2 of the 3 poorly rated pieces speak of themselves (I, we); none of the 2 highly rated ones does." in found.low
    )
    assert not any('word "das"' in sentence or 'word "wir"' in sentence for sentence in (*found.high, *found.low))


def test_places_voices_and_forms_are_told() -> None:
    high = [
        Text("social", "Bread \N{HUGGING FACE} is good.", platform="mastodon", persona="Baker", hashtags=("bread",)),
        Text("social", "Rolls \u2600 are good. #rolls", platform="mastodon", persona="Baker"),
    ]
    low = [Text("blog", "word " * 1_200), Text("blog", "other " * 1_200)]
    told = feedback.in_common(high, low)
    for phrase, verb in (
        ("are social posts", "is"),
        ("are written for mastodon", "is"),
        ('are in the voice of "Baker"', "is"),
        ("have emoji", "has"),
        ("have hashtags", "has"),
        ("have short sentences", "has"),
        ("are short for their medium", "is"),
    ):
        assert f"Both highly rated pieces {phrase}; none of the 2 poorly rated ones {verb}." in told.high
    assert "Both poorly rated pieces are long for their medium; none of the 2 highly rated ones is." in told.low


@pytest.mark.parametrize(("high", "low"), [(0, 0), (1, 5), (5, 1), (2, 0)])
def test_too_little_is_said_plainly(high: int, low: int) -> None:
    found = feedback.in_common(ENGLISH_HIGH[:1] * high, ENGLISH_LOW[:1] * low)
    expected = f"Too little to compare: rate at least two pieces high and two low. So far {high} high and {low} low."
    assert (found.high, found.low) == ((expected,), (expected,))


def test_texts_that_are_alike_are_not_set_apart() -> None:
    found = feedback.in_common(ENGLISH_HIGH, ENGLISH_HIGH)
    assert found.high == ("Nothing sets the highly rated pieces apart from the poorly rated ones so far.",)
    assert found.low == ("Nothing sets the poorly rated pieces apart from the highly rated ones so far.",)


def test_a_small_difference_between_many_pieces_is_not_told() -> None:
    asks, states = Text("social", "Why bake?"), Text("social", "Bread rises.")
    found = feedback.in_common([asks] * 104 + [states] * 96, [asks] * 96 + [states] * 104)
    assert found.high == ("Nothing sets the highly rated pieces apart from the poorly rated ones so far.",)
    assert found.low == ("Nothing sets the poorly rated pieces apart from the highly rated ones so far.",)


@given(st.lists(st.sampled_from(ENGLISH_HIGH + ENGLISH_LOW), min_size=2, max_size=8), st.data())
def test_every_sentence_counts_a_majority_of_at_least_two(high: list[Text], data: st.DataObject) -> None:
    low = data.draw(st.lists(st.sampled_from(ENGLISH_HIGH + ENGLISH_LOW), min_size=2, max_size=8))
    for sentence in feedback.in_common(high, low).high:
        if sentence.startswith("Nothing sets"):
            continue
        told = re.fullmatch(r"(Both|All (\d+)|(\d+) of the (\d+)) .*; (\d+|none) of the (\d+) .*\.", sentence)
        assert told is not None, sentence
        count = 2 if told[1] == "Both" else int(told[2] or told[3])
        assert count >= 2
        other = 0 if told[5] == "none" else int(told[5])
        assert count * 2 > len(high)
        assert other * 2 < len(low)
        assert count / len(high) >= 2 * other / len(low)
    assert len([each for each in feedback.in_common(high, low).high if "use the word" in each]) <= 5


@given(st.lists(st.text(max_size=60), min_size=2, max_size=4), st.lists(st.text(max_size=60), min_size=2, max_size=4))
def test_any_text_can_be_compared_in_any_order(high: list[str], low: list[str]) -> None:
    above, below = ([Text("social", body, title=body, persona=body) for body in side] for side in (high, low))
    found = feedback.in_common(above, below)
    assert feedback.in_common(above[::-1], below[::-1]) == found
    assert all("\n" not in sentence for sentence in (*found.high, *found.low))


@pytest.mark.parametrize(
    ("body", "opening"),
    [
        ("Is it done?", "a question"),
        ("\u201cIs it done?\u201d", "a question"),
        ("# 3 loaves\n\nBread rises.", "a plain statement"),
        ("About 300 loaves were sold.", "a number"),
        ("Sieben Brote liegen hier.", "a number"),
        ("- Trois pains par jour.", "a number"),
        ("In the end 3 were left.", "a plain statement"),
    ],
)
def test_how_a_text_opens(body: str, opening: str) -> None:
    assert f"open with {opening}" in portrait(Text("blog", body)).traits


@pytest.mark.parametrize(
    ("body", "speaks_of_self", "speaks_to_reader"),
    [
        ("I'm sure that it's the oven, and you're too.", True, True),
        ("Le pain du soir est dans le four et il est bon.", False, False),
        ("J'ai mis le pain dans le four pour vous.", True, True),
        ("Das Brot ist da, und heute backen Sie es mit dem Dampf.", False, True),
        ("Sie ist da und das Brot ist auch da.", False, False),
        ("El pan es bueno y tú lo sabes.", False, True),
    ],
)
def test_whom_a_text_speaks_to(body: str, speaks_of_self: bool, speaks_to_reader: bool) -> None:
    traits = portrait(Text("blog", body)).traits
    assert ("speak of themselves (I, we)" in traits) is speaks_of_self
    assert ("speak to the reader (you)" in traits) is speaks_to_reader


def test_an_empty_text_has_no_opening_and_no_length() -> None:
    traits = portrait(Text("blog", "")).traits
    assert not any(trait.startswith("open") or "medium" in trait or "sentences" in trait for trait in traits)


def test_code_is_not_read() -> None:
    assert portrait(Text("blog", "```\nprint(secretword)\n```\nBread rises.")).words == {"bread", "rises"}


def test_names_are_kept_on_one_short_line() -> None:
    named = replace(ENGLISH_HIGH[0], persona="Evil\nname " + "x" * 200)
    (voice,) = [trait for trait in portrait(named).traits if "voice" in trait]
    assert "\n" not in voice
    assert len(voice) < 120
