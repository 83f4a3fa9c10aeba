"""Markdown of drafts as HTML, and the picture of a topic's links."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.cli.demo import markdown, picture
from regrow.cli.demo.markdown import Place

ALLOWED = {
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "a",
        "ul",
        "ol",
        "li",
        "em",
        "strong",
        "code",
        "pre",
        "blockquote",
        "hr",
    ),
    *("br", "sup"),
}
PIECES = st.sampled_from(
    [
        *"<>[]()!&\"'`*_#:/\\ \n^ab1",
        "[^1]",
        "[^1]: note\n",
        "<script>",
        "javascript:",
        "](http://a.b)",
        "data:text/html,",
    ]
)


class Seen(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@given(st.lists(PIECES, max_size=60).map("".join))
def test_nothing_gets_through_but_plain_elements_and_web_links(body: str) -> None:
    seen = Seen(str(markdown.html(body, "p", {"note": Place("A note", "note-1")})))
    assert seen.elements <= ALLOWED
    assert seen.attributes <= {"href", "title", "rel", "id", "class", "aria-label", "start"}
    assert all(link.startswith(("#", "http://", "https://")) for link in seen.links)


def test_footnotes_become_a_list_that_leads_to_the_notes() -> None:
    body = "Bread rises.[^1] It falls.[^2] Again.[^1]\n\n## Sources\n\n[^1]: Proofing\n[^2]: Elsewhere\n"
    html = str(markdown.html(body, "blog-1-A", {"Proofing": Place("Proofing", "note-4")}))
    assert "Sources</h" not in html
    assert '<li id="blog-1-A-source-1"><a href="#note-4">Proofing</a>' in html
    assert '<li id="blog-1-A-source-2">Elsewhere' in html
    assert html.count('href="#blog-1-A-source-1"') == 2
    assert html.count('id="blog-1-A-ref-1"') == 1


def test_headings_are_lowered_and_lists_kept() -> None:
    html = str(
        markdown.html(
            "# One\n\n## Two\n\n- a\n- b\n\n[x](https://example.org) ![y](https://example.org/z.png)", "p", {}
        )
    )
    assert "<h3>One</h3>" in html
    assert "<h4>Two</h4>" in html
    assert "<li>a</li>" in html
    assert '<a href="https://example.org" rel="noopener noreferrer nofollow">x</a>' in html
    assert "<img" not in html


@pytest.mark.parametrize("count", [1, 2, 3, 12, 40])
def test_every_note_has_a_place_inside_the_picture_and_none_covers_another(count: int) -> None:
    edges = [(1, number) for number in range(2, count + 1)]
    points = picture.placed(count, edges)
    assert sorted(points) == list(range(1, count + 1))
    assert all(0 <= point.x <= picture.WIDTH and 0 <= point.y <= picture.HEIGHT for point in points.values())
    assert len({(point.x, point.y) for point in points.values()}) == count
    assert picture.placed(count, edges) == points


def test_no_note_makes_an_empty_picture() -> None:
    assert picture.placed(0, []) == {}
