"""A text that replaces another differs from it in substance, and the rule says which does not and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import drafts, likeness
from regrow.domain.writing import Earlier
from regrow.kit import errors
from tests.domain.test_drafts import A_BODY, B_BODY, BRIEF, _blog, _social

OTHER = "Nobody in the house drinks coffee before noon, so the grinder stays silent until the mail has come. " * 3
A_POST, B_POST = A_BODY[:120], B_BODY[:120]


def refusal(parse: Any, brief: Any, output: dict[str, Any]) -> str:
    with pytest.raises(errors.Invalid) as caught:
        parse(brief, output)
    assert caught.value.code == "invalid_output"
    return caught.value.detail


def test_an_article_like_the_replaced_one_is_named_with_what_to_do() -> None:
    told = refusal(drafts.blog, replace(BRIEF, replaced=(Earlier(OTHER), Earlier(B_BODY))), _blog())
    assert told.startswith("variant B: body is too alike to a text it replaces (1.00, allowed is under 0.6)")
    assert "other facts, with another angle and in another order" in told
    assert "variant A" not in told


def test_a_rewording_is_still_too_alike_and_half_a_new_text_is_not() -> None:
    reworded = A_BODY.replace("three minutes", "two minutes")
    assert "variant A" in refusal(drafts.blog, replace(BRIEF, replaced=(Earlier(A_BODY),)), _blog(body=reworded))
    half = A_BODY[: len(A_BODY) // 3] + OTHER
    assert drafts.blog(replace(BRIEF, replaced=(Earlier(A_BODY),)), _blog(body=half)).variants[0].body == half


def test_a_post_is_compared_with_the_replaced_ones_of_its_own_platform() -> None:
    of_x = replace(BRIEF, replaced=(Earlier(A_POST, "x"), Earlier(OTHER, "linkedin")))
    told = refusal(drafts.social, of_x, _social())
    assert told.startswith("x A: text is too alike")
    assert "linkedin" not in told
    of_bluesky = replace(BRIEF, replaced=(Earlier(A_POST, "bluesky"), Earlier(B_POST, "bluesky")))
    assert len(drafts.social(of_bluesky, _social()).posts) == 2


def test_a_replaced_text_without_a_platform_is_compared_with_every_text() -> None:
    told = refusal(drafts.social, replace(BRIEF, replaced=(Earlier(B_POST),)), _social())
    assert [part.split(":")[0] for part in told.split("; ") if "too alike" in part] == ["x B", "linkedin B"]


def test_an_article_is_not_compared_with_posts() -> None:
    draft = drafts.blog(replace(BRIEF, replaced=(Earlier(A_BODY, "linkedin"),)), _blog())
    assert len(draft.variants) == 2


def test_what_was_tried_before_never_refuses_a_text() -> None:
    brief = replace(BRIEF, tried=(Earlier(A_BODY), Earlier(B_BODY), Earlier(A_POST, "x")))
    assert len(drafts.blog(brief, _blog()).variants) == 2
    assert len(drafts.social(brief, _social()).posts) == 2


@given(st.lists(st.text("ab ", max_size=30), max_size=4), st.text("ab ", max_size=30))
def test_the_most_alike_of_the_replaced_texts_counts_in_any_order(texts: list[str], text: str) -> None:
    earlier = tuple(Earlier(each) for each in texts)
    found = likeness.to_replaced(text, replace(BRIEF, replaced=earlier))
    assert found == likeness.to_replaced(text, replace(BRIEF, replaced=earlier[::-1]), "x")
    assert 0.0 <= found <= 1.0
    assert found == 1.0 or text not in texts


def test_only_texts_of_the_platform_and_of_none_are_given_back() -> None:
    brief = replace(BRIEF, replaced=(Earlier("1", "x"), Earlier("2"), Earlier("3", "threads")), tried=(Earlier("4"),))
    assert likeness.replaced(brief, "x") == ("1", "2")
    assert likeness.replaced(brief) == ("2",)
    assert likeness.tried(brief, "threads") == ("4",)
