"""The offline writer writing again: every new text differs in substance from the one it replaces."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from regrow.adapters.llm.offline import selection, speech
from regrow.adapters.llm.offline.passages import passages
from regrow.adapters.llm.offline.wishes import wishes
from regrow.adapters.sources.markdown_folder import MarkdownFolder
from regrow.domain import likeness, prose
from regrow.domain.drafts import MOST_SIMILAR
from regrow.domain.functions import BY_NAME
from regrow.domain.writing import DEFAULT_PLATFORMS, Brief, Earlier, Source, Voice
from regrow.kit import errors
from tests.faces.conftest import SUBJECT
from tests.providers.garden import BRIEF, check_blog, check_email, check_social, output, write
from tests.vaults import SAMPLE

CHECKS = {"write_blog": check_blog, "write_email": check_email, "write_social": check_social}
FUNCTIONS = tuple(CHECKS)
SHORT = tuple(Source(f"not_{number}", f"Bread {number}", text) for number, text in enumerate(SUBJECT))
BREAD = Brief("Bread at home", "", SHORT, Voice("Ada"), platforms=DEFAULT_PLATFORMS)


def bundled() -> list[Source]:
    folder = MarkdownFolder(SAMPLE)
    read = [folder.understand(folder.fetch(path)) for path in folder.listing().paths]  # type: ignore[arg-type]
    return [Source(f"not_{n}", Path(note.path).stem, note.body) for n, note in enumerate(read)]  # type: ignore[union-attr]


BUNDLED = bundled()


def texts(draft: dict[str, Any]) -> tuple[Earlier, ...]:
    if "variants" in draft:
        return tuple(Earlier(v["body"], title=v.get("title") or v["subject"]) for v in draft["variants"])
    return tuple(Earlier(v["text"], post["platform"]) for post in draft["posts"] for v in post["variants"])


def again(brief: Brief, *earlier: dict[str, Any]) -> Brief:
    """The brief of the next try; of earlier drafts the newest is replaced, the others were tried."""
    *older, newest = (texts(draft) for draft in earlier)
    tried = tuple(text for draft in reversed(older) for text in draft)
    return dataclasses.replace(brief, replaced=newest, tried=tried)


def line(brief: Brief, function: str, tries: int) -> list[dict[str, Any]]:
    """A first draft and so many more, each replacing the one before it and each checked by the parser's rules."""
    drafts = [output(brief, function)]
    for _ in range(tries):
        asked = again(brief, *drafts)
        drafts.append(output(asked, function))
        BY_NAME[function].parse(asked, drafts[-1])
    return drafts


def alike(new: dict[str, Any], old: dict[str, Any]) -> list[float]:
    """How alike each new text is to the old one of its platform most like it."""
    earlier = texts(old)
    return [likeness.most(each.text, likeness.facing(earlier, each.platform)) for each in texts(new)]


@pytest.mark.parametrize("labels", [("A",), ("A", "B")])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_ten_short_notes_carry_ten_tries_in_a_row(function: str, labels: tuple[str, ...]) -> None:
    brief = dataclasses.replace(BREAD, labels=labels)
    drafts = line(brief, function, 10)
    for old, new in itertools.pairwise(drafts):
        assert max(alike(new, old)) < MOST_SIMILAR
        CHECKS[function](brief, new)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("function", FUNCTIONS)
def test_any_of_the_bundled_notes_carry_ten_tries_in_a_row(function: str, seed: int) -> None:
    dice = random.Random(seed)
    sources = tuple(dice.sample(BUNDLED, dice.choice((5, 8, 12))))
    voice = Voice("Ada", words=dice.choice((200, 400, 800)))
    labels = ("A", "B", "C")[: dice.choice((1, 2, 3))]
    wish = dice.choice(("", "shorter", "lead with a number", "focus on the oven"))
    brief = Brief(sources[0].title, "", sources, voice, wish, labels, ("x", "linkedin", "mastodon"))
    if (first := write(brief, function)).failure:
        assert first.failure == "not_enough_source"
        return
    drafts = line(brief, function, 10)
    assert max(max(alike(new, old)) for old, new in itertools.pairwise(drafts)) < MOST_SIMILAR
    variants = drafts[-1].get("variants", [])
    pairs = [(a["body"], b["body"]) for a in variants for b in variants if a["label"] < b["label"]]
    assert all(prose.shingle_similarity(a, b) < 0.4 for a, b in pairs)


