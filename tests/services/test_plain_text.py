"""Markdown as plain text: what it says stays, what only marks it goes, and no line grows too long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.services import markup, plain_text

LONG = "A closed pot keeps the steam that a home oven loses, and a dark crust comes of it in twenty minutes."


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# Head\n\nA *b* **c** `d` \\*e\\*", "Head\n\nA b c d *e*"),
        ("one\ntwo  \nthree", "one two\nthree"),
        ("[tea](https://tea.example) <https://a.b/c>", "tea (https://tea.example) https://a.b/c"),
        ("[tea.example](https://tea.example)", "tea.example"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("- a\n- b\n  - c\n\ntext", "- a\n- b\n  - c\n\ntext"),
        ("- a\n\n- b", "- a\n\n- b"),
        ("3. a\n4. b\n\n- c", "3. a\n4. b\n\n- c"),
        ("> said\n>\n> > twice", "> said\n\n> > twice"),
        ("- > said", "- > said"),
        ("- - a", "- - a"),
        ("- item\n\n  ```\n  x = 1\n  y\n  ```", "- item\n\n  x = 1\n  y"),
        ("a\n\n---\n\nb", f"a\n\n{'-' * 20}\n\nb"),
        ("<b>bold</b> &amp; &lt;", "<b>bold</b> & <"),
        ("-\n- b", "- b"),
        ("", ""),
    ],
)
def test_marks_are_taken_away_sensibly(markdown: str, expected: str) -> None:
    assert plain_text.of(markdown) == expected


def test_lines_are_wrapped_under_their_own_beginning() -> None:
    lines = plain_text.of(f"- {LONG}\n- short\n\n> {LONG}").split("\n")
    assert max(map(len, lines)) <= plain_text.WIDTH
    assert [line[:2] for line in lines] == ["- ", "  ", "- ", "", "> ", "> "]
    assert f"{lines[0][2:]} {lines[1][2:]}" == f"{lines[4][2:]} {lines[5][2:]}" == LONG


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["word ", "longer-word ", "*a* ", "- ", "1. ", "> ", "\n", "\n\n"]), max_size=60))
def test_every_word_is_kept_and_every_line_bearable(parts: list[str]) -> None:
    markdown = "".join(parts)
    text = plain_text.of(markdown)
    for word in ("longer-word", "word "):
        assert text.replace("\n", " ").count(word.strip()) == markdown.count(word.strip())
    assert all(len(line) <= plain_text.WIDTH for line in text.split("\n"))


@pytest.mark.parametrize(
    "markdown", ["[" * 20_000, "*a **b " * 2_800, "[a](" * 5_000, "> " * 10_000, "- " * 10_000, "a**" * 6_600]
)
def test_nobody_can_make_it_too_deep(markdown: str) -> None:
    assert isinstance(plain_text.of(markdown), str)
    assert markup.parser().render(markdown)
