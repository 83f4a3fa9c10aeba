"""What is sent back to a model for repair, and what is let through."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from regrow.adapters.llm import checks
from regrow.domain.writing import (
    BlogDraft,
    BlogVariant,
    EmailDraft,
    EmailVariant,
    SocialDraft,
    SocialPost,
    SocialVariant,
)
from regrow.testing import briefs

FIRST = "Feed the jar daily, keep it warm and wait for it to double before you bake anything with it. " * 3
SECOND = "A closed pot holds steam, which is what a home oven lets go of, and the crust thanks you for it. " * 3
BRIEF = briefs.bread(platforms=("x", "linkedin"))


def blog(**changes: Any) -> BlogDraft:
    first = BlogVariant("A", "care", "Keeping a starter", FIRST, ("note_starter",))
    second = BlogVariant("B", "steam", "Steam at home", SECOND, ("note_oven", "note_flour"))
    return BlogDraft((dataclasses.replace(first, **changes), second))


def social(text: str = "Feed it daily and it will rise.", tags: tuple[str, ...] = ("bread",)) -> SocialDraft:
    other = SocialVariant("B", "Steam makes the crust, so bake in a closed pot.", (), ("note_oven",))
    variants = (SocialVariant("A", text, tags, ("note_starter",)), other)
    return SocialDraft((SocialPost("x", variants), SocialPost("linkedin", variants)))


def test_good_drafts_have_no_problems() -> None:
    assert checks.problems(blog(), BRIEF) == ()
    assert checks.problems(social(), BRIEF) == ()
    assert checks.problems(blog(body=FIRST + "\n\tindented\r\n"), BRIEF) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"label": "B"}, "labels A, B"),
        ({"label": "a"}, "labels A, B"),
        ({"title": "   "}, "variant A: title is empty"),
        ({"body": "\n " * 100}, "variant A: body is empty"),
        ({"body": SECOND + "One more."}, "too alike"),
        ({"source_note_ids": ()}, "source_note_ids is empty"),
        ({"source_note_ids": ("note_starter", "note_x")}, "'note_x' is not the id"),
        ({"angle": "a\x00b"}, "angle holds a control character"),
        ({"body": FIRST + " material-0123456789abcdef"}, "body repeats a marker"),
    ],
)
def test_each_problem_of_an_article_is_told(changes: dict[str, Any], told: str) -> None:
    found = checks.problems(blog(**changes), BRIEF)
    assert [problem for problem in found if told in problem]


def test_problems_of_an_email_are_told_to_the_model() -> None:
    first = EmailVariant("A", "Steam", "What a closed pot does", FIRST, "Try the pot", ("note_oven",))
    second = EmailVariant("B", "A jar that rises", "Feed it daily and wait", SECOND, "Feed the jar", ("note_starter",))
    assert checks.problems(EmailDraft((first, second)), BRIEF) == ()
    spoilt = dataclasses.replace(first, subject="Steam\r\nBcc: x", body=f"{FIRST} material-0123456789abcdef", label="B")
    found = "; ".join(checks.problems(EmailDraft((spoilt, second)), BRIEF))
    assert all(told in found for told in ("body repeats a marker", "labels A, B", "subject must be one line"))


def test_all_problems_are_told_at_once() -> None:
    found = checks.problems(blog(label="Z", title=" ", source_note_ids=("n1", "n2")), BRIEF)
    assert len(found) == 4


def test_the_number_of_problems_told_is_bounded() -> None:
    found = checks.problems(blog(source_note_ids=tuple(f"n{i}" for i in range(500))), BRIEF)
    assert len(found) == 20


def test_a_post_may_fill_its_platform_to_the_last_character() -> None:
    fits = "word " * 54 + "a" * 3
    assert len(fits) + len("bread") + 2 == 280
    assert checks.problems(social(fits), BRIEF) == ()
    (found,) = checks.problems(social(fits + "b"), BRIEF)
    assert found == "x A: has 281 characters with its hashtags, at most 280 are allowed"


@pytest.mark.parametrize(
    ("text", "tags", "told"),
    [
        ("Feed it daily and it will rise.", ("#bread",), "one word without the # sign"),
        ("Feed it daily and it will rise.", ("two words",), "one word without the # sign"),
        ("Feed it daily and it will rise.", ("",), "one word without the # sign"),
        ("Feed it daily and it will rise.", ("a", "b", "c"), "x A: has 3 hashtags, at most 2"),
        ("Steam makes the crust, so bake in a closed pot.", (), "x: texts of A and B are too alike"),
        ("   ", (), "x A: text is empty"),
    ],
)
def test_each_problem_of_a_post_is_told(text: str, tags: tuple[str, ...], told: str) -> None:
    found = checks.problems(social(text, tags), BRIEF)
    assert [problem for problem in found if told in problem]


def test_platforms_must_be_the_ones_asked_for() -> None:
    found = checks.problems(social(), briefs.bread(platforms=("x", "mastodon")))
    assert found == ("posts must be one per platform for x, mastodon; given are x, linkedin",)
    twice = SocialDraft(social().posts[:1] * 2)
    assert checks.problems(twice, BRIEF)[0].startswith("posts must be one per platform")
