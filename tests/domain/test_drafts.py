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


def _email(**changes: Any) -> dict[str, Any]:
    variant = {
        "label": "A",
        "subject": "Tea in three minutes",
        "preheader": "What a warm pot does for the second cup",
        "body": A_BODY,
        "cta": "Warm the pot first",
        "source_note_ids": ["not_1"],
    }
    other = {**variant, "label": "B", "subject": "Why the pot is warmed", "body": B_BODY}
    return {"variants": [{**variant, **changes}, other]}


def test_a_sound_draft_comes_back_as_it_is() -> None:
    assert drafts.email(BRIEF, _email()).variants[0].cta == "Warm the pot first"
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


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"subject": ""}, "subject is empty"),
        ({"subject": "T" * 91}, "subject has 91 characters"),
        ({"subject": "Re: your order"}, "pretends to answer"),
        ({"subject": "FWD : tea"}, "pretends to answer"),
        ({"subject": "Why the pot is WARMED!"}, "subjects of A and B are the same"),
        ({"preheader": "Too short"}, "preheader has 9 characters"),
        ({"preheader": "p" * 161}, "preheader has 161 characters"),
        ({"preheader": "Tea, in three minutes?"}, "preheader repeats the subject"),
        ({"body": "short"}, "body has 5 characters"),
        ({"body": "b" * 20_001}, "body has 20001 characters"),
        ({"body": B_BODY}, "bodies of A and B are too alike"),
        ({"cta": "c" * 61}, "cta has 61 characters"),
        ({"cta": "Read https://tea.example now"}, "cta holds an address"),
        ({"cta": "Visit www.tea.test"}, "cta holds an address"),
        ({"cta": "Write to me@tea"}, "cta holds an address"),
        ({"cta": "Read on at tea.com"}, "cta holds an address"),
        ({"cta": "[Order](javascript:alert(1))"}, "cta holds an address"),
        ({"label": "B"}, "labels"),
        ({"source_note_ids": []}, "source_note_ids is empty"),
        ({"source_note_ids": ["not_9"]}, "not_9"),
        ({"cta": None}, "cta must be text"),
    ],
)
def test_each_fault_of_an_email_is_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(errors.Invalid, match=told):
        drafts.email(BRIEF, _email(**changes))


@pytest.mark.parametrize("name", ["subject", "preheader", "cta"])
@pytest.mark.parametrize("sign", [*"\r\n\t\x00\x0b\x0c\x1c\x1d\x1e\x7f\x85\u2028\u2029", "\r\n", "\ud800"])
def test_a_line_that_could_begin_another_header_is_refused(name: str, sign: str) -> None:
    planted = f"Tea for all the guests{sign}Bcc: all of them"
    assert drafts.email(BRIEF, _email(**{name: planted.replace(sign, " ")})).variants[0].label == "A"
    with pytest.raises(errors.Invalid, match=f"{name} must be one line"):
        drafts.email(BRIEF, _email(**{name: planted}))


@pytest.mark.parametrize("subject", ["Thé\u202f: 3 minutes", "Чай за три минуты", "شاي في ثلاث دقائق", "👩\u200d🍳 茶"])
def test_subjects_of_every_script_are_fine(subject: str) -> None:
    assert drafts.email(BRIEF, _email(subject=subject)).variants[0].subject == subject


def test_an_email_that_lacks_a_field_is_told() -> None:
    output = _email()
    del output["variants"][0]["preheader"]
    with pytest.raises(errors.Invalid, match="EmailVariant lacks preheader"):
        drafts.email(BRIEF, output)


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
    for parse in (drafts.blog, drafts.social, drafts.email):
        with pytest.raises(errors.Invalid) as caught:
            parse(BRIEF, output)
        assert caught.value.code == "invalid_output"
