"""Markdown of a draft as HTML for the report, with its footnotes as a list that leads to the notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from regrow.services import markup

DEFINITION = re.compile(r"^\[\^([\w-]{1,40})\]:[ \t]*(.*)$", re.MULTILINE)
REFERENCE = re.compile(r"\[\^([\w-]{1,40})\]")
EMPTY_SOURCES = re.compile(r"\n#{1,6}[ \t]+\w+[ \t]*\s*\Z")
"""The heading that stood over the footnotes once these are taken out."""


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
    notes = dict(DEFINITION.findall(body))
    rest = DEFINITION.sub("", body)
    if notes:
        rest = EMPTY_SOURCES.sub("\n", rest.rstrip() + "\n")
    order = {name: number for number, name in enumerate(notes, start=1)}
    seen: set[str] = set()
    rendered = _parser(deeper).render(rest, {"order": order, "prefix": escape(prefix), "seen": seen})
    return str(rendered) + _listed(notes, escape(prefix), places, seen)


def _parser(deeper: int) -> MarkdownIt:
    made = markup.parser(deeper)
    made.inline.ruler.before("link", "footnote", _footnote)
    made.add_render_rule("footnote", _reference)
    return made


def _footnote(state: StateInline, silent: bool) -> bool:
    found = REFERENCE.match(state.src, state.pos)
    if found is None or found[1] not in state.env["order"]:
        return False
    if not silent:
        token = state.push("footnote", "", 0)
        token.meta = {"name": found[1]}
    state.pos = found.end()
    return True


def _reference(_renderer: Any, tokens: Any, place: int, _options: Any, env: Any) -> str:
    name = tokens[place].meta["name"]
    number, prefix = env["order"][name], env["prefix"]
    mark = "" if name in env["seen"] else f' id="{prefix}-ref-{number}"'
    env["seen"].add(name)
    return f'<sup{mark}><a href="#{prefix}-source-{number}" aria-label="Source {number}">{number}</a></sup>'


def _listed(notes: Mapping[str, str], prefix: str, places: Mapping[str, Place], seen: set[str]) -> str:
    if not notes:
        return ""
    items = (
        f'<li id="{prefix}-source-{number}">{_shown(text, places)}{_back(prefix, number) if name in seen else ""}</li>'
        for number, (name, text) in enumerate(notes.items(), start=1)
    )
    return f'<ol class="footnotes" aria-label="Sources">{"".join(items)}</ol>'


def _shown(text: str, places: Mapping[str, Place]) -> str:
    place = places.get(text.strip())
    return f'<a href="#{escape(place.anchor)}">{escape(place.title)}</a>' if place else escape(text)


def _back(prefix: str, number: int) -> str:
    words = f"Back to where source {number} is used"
    return f' <a class="back" href="#{prefix}-ref-{number}" aria-label="{words}">↩</a>'