FIRST_DRAFTS = {
    "write_blog": "5817c9c95b2ff4e2798352fed5d702e8fc7b396fba48470287b1918230d0c161",
    "write_email": "2fa27c809c8ea1ec6b472a283ac7b24863ad268435f2c8411b1f2aa5f2fc05a5",
    "write_social": "042853deb78698dc2429d5fe4f5b59440231b77e0f466a857b9851d295546efd",
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_first_draft_is_what_it_was_before_texts_could_be_replaced(function: str) -> None:
    platforms = ("linkedin", "x", "threads")
    told = ("", "shorter", "lead with a number")
    briefs = [dataclasses.replace(BRIEF, instructions=wish, platforms=platforms) for wish in told]
    briefs.append(dataclasses.replace(BREAD, platforms=platforms))
    written = json.dumps([output(brief, function) for brief in briefs]).encode()
    assert hashlib.sha256(written).hexdigest() == FIRST_DRAFTS[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_equal_inputs_give_equal_texts_in_whichever_order_they_come(function: str) -> None:
    asked = again(BREAD, *line(BREAD, function, 2))
    shuffled = dataclasses.replace(asked, replaced=(*asked.replaced[::-1], asked.replaced[0]))
    assert output(asked, function) == output(asked, function) == output(shuffled, function)


def test_the_lead_the_angle_the_title_and_the_order_are_others() -> None:
    old, new = line(BRIEF, "write_blog", 1)
    for before in old["variants"]:
        for after in new["variants"]:
            assert prose.sentences(before["body"])[0] != prose.sentences(after["body"])[0]
            assert before["title"] != after["title"]
            assert before["angle"].split(" \u2013 ")[0] != after["angle"].split(" \u2013 ")[0]
            orders = [re.findall(r"^## (.+)$", each["body"], re.M) for each in (before, after)]
            assert orders[0] != orders[1]


def test_posts_open_on_something_else() -> None:
    old, new = line(dataclasses.replace(BRIEF, platforms=DEFAULT_PLATFORMS), "write_social", 1)
    for before, after in zip(old["posts"], new["posts"], strict=True):
        openings = [{prose.sentences(v["text"])[0] for v in post["variants"]} for post in (before, after)]
        assert not openings[0] & openings[1]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_knowing_what_was_tried_brings_fewer_repetitions(function: str) -> None:
    known, unknown = 0.0, 0.0
    for seed in range(4):
        sources = tuple(random.Random(seed).sample(BUNDLED, 8))
        brief = Brief(sources[0].title, "", sources, Voice("Ada", words=400), platforms=("linkedin", "x"))
        drafts = line(brief, function, 4)
        asked = again(brief, *drafts)
        told, blind = output(asked, function), output(dataclasses.replace(asked, tried=()), function)
        known += max(max(alike(told, old)) for old in drafts[:-1])
        unknown += max(max(alike(blind, old)) for old in drafts[:-1])
    assert known < 0.9 * unknown


def test_what_was_tried_never_makes_a_text_fail() -> None:
    drafts = line(BREAD, "write_blog", 3)
    everything = (*(text for draft in drafts for text in texts(draft)), Earlier("\n\n".join(SUBJECT)))
    for function in FUNCTIONS:
        assert write(dataclasses.replace(BREAD, tried=everything), function).failure == ""


def test_the_instructions_hold_for_the_next_text_too() -> None:
    first = output(BRIEF)
    short = output(again(dataclasses.replace(BRIEF, instructions="Make it shorter"), first))
    for before, after in zip(first["variants"], short["variants"], strict=True):
        assert len(prose.words(after["body"])) < 0.85 * len(prose.words(before["body"]))
    for function in FUNCTIONS:
        asked = dataclasses.replace(BRIEF, instructions="Lead with a number", platforms=("linkedin",))
        for draft in line(asked, function, 3):
            for text in (each.text for each in texts(draft)):
                assert speech.numbers(re.sub(r"\[\^\d+\]", "", prose.sentences(text)[0])), text
    avoiding = dataclasses.replace(BRIEF, instructions="Do not mention compost")
    assert all("compost" not in each.text.lower() for each in texts(output(again(avoiding, first))))


def test_what_is_asked_for_may_be_said_again() -> None:
    asked = dataclasses.replace(BRIEF, instructions="Focus on copper tape")
    for draft in line(asked, "write_blog", 2):
        assert "copper tape" in " ".join(each.text for each in texts(draft))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_notes_that_carry_no_other_text_are_refused_with_what_to_do(function: str) -> None:
    one = (Source("not_0", "Salt", SUBJECT[3]),) if function == "write_social" else SHORT[:4]
    platforms = ("x",) if function == "write_social" else ()
    brief = dataclasses.replace(BREAD, sources=one, labels=("A",), platforms=platforms)
    drafts = [output(brief, function)]
    everything = tuple(Earlier(" ".join(part)) for part in _windows([s.text for s in one]))
    answer = write(dataclasses.replace(brief, replaced=(*texts(drafts[0]), *everything)), function)
    assert (answer.output, answer.failure, answer.is_permanent) == (None, "not_enough_source", True)
    assert re.search(r"differs? in substance from the ones? (it|they) replaces?", answer.failure_detail)
    for told in ("Add notes", "give other instructions", "fewer", "variants"):
        assert told in answer.failure_detail


def _windows(notes: list[str]) -> list[list[str]]:
    """Every run of neighbouring sentences of the notes."""
    said = [sentence for note in notes for sentence in prose.sentences(note)]
    return [said[i:j] for i in range(len(said)) for j in range(i + 1, len(said) + 1)]


def test_too_few_notes_are_refused_as_for_a_first_text() -> None:
    brief = dataclasses.replace(BREAD, sources=SHORT[:1], replaced=(Earlier("Something else stood here."),))
    first = dataclasses.replace(brief, replaced=())
    assert write(brief).failure_detail == write(first).failure_detail != ""


def test_a_post_of_another_platform_and_foreign_texts_change_nothing() -> None:
    brief = dataclasses.replace(BREAD, platforms=("x",))
    first = output(brief, "write_social")
    elsewhere = tuple(dataclasses.replace(each, platform="mastodon") for each in texts(first))
    assert output(dataclasses.replace(brief, replaced=elsewhere), "write_social") == first


def test_a_pool_counts_against_a_passage_that_an_earlier_text_has_said_it() -> None:
    said, tried = SUBJECT[0], SUBJECT[1]
    brief = dataclasses.replace(BREAD, replaced=(Earlier(said), Earlier(tried, "x")), tried=(Earlier(tried),))
    pool = selection.pool(brief, passages(brief.sources), wishes(brief))
    lost = pool.merit - pool.score
    by_note = [{round(float(lost[n]), 2) for n, p in enumerate(pool.passages) if p.source == s} for s in (0, 1, 2)]
    assert min(by_note[0]) > max(by_note[1]) > 0
    assert by_note[2] == {0.0}
    on_x = pool.facing("x")
    assert max(on_x.merit - on_x.score) > max(lost[n] for n, p in enumerate(pool.passages) if p.source == 1)


def test_hostile_earlier_texts_break_nothing() -> None:
    odd = (Earlier(""), Earlier("\x00\ud800 <<<"), Earlier("word " * 50_000), Earlier("\u200b", "x"), Earlier("x", "?"))
    for function in FUNCTIONS:
        asked = dataclasses.replace(BREAD, replaced=odd, tried=odd)
        assert texts(output(asked, function))


def test_an_impossible_draft_is_still_refused_by_the_parser() -> None:
    first = output(BREAD)
    with pytest.raises(errors.Invalid, match="too alike to a text it replaces"):
        BY_NAME["write_blog"].parse(again(BREAD, first), first)
