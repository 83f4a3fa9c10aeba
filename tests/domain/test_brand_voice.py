"""What is learned of a voice: features by hand-counted texts, words and passages of one's own, and honest limits."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain import prose
from regrow.domain.brand import languages, telling, voice
from regrow.domain.brand.learning import features, pronouns, readability, tally
from regrow.domain.brand.learning.bounded import Bounded
from regrow.kit import errors
from regrow.services import syllables

FOLDER = Path(__file__).parent / "voices"
INES = [path.read_text("utf-8") for path in sorted((FOLDER / "ines").glob("*.md"))]
HAROLD = [path.read_text("utf-8") for path in sorted((FOLDER / "harold").glob("*.md"))]
GERMAN = (
    "Ich backe seit vielen Jahren, und ich habe dabei mehr gelernt, als ich dachte. Wir haben einen alten Ofen, der "
    "nicht immer so will wie wir. Wenn der Teig zu kalt ist, dann wartet man eben noch eine Stunde. Das Mehl kaufe ich "
    "bei einer Mühle, die nur zwei Dörfer weiter steht. Manchmal ist es heller und manchmal ist es dunkler, aber gut "
    "ist es immer. Am Ende zählt, was auf den Tisch kommt, und nicht, was im Buch steht.\n\n"
) * 5
RUSSIAN = "Я пеку хлеб каждый день и никогда не жалею. Тесто должно отдохнуть, иначе оно не поднимется.\n\n" * 30
CHINESE = "我每天早上都烤面包。面团需要休息一个晚上。第二天早上我把它放进烤箱里。\n\n" * 30
ARABIC = "أخبز الخبز كل صباح في بيتي الصغير. يحتاج العجين إلى ليلة كاملة من الراحة.\n\n" * 40


def learned(texts: list[str], language: str | None = None) -> voice.Learned:
    return voice.learned(texts, language, syllables.count)


def measured(text: str, language: str = "en") -> features.Features:
    counts = tally.Tally(language, syllables.count)
    counts.begin_text()
    counts.add(text)
    counts.end_text()
    return features.of(counts)


def test_sentences_are_counted_as_a_person_would() -> None:
    found = measured("One two three. One two three four five.\n\nOne two three four five six seven.")
    assert (found.sentence_mean, found.sentence_median, found.sentence_spread) == (5.0, 5.0, 1.63)
    assert (found.short_share, found.long_share, found.paragraph_words, found.text_words) == (1.0, 0.0, 7.5, 15)


def test_marks_persons_contractions_and_blocks_are_counted() -> None:
    text = (
        "# A heading\n\nI don't know, but we do; you see — it's odd (really)… Do you? Yes! “No,” he said.\n\n"
        "- A point that ends.\n- A point that does not\n\n> I quote somebody else, at length.\n\n"
        "```\nI, we, you;\n```\n"
    )
    found = measured(text)
    words = len(prose.words("I don't know but we do you see it's odd really Do you Yes No he said A point that ends"))
    for mark, count in {"commas": 2, "dashes": 1, "semicolons": 1, "parentheses": 1, "ellipses": 1}.items():
        assert found.marks[mark] == round(1_000 * count / words, 2), mark
    assert (found.marks["questions"], found.marks["exclamations"]) == (round(1_000 / words, 2),) * 2
    assert found.persons == {"first": 0.2, "we": 0.2, "you": 0.4, "third": 0.2}
    assert (found.person, found.quotes) == ("second", "curly")
    assert found.contractions == round(2_000 / words, 2)
    assert (found.headings, found.items) == (round(1_000 / words, 2), round(2_000 / words, 2))


def test_emoji_and_hashtags_are_counted() -> None:
    found = measured("We baked 🎉 all day 🍞. Look at #bread and #sour_dough here.")
    assert found.hashtags_per_text == 2.0
    assert found.emoji == round(2_000 / 11, 2)


def test_reading_level_is_flesch_kincaid_in_english_and_lix_elsewhere() -> None:
    found = measured("The cat sat on the mat. The dog ran to the gate.")
    assert found.reading_level == round(0.39 * 6 + 11.8 * 12 / 12 - 15.59, 1)
    assert found.reading_method == "flesch-kincaid"
    german = measured("Der Hund läuft. Die Donaudampfschifffahrt beginnt.", "de")
    assert (german.lix, german.reading_method) == (round(6 / 2 + 100 * 2 / 6, 1), "lix")
    assert german.reading_level == readability.grade_of_lix(3 + 100 * 2 / 6)
    assert measured("我每天早上都烤面包。", "zh").reading_level is None
    assert learned(INES).features.reading_level < 4 < 14 < (learned(HAROLD).features.reading_level or 0)


@pytest.mark.parametrize("grade", range(1, 19))
def test_a_grade_and_its_lix_lead_to_each_other(grade: int) -> None:
    assert readability.grade_of_lix(readability.lix_of_grade(grade)) == min(13, grade)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("a", 1),
        ("the", 1),
        ("many", 2),
        ("people", 2),
        ("something", 2),
        ("beautiful", 3),
        ("don't", 1),
        ("didn't", 2),
        ("walked", 1),
        ("needed", 2),
        ("houses", 2),
        ("organization", 5),
        ("1", 1),
        ("hmm", 1),
    ],
)
def test_syllables_of_words_that_every_child_can_clap(word: str, count: int) -> None:
    assert syllables.count(word, "en") == count


def test_persons_in_german_know_the_polite_one() -> None:
    sentence = "Wenn Sie wollen, zeige ich Ihnen, wie sie das macht."
    found = pronouns.counted(sentence, prose.words(sentence), "de")
    assert (found["you"], found["first"], found["third"]) == (2, 1, 1)
    assert pronouns.as_setting({}, 500) is None
    assert pronouns.as_setting({"first": 1, "we": 0, "you": 0, "third": 9}, 500) == "third"


@pytest.mark.parametrize(
    ("texts", "language"),
    [(INES, "en"), ([GERMAN], "de"), ([CHINESE], "zh"), ([RUSSIAN], ""), ([ARABIC], ""), (["שלום עולם. " * 9], "he")],
)
def test_the_language_is_guessed_by_words_and_script_or_left_open(texts: list[str], language: str) -> None:
    assert languages.guess(texts[0]) == language


def test_texts_in_another_language_are_left_out_and_told() -> None:
    found = learned([*INES, GERMAN])
    assert (found.language, found.is_language_guessed, found.texts) == ("en", True, 6)
    assert found.left_out == {"de": len(prose.words(GERMAN))}
    assert any("another language (de)" in sentence for sentence in telling.told(found))
    german = learned([*INES, GERMAN], "de-AT")
    assert (german.language, german.words, german.is_language_guessed) == ("de", len(prose.words(GERMAN)), False)
    assert (german.features.person, german.features.contractions) == ("first", None)


@pytest.mark.parametrize("text", [RUSSIAN, CHINESE, ARABIC])
def test_any_script_can_be_learned_from_with_what_can_be_measured(text: str) -> None:
    found = learned([text])
    assert found.sentences >= 40
    assert found.features.person is None
    assert "I " not in " ".join(telling.habits(found))
    assert voice.of(json.loads(json.dumps(voice.as_json(found)))) == found


def test_openings_words_and_phrases_are_the_authors_own() -> None:
    found = learned(INES)
    assert {"i", "you"} <= {opening for opening, _ in found.openings}
    assert all(0 < share <= 1 for _, share in found.openings)
    story = [
        f"To put it plainly, the {thing} was splendid. Nobody asked about a {thing} with such splendid patience. "
        "We went on, as people do, and it was late. " * 2
        for thing in "river bridge garden window table castle basket candle bottle kettle saddle ladder meadow".split()
    ]
    own = learned(story)
    assert "to put it plainly" in own.phrases
    assert "splendid" in own.vocabulary
    assert not set(own.vocabulary) & prose.stopwords("en")
    assert not {"river", "bridge", "garden"} & set(own.vocabulary)


def test_names_are_no_vocabulary() -> None:
    text = "We met at the shop with Marguerite again. The evening with Marguerite was quiet and warm as usual. " * 20
    assert "marguerite" not in learned([text]).vocabulary


@pytest.mark.parametrize("texts", [[], [""], ["Just three words"], [INES[0][:600]], ["word " * 5_000]])
def test_too_little_is_refused_with_what_to_do(texts: list[str]) -> None:
    with pytest.raises(errors.Invalid, match=r"too little to learn from: .* give at least 300 words") as caught:
        learned(texts)
    assert caught.value.code == "too_little_text"


def test_too_little_in_the_language_asked_for_says_what_there_is() -> None:
    with pytest.raises(errors.Invalid, match=r"0 full sentences in fr \(there are [\d,]+ words in en\)"):
        learned(INES, "fr")


def test_of_more_than_is_read_only_so_much_is_taken_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "MOST_CHARACTERS", 60_000)
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for text in itertools.cycle(INES):
            taken += 1
            yield text

    found = voice.learned(endless(), None, syllables.count)
    assert found.is_cut
    assert found.characters <= 60_000
    assert taken < 60
    assert any("60,000 characters of it were read" in sentence for sentence in telling.told(found))


def test_memory_does_not_grow_with_the_text() -> None:
    def peak(copies: int) -> int:
        text = "\n\n".join(f"Number {n} of {n * n} things is word{n} here, and so it goes on." for n in range(300))
        tracemalloc.start()
        voice.learned((f"{text} {copy}" for copy in range(copies)), None, None)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(24) < 2.0 * peak(8)


def test_what_is_counted_stays_bounded_and_keeps_what_comes_back() -> None:
    counted: Bounded[str] = Bounded(100)
    for number in range(5_000):
        counted.add(f"once {number}", number // 50)
        counted.add("often", number // 50)
    assert len(counted.counts) <= 100
    assert (counted.counts["often"], counted.stretches["often"]) == (5_000, 100)


@given(st.lists(st.integers(0, 10_000), max_size=20), st.integers(1, 30_000))
def test_every_text_has_a_share_and_no_more_than_is_read_is_taken(sizes: list[int], most: int) -> None:
    shares = voice.shares(sizes, most)
    assert sum(shares) <= most
    assert all(0 <= share <= size for share, size in zip(shares, sizes, strict=True))
    if sum(sizes) <= most:
        assert shares == sizes


@given(st.text(max_size=400), st.integers(50, 120))
def test_parts_joined_are_the_text(text: str, size: int) -> None:
    assert "".join(tally.parts_of(text, size)) == text


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=4))
def test_hostile_texts_are_learned_from_or_refused(texts: list[str]) -> None:
    found = learned([*INES, *texts])
    assert found.words >= 1_500
    json.dumps(voice.as_json(found))
    with pytest.raises(errors.Invalid):
        learned(texts)


def test_all_that_was_learned_is_told_in_words_and_numbers() -> None:
    told = " ".join(telling.told(learned(INES)))
    of_ines = ("6 texts; language: en (guessed)", "school grade", "Of the pronouns: I 58%", "are questions")
    for said in (*of_ines, "Hardly any dashes or semicolons"):
        assert said in told
    harold = " ".join(telling.told(learned(HAROLD)))
    assert "Frequent marks, per 1,000 words: semicolons (10)" in harold
    assert "It rarely speaks of itself" in harold
