"""A variant's Markdown as an article: its text and its sources as HTML, how long it takes to read, how it begins."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from regrow.domain.publishing import reading
from regrow.services import footnotes, markup
from regrow.services.footnotes import Words

PREFIX = "note"
LONGEST_KEY = 8
_TITLE = re.compile(r"\s*#[ \t]+([^\n]+)\n?")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_MARKS = frozenset({"text", "code_inline"})


@dataclass(frozen=True, slots=True)
class Article:
    """`html` is the text and `sources` the list of its footnotes; `heading` stood over them in the draft.

    `call` is the words of its call to action, empty without one.
    """

    html: str
    sources: str
    heading: str
    summary: str
    minutes: int
    words: int
    call: str = ""
    call_address: str = ""


def called(article: Article, call: str, address: object) -> Article:
    """The article with its call to action, when there is one that leads to the web."""
    place = markup.web_address(address)
    return replace(article, call=call.strip(), call_address=place) if place and call.strip() else article


def public(body: str, is_public: Callable[[str], bool] | None) -> str:
    """The Markdown without footnotes that are not for everybody; word for word as it was when all of them are."""
    if is_public is None:
        return body
    noted = footnotes.read(body)
    left = _shown(noted, is_public)
    if len(left.notes) == len(noted.notes):
        return body
    listed = "\n".join(f"[^{name}]: {text}" for name, text in left.notes.items())
    heading = f"## {left.heading}\n\n" if left.heading and listed else ""
    return f"{left.text.rstrip()}\n\n{heading}{listed}\n" if listed else left.text


def made(title: str, body: str, is_public: Callable[[str], bool] | None, words: Words, id: str = "") -> Article:
    """The article. A first heading that repeats the title goes; headings begin at the second level.

    With `is_public` only footnotes that it knows, and addresses of the web, are shown. Its anchors carry the end of
    `id`, so that a reader of feeds can show many articles on one page.
    """
    prefix = f"{PREFIX}-{id[-LONGEST_KEY:]}" if id else PREFIX
    noted = footnotes.read(_untitled(title, body))
    if is_public is not None:
        noted = _shown(noted, is_public)
    tokens = _parser(0).parse(noted.text, {"order": dict(noted.notes)})
    html, seen = footnotes.html(noted, prefix, _parser(int(any(token.tag == "h1" for token in tokens))), words)
    paragraphs = _paragraphs(tokens)
    text = " ".join(told for _kind, told in paragraphs)
    first = next((told for kind, told in paragraphs if kind == "paragraph_open" and told), text)
    return Article(
        html=html,
        sources=footnotes.listed(noted, prefix, seen, _source, words),
        heading=noted.heading or words.sources,
        summary=reading.opening(first),
        minutes=reading.minutes(text),
        words=len(text.split()),
    )


def _shown(noted: footnotes.Noted, is_public: Callable[[str], bool]) -> footnotes.Noted:
    return footnotes.without(noted, lambda text: not is_public(text.strip()) and not _WEB.match(text.strip()))


def _untitled(title: str, body: str) -> str:
    found = _TITLE.match(body)
    return body[found.end() :] if found and found[1].strip(" #\t\r") == title.strip() else body


@functools.lru_cache(maxsize=2)
def _parser(deeper: int) -> MarkdownIt:
    # Blocks that may be wider than a phone scroll by themselves, and the keyboard has to reach them.
    made = footnotes.parser(deeper).enable(["table", "strikethrough"])
    made.add_render_rule("fence", _code)
    made.add_render_rule("code_block", _code)
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return made


def _code(_renderer: Any, tokens: Any, place: int, _options: Any, _env: Any) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[place].content)}</code></pre>\n'


def _table_open(*_: Any) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _source(text: str) -> str:
    """A footnote's text; an address of the web becomes a link."""
    told = text.strip()
    return str(footnotes.inline().renderInline(f"<{told}>" if _WEB.match(told) and " " not in told else told))


def _paragraphs(tokens: list[Any]) -> list[tuple[str, str]]:
    """The plain text of each block, with what kind of block it is."""
    found, kind = [], ""
    for token in tokens:
        if token.type == "inline":
            found.append((kind, _plain(token.children or [])))
        elif token.nesting > 0:
            kind = token.type
    return found


def _plain(children: list[Any]) -> str:
    parts = (
        child.content if child.type in _MARKS else " " if child.type in ("softbreak", "hardbreak") else ""
        for child in children
    )
    return "".join(parts).strip()
