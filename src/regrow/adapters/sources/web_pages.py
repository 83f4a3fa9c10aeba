"""The text of a web page as Markdown: headings, points and paragraphs, without what only the browser reads."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset(
    "title script style template noscript head nav header footer aside form svg math select textarea button "
    "figure".split()
)
_PARTS = frozenset("p div section article main br hr tr td th dl dt dd ul ol table pre address body html".split())
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_SPACE = re.compile(r"\s+")
_GAPS = re.compile(r"\n\s*\n+")


class _Reader(HTMLParser):
    """Collects what a reader of the page sees. Tags that are never closed end with the text around them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _HEADINGS:
            self.parts.append(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self.parts.append("\n\n- ")
        elif tag == "blockquote":
            self.parts.append("\n\n> ")
        elif tag in _PARTS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag in _HEADINGS or tag in _PARTS or tag in ("li", "blockquote"):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(_SPACE.sub(" ", data))


def markdown(page: str) -> str:
    """One line for each part; a heading, a point or a quotation keeps its mark before its text."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (line.strip() for line in _GAPS.split("".join(reader.parts)))
    return "\n\n".join(line for line in lines if line.strip("#-> "))
