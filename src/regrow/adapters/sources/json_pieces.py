"""A large JSON list cut into its items while it is read, so that only one item is in memory at a time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from regrow.adapters.sources.places import Unfit

_SIGN = re.compile(r'[{}\[\]"]')
_STRING_END = re.compile(r'["\\]')
_PIECE = 1 << 18


class Large(str):
    """An item that is too large to be kept: how it begins."""


def items(file: BinaryIO, most: int) -> Iterator[str]:
    """The text of each object in the list, in order; one of more than `most` characters comes as Large.

    Unfit when the file is no list of objects, or ends before its list does.
    """
    walk = _Walk(most)
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    while data := file.read(_PIECE):
        yield from walk.feed(decoder.decode(data))
    if walk.depth != 0 or not walk.was_list:
        raise Unfit("the JSON ends too early: export it again" if walk.was_list else "it is no JSON list of pages")


class _Walk:
    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[str] = []
        self._size = 0
        self._in_string = self._is_escaped = False
        self.depth = 0
        self.was_list = False

    def feed(self, text: str) -> Iterator[str]:
        place, start = 0, 0
        while place < len(text):
            if self._is_escaped:
                self._is_escaped = False
                place += 1
                continue
            mark = (_STRING_END if self._in_string else _SIGN).search(text, place)
            if mark is None:
                break
            place = mark.end()
            if self._in_string:
                self._is_escaped = mark[0] == "\\"
                self._in_string = self._is_escaped
            elif mark[0] == '"':
                self._in_string = True
            elif mark[0] in "[{":
                start = self._opened(mark, start)
            else:
                self.depth -= 1
                if self.depth < 0:
                    raise Unfit("the JSON is broken: export it again")
                if self.depth == 1:
                    self._keep(text[start:place])
                    yield self._item()
                    start = place
        if self.depth > 1:
            self._keep(text[start:])

    def _opened(self, mark: re.Match[str], start: int) -> int:
        if self.depth == 0:
            if mark[0] != "[" or self.was_list:
                raise Unfit("it is no JSON list of pages")
            self.was_list = True
        self.depth += 1
        return mark.start() if self.depth == 2 else start

    def _keep(self, text: str) -> None:
        if self._size <= self._most:
            self._parts.append(text[: self._most + 1])
        self._size += len(text)

    def _item(self) -> str:
        text = "".join(self._parts)
        is_large = self._size > self._most
        self._parts, self._size = [], 0
        return Large(text[:2_000]) if is_large else text
