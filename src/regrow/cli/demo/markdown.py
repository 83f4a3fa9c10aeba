"""Markdown of a draft as HTML for the report, with its footnotes as a list that leads to the notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from regrow.services import footnotes


@dataclass(frozen=True, slots=True)
class Place:
    """What a footnote stands for: its title, and its anchor on the page."""

    title: str
    anchor: str


def html(body: str, prefix: str, places: Mapping[str, Place], deeper: int = 2) -> str:
    """The body as HTML with its footnotes as a list at the end.

    `prefix` keeps the anchors of several bodies on one page apart, `places` says what a footnote's text stands for,
    `deeper` is by how many levels headings are lowered.
    """
    noted = footnotes.read(body)
    text, seen = footnotes.html(noted, prefix, footnotes.parser(deeper))
    return text + footnotes.listed(noted, prefix, seen, lambda told: _shown(told, places))


def _shown(text: str, places: Mapping[str, Place]) -> str:
    place = places.get(text.strip())
    return f'<a href="#{escape(place.anchor)}">{escape(place.title)}</a>' if place else escape(text)
