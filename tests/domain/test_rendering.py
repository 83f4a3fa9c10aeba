"""Posts as files: front matter that nothing in a text can break out of."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.publishing import rendering
from regrow.domain.publishing.channel import Outgoing
from tests.channels import HOSTILE, OUTGOING

TEXTS = st.text(max_size=60) | st.sampled_from(["---", "a\n---\nb", '"', "\\", ": ", "#", "&a", "*a", "!!x", "\x85"])


def front(outgoing: Outgoing) -> dict[str, object]:
    """What YAML reads between the first two fences."""
    parts = rendering.document(outgoing, is_html=False).split("---\n", 2)
    assert parts[0] == ""
    found: dict[str, object] = yaml.safe_load(parts[1])
    return found


def test_what_stands_in_front() -> None:
    assert front(OUTGOING) == {
        "title": "Bread that keeps",
        "date": "2026-11-26T03:00:00.000Z",
        "slug": "bread-that-keeps",
        "language": "en",
        "author": "Alice",
        "summary": "How bread keeps.",
        "tags": ["bread", "keeping"],
        "canonical": OUTGOING.address,
        "disclosure": "Written with a machine.",
        "regrow_piece": "pie_1",
        "regrow_key": OUTGOING.key,
    }


def test_what_is_empty_is_left_out() -> None:
    assert "summary" not in front(replace(OUTGOING, summary=""))


@given(title=TEXTS, author=TEXTS, summary=TEXTS, tag=TEXTS)
def test_every_text_comes_back_as_it_was(title: str, author: str, summary: str, tag: str) -> None:
    told = replace(OUTGOING, title=f"t{title}", author=f"a{author}", summary=f"s{summary}", hashtags=(f"x{tag}",))
    found = front(told)
    assert (found["title"], found["author"], found["summary"]) == (f"t{title}", f"a{author}", f"s{summary}")
    assert found["tags"] == [f"x{tag}"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_stay_on_their_line(text: str) -> None:
    told = rendering.front_matter(replace(OUTGOING, title=text))
    assert len(told.splitlines()) == len(rendering.front_matter(OUTGOING).splitlines())
    assert rendering.marks(told) == {rendering.PIECE: "pie_1", rendering.KEY: OUTGOING.key}


@given(st.text(max_size=200))
def test_marks_of_any_file_can_be_read(text: str) -> None:
    assert set(rendering.marks(text)) <= {rendering.PIECE, rendering.KEY}


@pytest.mark.parametrize(
    "text", ["", "---", "---\n", '---\nregrow_key: "x\n---', "---\nregrow_key: 5\n---", "x\n---\n---"]
)
def test_a_file_without_marks_has_none(text: str) -> None:
    assert not rendering.marks(text).get(rendering.KEY)


@given(st.text(max_size=300), st.sampled_from("ABCD"))
def test_a_name_is_one_step_or_none(slug: str, label: str) -> None:
    name = rendering.file_name(replace(OUTGOING, slug=slug, label=label), "md")
    assert not set(name) & set("/\\\x00\n")
    assert not name.startswith((".", "-"))
    assert len(name.encode()) <= rendering.LONGEST_NAME
    assert name == "" or name.endswith(".md")
