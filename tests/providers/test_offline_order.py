"""What stands under a heading, a title or a tag comes from the note it names."""

from __future__ import annotations

import dataclasses
import re

import pytest

from regrow.adapters.llm.offline import fragments, names, outline, selection
from regrow.adapters.llm.offline.passages import passages
from regrow.adapters.llm.offline.wishes import wishes
from regrow.domain import prose
from regrow.domain.writing import PLATFORM_LENGTHS, Source
from tests.providers.garden import BRIEF, SOURCES, bodies, output, voiced

TITLES = {source.title: source.note_id for source in SOURCES}


def sections(body: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", body, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("words", [200, 350, 600])
def test_a_section_under_a_notes_title_opens_with_that_note(words: int) -> None:
    seen = 0
    for variant in output(voiced(words=words))["variants"]:
        for heading, text in sections(variant["body"]).items():
            if heading in TITLES:
                marks = re.findall(r"\[\^(\d+)\]", text)
                assert variant["source_note_ids"][int(marks[0]) - 1] == TITLES[heading]
                seen += 1
    assert seen >= 4


def test_a_small_group_far_from_all_others_goes_and_never_joins_another_notes_section() -> None:
    stray = Source("not_9", "Parking", "Bicycles lean against the northern wall beside a rusty blue gate.")
    brief = dataclasses.replace(voiced(words=900), sources=(*SOURCES, stray))
    pool = selection.pool(brief, passages(brief.sources), wishes(brief))
    groups = {
        (source, ""): [n for n, passage in enumerate(pool.passages) if passage.source == source] for source in range(6)
    }
    merged = outline._merged(brief, pool, groups)
    assert (5, "") not in merged
    assert not any(pool.passages[n].source == 5 for members in merged.values() for n in members)
    assert all(pool.passages[n].source == key[0] for key, members in merged.items() for n in members)


@pytest.mark.parametrize("number", range(len(SOURCES)))
def test_a_title_that_names_a_note_is_kept_by_the_text(number: int) -> None:
    brief = dataclasses.replace(BRIEF, topic_title=SOURCES[number].title)
    for variant in output(brief)["variants"]:
        if variant["title"].startswith(SOURCES[number].title):
            assert SOURCES[number].note_id in variant["source_note_ids"]
        else:
            lead = next(s.title for s in SOURCES if s.note_id == variant["source_note_ids"][0])
            assert variant["title"].startswith(lead)


def test_a_note_that_cannot_be_quoted_does_not_give_the_title() -> None:
    empty = Source("not_8", "Moon calendar", "Nothing to quote")
    brief = dataclasses.replace(BRIEF, topic_title="Moon calendar", sources=(empty, *SOURCES))
    for variant in output(brief)["variants"]:
        lead = next(s.title for s in SOURCES if s.note_id == variant["source_note_ids"][0])
        assert variant["title"].startswith(lead)


@pytest.mark.parametrize(
    ("sentence", "is_one"),
    [
        ("The ID of an Airtable connection.", True),
        ("Name of the destination table in Airtable.", True),
        ("The price of flour rose in May.", False),
        ("The rest of the dough is baked at night.", False),
        ("The baker of the village folds four times.", False),
        ("Keep the lid on the jar.", False),
    ],
)
def test_definitions_without_a_verb_are_known(sentence: str, is_one: bool) -> None:
    assert fragments.is_definition(sentence) is is_one


@pytest.mark.parametrize(
    "text",
    [
        "The baker has one way of working. The steps are: mixing comes first. Folding the dough comes after it.",
        "Visit the vault://garden.example/events for the notes of every session.",
        "The steps of the bake are:\n\n- mix the flour\n\n```\nrun\n```\n\n- bake the loaf",
    ],
)
def test_broken_lists_and_bare_addresses_are_not_quoted(text: str) -> None:
    quoted = " ".join(passage.text for passage in passages((Source("n", "N", text),)))
    assert "://" not in quoted
    assert "mix the flour" not in quoted


@pytest.mark.parametrize("name", ["0.86", "Date", "2024-03-01", "v1.2.3", "12", "March 2024"])
def test_dates_and_versions_are_no_headings(name: str) -> None:
    assert not names.says_something(name)


def test_notes_named_by_a_date_get_a_whole_heading_and_keep_their_date_in_lists() -> None:
    assert names.opening("The average sale was 8.70, about 40 pence more.", "en") == "The average sale was 8.70"
    assert (names.stamp("2024-02-10"), names.stamp("Slugs")) == ("2024-02-10", "")


def test_leads_do_not_open_weakly_and_no_closing_section_is_empty() -> None:
    extra = Source("not_9", "News", "Feedback is welcome about the calm allotment garden and its watering and beds.")
    brief = dataclasses.replace(BRIEF, sources=(*SOURCES, extra))
    for body in bodies(brief):
        assert not fragments.opens_weakly(body)
        assert all("[^" in text for text in sections(body).values())


def test_tags_never_join_words_across_a_stopword() -> None:
    notes = (Source("n", "Salt in the Dough", "Salt is weighed."), Source("m", "Cold Retard", "The cold is slow."))
    brief = dataclasses.replace(BRIEF, sources=notes, topic_title="Baking at Home")
    assert names.hashtags(brief, [0], 3) == ["Salt", "Baking", "Dough"]
    assert names.hashtags(brief, [1], 1) == ["ColdRetard"]


def test_no_sentence_stands_in_two_posts_of_the_set() -> None:
    brief = dataclasses.replace(BRIEF, platforms=tuple(PLATFORM_LENGTHS)[:4])
    posts = [v for post in output(brief, "write_social")["posts"] for v in post["variants"]]
    said = [sentence for v in posts for sentence in prose.sentences(v["text"]) if not sentence.endswith("?")]
    assert len(said) == len(set(said))
    assert len({v["source_note_ids"][0] for v in posts}) >= 3
