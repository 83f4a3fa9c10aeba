"""The parser's rules: what is no draft is refused with everything that is wrong."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import drafts
from regrow.domain.writing import Brief, Source, Voice
from regrow.kit import errors

BRIEF = Brief(
    topic_title="Tea",
    topic_summary="Tea is hot.",
    sources=(Source("not_1", "Tea", "Tea is hot."), Source("not_2", "Milk", "Milk is cold.")),
    voice=Voice("Plain"),
    platforms=("x", "linkedin"),
)
A_BODY = "Tea leaves give their colour within three minutes when the water has just boiled in the kettle. " * 3
B_BODY = "A pot that was warmed before keeps what is in it hot for twice as long, as our stopwatch showed. " * 3


def _blog(**changes: Any) -> dict[str, Any]:
    variant = {"label": "A", "angle": "how", "title": "Tea first", "body": A_BODY, "source_note_ids": ["not_1"]}
    return {"variants": [{**variant, **changes}, {**variant, "label": "B", "body": B_BODY}]}


def _social(**changes: Any) -> dict[str, Any]:
    def variant(label: str, text: str) -> dict[str, Any]:
        return {"label": label, "text": text, "hashtags": ["tea"], "source_note_ids": ["not_2"]}

    names = BRIEF.platforms
    posts = [{"platform": name, "variants": [variant("A", A_BODY[:120]), variant("B", B_BODY[:120])]} for name in names]
    posts[0]["variants"][0].update(changes)  # type: ignore[attr-defined]
    return {"posts": posts}


def test_a_sound_draft_comes_back_as_it_is() -> None:
    draft = drafts.blog(BRIEF, _blog())
    assert asdict(draft)["variants"][0]["source_note_ids"] == ("not_1",)
    assert len(drafts.social(BRIEF, _social()).posts) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": ""}, "title"),
        ({"body": "short"}, "body"),
        ({"body": A_BODY + "\x00"}, "control character"),
        ({"label": "B"}, "labels"),
        ({"source_note_ids": []}, "source_note_ids is empty"),
        ({"source_note_ids": ["not_9"]}, "not_9"),
        ({"body": B_BODY}, "too alike"),
        ({"title": 7}, "title"),
        ({"source_note_ids": [1]}, "list of texts"),
        ({"source_note_ids": "not_1"}, "list of texts"),
    ],
)
def test_each_fault_of_an_article_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(errors.Invalid, match=told):
        drafts.blog(BRIEF, _blog(**changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "x" * 281}, "characters"),
        ({"hashtags": ["a", "b", "c"]}, "hashtags"),
        ({"hashtags": ["two words"]}, "hashtag"),
        ({"text": ""}, "text"),
        ({"source_note_ids": ["not_9"]}, "not_9"),
    ],
)
def test_each_fault_of_a_post_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(errors.Invalid, match=told):
        drafts.social(BRIEF, _social(**changes))


def test_a_missing_platform_is_told() -> None:
    output = _social()
    del output["posts"][1]
    with pytest.raises(errors.Invalid, match="linkedin"):
        drafts.social(BRIEF, output)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["variants", "posts", "label"]), _JSON, max_size=3))
def test_nothing_that_a_model_sends_breaks_the_parser(output: dict[str, Any]) -> None:
    for parse in (drafts.blog, drafts.social):
        with pytest.raises(errors.Invalid) as caught:
            parse(BRIEF, output)
        assert caught.value.code == "invalid_output"
