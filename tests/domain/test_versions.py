"""What a person may change of a text, and what a piece said at a version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import versions
from regrow.domain.versions import Written
from regrow.kit import errors

BLOG = {
    "A": {"title": "Bread", "body": "Text A", "angle": "x", "sources": ["not_1"]},
    "B": {"title": "B", "body": "Text B"},
}
POST = {"A": {"body": "Short.", "hashtags": ["bread"]}}
MAIL = {"A": {"subject": "Bread", "preheader": "Inside", "body": "Text", "cta": "Read on"}}


def problems(medium: str, stands: versions.Contents, changes: dict[str, Any], platform: str = "") -> list[str]:
    with pytest.raises(errors.Invalid) as caught:
        versions.edited(medium, platform, stands, changes)
    assert caught.value.code == "bad_edit"
    found: list[str] = caught.value.more["problems"]
    return found


def test_only_what_changes_is_given_back_and_the_rest_stays() -> None:
    done = versions.edited("blog", "", BLOG, {"A": {"title": " Rye "}, "B": {"body": "Text B"}})
    assert done == {"A": {**BLOG["A"], "title": "Rye"}}
    assert versions.edited("blog", "", BLOG, {}) == {}
    assert versions.edited("email", "", MAIL, {"A": {"cta_url": ""}})["A"]["cta_url"] == ""


@pytest.mark.parametrize(
    ("medium", "stands", "changes", "told"),
    [
        ("blog", BLOG, {"C": {"body": "x"}}, "variants.C"),
        ("blog", BLOG, {"A": {"hashtags": ["x"]}}, "variants.A.hashtags"),
        ("blog", BLOG, {"A": {"html": "<b>"}}, "variants.A.html"),
        ("blog", BLOG, {"A": {"body": "  \n "}}, "is empty"),
        ("blog", BLOG, {"A": {"title": "two\nlines"}}, "is one line"),
        ("blog", BLOG, {"A": {"title": "x\u2028y"}}, "is one line"),
        ("blog", BLOG, {"A": {"title": "x" * 201}}, "at most 200"),
        ("blog", BLOG, {"A": {"body": "x" * 100_001}}, "at most 100,000"),
        ("blog", BLOG, {"A": {"body": "a\x00b"}}, "control character"),
        ("blog", BLOG, {"A": {"body": 5}}, "must be text"),
        ("social", POST, {"A": {"hashtags": ["two words"]}}, "variants.A.hashtags"),
        ("social", POST, {"A": {"hashtags": ["#x"]}}, "variants.A.hashtags"),
        ("social", POST, {"A": {"hashtags": "x"}}, "variants.A.hashtags"),
        ("email", MAIL, {"A": {"subject": "a\r\nBcc: b@example.org"}}, "variants.A.subject"),
        ("email", MAIL, {"A": {"cta_url": "javascript:alert(1)"}}, "http or https"),
        ("fax", {"A": {}}, {"A": {"body": "x"}}, "variants.A.body"),
    ],
)
def test_bad_changes_are_told(medium: str, stands: versions.Contents, changes: dict[str, Any], told: str) -> None:
    assert told in "; ".join(problems(medium, stands, changes))


def test_everything_that_is_off_is_told_at_once() -> None:
    found = problems("blog", BLOG, {"A": {"title": "", "body": ""}, "C": {"body": "x"}})
    assert len(found) == 3


def test_a_post_stays_within_its_platform() -> None:
    assert "x takes 280 characters" in problems("social", POST, {"A": {"body": "y" * 275}}, "x")[0]
    assert versions.edited("social", "linkedin", POST, {"A": {"body": "y" * 275}})["A"]["body"] == "y" * 275


def test_windows_line_ends_become_plain_ones() -> None:
    assert versions.edited("blog", "", BLOG, {"A": {"body": "a\r\nb"}})["A"]["body"] == "a\nb"


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 8)), unique=True, max_size=12), st.integers(1, 9))
def test_a_version_is_the_newest_text_up_to_it(rows: list[tuple[str, int]], version: int) -> None:
    written = [Written(label, number, {"body": f"{label}{number}"}) for label, number in rows]
    found = versions.contents_at(written, version)
    for label in "ABC":
        numbers = [number for each, number in rows if each == label and number <= version]
        assert found.get(label) == ({"body": f"{label}{max(numbers)}"} if numbers else None)
