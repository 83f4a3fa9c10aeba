"""Footnotes of drafts: taken out of the Markdown, referred to by number, and listed below the text."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from regrow.services import markup

REFERENCE = re.compile(r"\[\^([\w-]{1,40})\]")
_DEFINITION = re.compile(r"\[\^([\w-]{1,40})\]:[ \t]*(.*)")
_HEADING = re.compile(r"\n#{1,6}[ \t]+(\w+)[ \t]*\s*\Z")
"""The heading that stood over the footnotes once these are taken out."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Words:
    """What is read out; `{number}` stands for the number of a source."""

    source: str = "Source {number}"
    sources: str = "Sources"
    back: str = "Back to where source {number} is used"


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class Noted:
    """A text without its footnotes, these by name in their order, and the heading that stood over them."""

    text: str
    notes: Mapping[str, str]
    heading: str = ""


def read(body: str) -> Noted:
    """The text and its footnotes; lines within a fence of code are no footnotes."""
    notes: dict[str, str] = {}
    kept: list[str] = []
    for line, is_code in _lines(body):
        found = None if is_code else _DEFINITION.fullmatch(line)
        if found is None:
            kept.append(line)
        else:
            notes[found[1]] = found[2]
            kept.append("")
    if not notes:
        return Noted(body, {})
    text = "\n".join(kept).rstrip() + "\n"
    heading = _HEADING.search(text)
    return Noted(text[: heading.start()] + "\n", notes, heading[1]) if heading else Noted(text, notes)


def without(noted: Noted, is_hidden: Callable[[str], bool]) -> Noted:
    """The same without the footnotes whose text is hidden, and without what refers to them."""
    left = {name: text for name, text in noted.notes.items() if not is_hidden(text)}
    gone = noted.notes.keys() - left.keys()
    text = REFERENCE.sub(lambda found: "" if found[1] in gone else found[0], noted.text) if gone else noted.text
    return Noted(text, left, noted.heading)


def parser(deeper: int) -> MarkdownIt:
    """As the one of `markup`, with references to footnotes."""
    made = markup.parser(deeper)
    made.inline.ruler.before("link", "footnote", _footnote)
    made.add_render_rule("footnote", _reference)
    return made


def html(noted: Noted, prefix: str, made: MarkdownIt, words: Words = ENGLISH) -> tuple[str, frozenset[str]]:
    """The text as HTML, and which of its footnotes it refers to. `prefix` keeps anchors of several texts apart."""
    seen: set[str] = set()
    told = {"order": _order(noted), "prefix": escape(prefix), "seen": seen, "words": words}
    return str(made.render(noted.text, told)), frozenset(seen)


def listed(noted: Noted, prefix: str, seen: frozenset[str], shown: Callable[[str], str], words: Words = ENGLISH) -> str:
    """The footnotes as a list with a way back to each; `shown` gives the HTML of a footnote's text."""
    if not noted.notes:
        return ""
    start = escape(prefix)
    items = (
        f'<li id="{start}-source-{number}">{shown(noted.notes[name])}{_back(start, number, words, name in seen)}</li>'
        for name, number in _order(noted).items()
    )
    return f'<ol class="footnotes" aria-label="{escape(words.sources)}">{"".join(items)}</ol>'


@functools.lru_cache(maxsize=1)
def inline() -> MarkdownIt:
    """What renders the text of one footnote."""
    return markup.parser()


def _lines(body: str) -> Iterator[tuple[str, bool]]:
    """Every line, and whether it is one of code."""
    fence = ""
    for line in body.split("\n"):
        found = _FENCE.match(line)
        yield line, bool(fence)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not line.strip(" `~\r"):
            fence = ""


def _order(noted: Noted) -> dict[str, int]:
    return {name: number for number, name in enumerate(noted.notes, start=1)}


def _footnote(state: StateInline, silent: bool) -> bool:
    found = REFERENCE.match(state.src, state.pos)
    if found is None or found[1] not in state.env.get("order", ()):
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
    label = escape(env["words"].source.format(number=number))
    return f'<sup{mark}><a href="#{prefix}-source-{number}" aria-label="{label}">{number}</a></sup>'


def _back(prefix: str, number: int, words: Words, is_used: bool) -> str:
    if not is_used:
        return ""
    label = escape(words.back.format(number=number))
    return f' <a class="back" href="#{prefix}-ref-{number}" aria-label="{label}">↩</a>'
