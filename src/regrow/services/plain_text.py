"""Markdown of a draft as text to be read as it is: no marks, links with their address, lines of a bearable length."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt

from regrow.services import markup

WIDTH = 78
_NARROWEST = 20
_RULE = "-" * 20
_QUOTE = "> "


def of(markdown: str) -> str:
    """The text, wrapped at WIDTH; a longer word or address stays whole."""
    page = _Page()
    for token in _parser().parse(markdown):
        page.take(token)
    return page.text


def wrapped(text: str, first: str = "", rest: str = "") -> str:
    """The lines of a text, each wrapped; `first` stands before the first of them and `rest` before the others."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line,
            max(WIDTH, len(rest) + _NARROWEST),
            initial_indent=rest if lines else first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


@functools.lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return markup.parser()


class _Page:
    """Text in the making. `_first` is what the next line begins with, where that is not what all lines begin with."""

    def __init__(self) -> None:
        self.text = ""
        self._indents: list[str] = []
        self._first: str | None = None
        self._numbers: list[int | None] = []
        self._is_tight = self._was_tight = False

    def take(self, token: Any) -> None:
        """The next token of the document."""
        if token.type == "paragraph_open":
            self._is_tight = token.hidden
        elif token.type == "inline":
            self._add(wrapped(_inline(token.children or []), *self._taken()))
        elif token.type in ("fence", "code_block"):
            first, rest = self._taken()
            self._add(first + token.content.rstrip().replace("\n", f"\n{rest}"))
        elif token.type == "hr":
            self._add(self._taken()[0] + _RULE)
        else:
            self._take_container(token)

    def _take_container(self, token: Any) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._numbers.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
            self._was_tight = self._was_tight and bool(self._numbers)
        elif token.type in ("list_item_open", "blockquote_open"):
            mark = _QUOTE if token.type == "blockquote_open" else self._item_mark()
            self._first = ("".join(self._indents) if self._first is None else self._first) + mark
            self._indents.append(mark if mark == _QUOTE else " " * len(mark))
        elif token.type in ("list_item_close", "blockquote_close"):
            self._indents.pop()
            self._first = None
        elif token.type in ("heading_open", "paragraph_close"):
            self._is_tight = False

    def _item_mark(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _taken(self) -> tuple[str, str]:
        """What the first line and all others of the next block begin with."""
        rest = "".join(self._indents)
        first, self._first = rest if self._first is None else self._first, None
        return first, rest

    def _add(self, block: str) -> None:
        if block.strip():
            between = "\n" if self._is_tight and self._was_tight else "\n\n"
            self.text += (between if self.text else "") + block
            self._was_tight = self._is_tight


def _inline(tokens: Sequence[Any]) -> str:
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            links.append((str(token.attrGet("href") or ""), len(parts)))
        elif token.type == "link_close":
            address, start = links.pop()
            shown = "".join(parts[start:]).strip()
            parts.append("" if shown in (address, address.partition("://")[2]) else f" ({address})")
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n" if token.type == "hardbreak" else " ")
        else:
            parts.append(token.content)
    return "".join(parts)
