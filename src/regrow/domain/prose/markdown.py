"""Markdown as people write it in note vaults, taken apart into blocks of readable text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from regrow.domain.prose.inline import plain

Kind = Literal["heading", "paragraph", "item", "quote", "code", "table"]

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(\[[ xX/-]\][ \t]+)?(.*)$")
_QUOTE = re.compile(r"[ \t]{0,3}>[ \t>]*(?:\[![\w-]+\][+-]?[ \t]*)?(.*)$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:-]*)+$")
# Lines that hold no prose: rules, empty items, properties, definitions of footnotes and links.
_SILENT = re.compile(
    r"[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$"
    r"|[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]*$"
    r"|[ \t]*(?:[-*][ \t]+)?[\w.-]+::(?:[ \t]|$)"
    r"| {0,3}\[(?:\^[^\]\n]{1,100}\]:|[^\]\n]{1,200}\]:[ \t]*\S)"
)
_FRONT_KEY = re.compile(r"[\w\"'][\w \"'.-]*:(?:[ \t]|$)")
_BLOCK_ID = re.compile(r"[ \t]+\^[A-Za-z0-9-]+[ \t]*$|^\^[A-Za-z0-9-]+[ \t]*$")
_TAG_LINE = re.compile(r"[ \t]*(?:#[^\s#]+[ \t,]*)+$")


@dataclass(frozen=True, slots=True)
class Block:
    """One block: `text` without Markdown marks on one line (code and tables keep theirs), `path` the headings above.

    `level` is 1-6 for headings, else 0; `is_task` marks an item with a box to tick.
    """

    kind: Kind
    text: str
    path: tuple[str, ...] = ()
    level: int = 0
    is_task: bool = False


def blocks(markdown: str) -> tuple[Block, ...]:
    """The blocks of a note in order; front matter, comments, definitions and embeds give none."""
    return tuple(_Reader().read(_lines(markdown)))


def readable(markdown: str) -> str:
    """A note as plain prose: one block per line with an empty line between, code dropped.

    Links become their text, embeds and footnotes vanish, inline code keeps its text, table cells are set apart by
    commas. `sentences` and `words` read the result; any sentence of a block is a part of it word for word.
    """
    return "\n\n".join(_shown(block) for block in blocks(markdown) if block.kind != "code")


def _shown(block: Block) -> str:
    if block.kind != "table":
        return block.text
    rows = ([plain(cell) for cell in row.split("|")] for row in block.text.split("\n"))
    return "; ".join(", ".join(cell for cell in row if cell) for row in rows)


def _lines(markdown: str) -> list[str]:
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = without(without(text, "<!--", "-->"), "%%", "%%")
    for tag in ("script", "style"):
        text = without(text, f"<{tag}", f"</{tag}>")
    return _without_front_matter(text.split("\n"))


def without(text: str, opener: str, closer: str) -> str:
    """Cuts every stretch from `opener` to `closer`; an opener that is never closed stays."""
    start = text.find(opener)
    if start < 0:
        return text
    kept, position = [], 0
    while start >= 0:
        end = text.find(closer, start + len(opener))
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + len(closer)
        start = text.find(opener, position)
    return "".join((*kept, text[position:]))


def _without_front_matter(lines: list[str]) -> list[str]:
    if not lines or lines[0].strip("\ufeff \t") != "---" or len(lines) < 2 or not _FRONT_KEY.match(lines[1]):
        return lines
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return lines[number + 1 :]
    return lines


class _Reader:
    """Walks the lines once, holding the paragraph-like block that is still open."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._kind: Kind = "paragraph"
        self._path: list[tuple[int, str]] = []
        self._fence = ""
        self._is_task = False

    def read(self, lines: list[str]) -> Iterator[Block]:
        for line in lines:
            if self._fence:
                yield from self._inside_code(line)
            else:
                yield from self._line(line)
        yield from self._close()

    def _line(self, line: str) -> Iterator[Block]:
        if not line or line.isspace():
            yield from self._close()
        elif line[0].isalpha() and "::" not in line:
            self._add(line, "table" if self._kind == "table" else "paragraph")
        elif fence := _FENCE.match(line):
            yield from self._close()
            self._fence, self._kind = fence[1], "code"
        else:
            yield from self._marked(line)

    def _marked(self, line: str) -> Iterator[Block]:
        sign = line.lstrip()[:1]
        if sign == "#" and (heading := _HEADING.match(line)):
            yield from self._close()
            yield from self._heading(len(heading[1]), heading[2])
        elif self._open and self._kind == "paragraph" and (under := _SETEXT.match(line)):
            title, self._open = " ".join(self._open), []
            yield from self._heading(1 if under[1][0] == "=" else 2, title)
        elif _SILENT.match(line):
            yield from self._close()
        elif (sign in "-*+\u2022" or sign.isdigit()) and (item := _ITEM.match(line)):
            yield from self._start(item[2], "item")
            self._is_task = bool(item[1])
        elif sign == ">" and (quote := _QUOTE.match(line)):
            yield from self._quoted(line, quote[1])
        else:
            yield from self._other(line)

    def _quoted(self, line: str, text: str) -> Iterator[Block]:
        if self._kind != "quote" or not text or "[!" in line:
            yield from self._start(text, "quote")
            if "[!" in line:
                yield from self._close()
        else:
            self._open.append(text)

    def _other(self, line: str) -> Iterator[Block]:
        is_row = line.lstrip().startswith("|") or bool(_TABLE_RULE.match(line))
        if is_row and self._kind != "table":
            if _TABLE_RULE.match(line) and self._open and "|" in self._open[-1]:
                self._kind = "table"
            else:
                yield from self._start("", "table")
        is_code = not self._open and not is_row and self._kind != "item" and line.startswith(("    ", "\t"))
        if is_code:
            yield Block("code", line.strip(), self._above())
        elif not _TABLE_RULE.match(line):
            self._add(line, self._kind if self._open or is_row else "paragraph")

    def _add(self, line: str, kind: Kind) -> None:
        if not self._open:
            self._kind = kind
        self._open.append(line)

    def _start(self, text: str, kind: Kind) -> Iterator[Block]:
        yield from self._close()
        self._kind = kind
        if text:
            self._open.append(text)

    def _close(self) -> Iterator[Block]:
        if self._open:
            yield from self._closed(self._open)
            self._open = []
        if self._kind != "item":
            self._kind = "paragraph"

    def _closed(self, lines: list[str]) -> Iterator[Block]:
        if self._kind in ("code", "table"):
            yield Block(self._kind, "\n".join(line.strip() for line in lines), self._above())
            return
        kept = [_BLOCK_ID.sub("", line) for line in lines if not _TAG_LINE.match(line)]
        text = plain(" ".join(kept))
        if text:
            yield Block(self._kind, text, self._above(), is_task=self._is_task and self._kind == "item")

    def _heading(self, level: int, title: str) -> Iterator[Block]:
        self._path = [(depth, above) for depth, above in self._path if depth < level]
        self._kind = "paragraph"
        text = plain(_BLOCK_ID.sub("", title))
        if text:
            yield Block("heading", text, self._above(), level)
            self._path.append((level, text))

    def _inside_code(self, line: str) -> Iterator[Block]:
        closing = line.strip().lstrip("> ")
        if closing.startswith(self._fence) and not closing.strip(self._fence[0]):
            self._fence = ""
            yield from self._close()
        else:
            self._open.append(line)

    def _above(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._path)
