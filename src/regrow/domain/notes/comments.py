"""Takes comments out of a note and finds its code, in which nothing is a link, a tag or a comment."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"`+|~~~+|%%|<!--")
_FENCE_INDENT = re.compile(r"[ \t>]*+(?:[-*+][ \t]+)?$")
_LONGEST_INDENT = 200
_SIGNS = ("`", "~~~", "%%", "<!--")
_FENCE_CLOSE = {
    "`": re.compile(r"^[ \t>]*+(```+)[ \t]*$", re.M),
    "~": re.compile(r"^[ \t>]*+(~~~+)[ \t]*$", re.M),
}
_TICKS = re.compile(r"`+")
_HALVES = ("%", "<", "!", "-", "`", "~", "[")
_CLOSERS = {"%%": "%%", "<!--": "-->"}


class Uncovered(NamedTuple):
    """`text` is without comments; `masked` is as long, with blanks where `text` has code; `hidden` is the comments."""

    text: str
    masked: str
    hidden: str = ""


def uncover(body: str) -> Uncovered:
    """Takes away `%%comments%%` and HTML comments, to the end of the note where one is never closed."""
    if not any(sign in body for sign in _SIGNS):
        return Uncovered(body, body)
    return _Walk(body).run()


class _Walk:
    """One pass from mark to mark; what lies between is kept as it is."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._kept: list[str] = []
        self._masked: list[str] = []
        self._hidden: list[str] = []
        self._done = 0
        self._line_end = -1
        self._ticks: dict[int, list[int]] = {}

    def run(self) -> Uncovered:
        mark = _MARK.search(self._body)
        while mark is not None:
            end = self._skip(mark)
            mark = _MARK.search(self._body, end) if end < len(self._body) else None
        self._keep(len(self._body))
        return Uncovered("".join(self._kept), "".join(self._masked), "\n".join(self._hidden))

    def _skip(self, mark: re.Match[str]) -> int:
        sign = mark[0]
        if sign[0] in "`~":
            if len(sign) >= 3 and self._opens_fence(mark):
                return self._code(mark.start(), self._fence_end(mark))
            end = self._tick_end(mark) if sign[0] == "`" else 0
            return self._code(mark.start(), end) if end else mark.end()
        closer = _CLOSERS[sign]
        found = self._body.find(closer, mark.end())
        self._keep(mark.start())
        if self._kept and self._kept[-1].endswith(_HALVES):
            # What stood on both sides of the comment must not become a mark of its own.
            self._kept.append(" ")
            self._masked.append(" ")
        end = len(self._body) if found < 0 else found
        self._hidden.append(self._body[mark.end() : end])
        self._done = min(end + len(closer), len(self._body))
        return self._done

    def _opens_fence(self, mark: re.Match[str]) -> bool:
        """At the start of a line, after quote marks or a bullet at most; ticks must not return on that line."""
        floor = max(0, mark.start() - _LONGEST_INDENT)
        line = self._body.rfind("\n", floor, mark.start()) + 1
        if (line == 0 and floor > 0) or not _FENCE_INDENT.match(self._body, line, mark.start()):
            return False
        if mark[0][0] == "~":
            return True
        end = self._body.find("\n", mark.end())
        return self._body.find("`", mark.end(), end if end >= 0 else len(self._body)) < 0

    def _fence_end(self, mark: re.Match[str]) -> int:
        fence = mark[0]
        for close in _FENCE_CLOSE[fence[0]].finditer(self._body, mark.end()):
            if len(close[1]) >= len(fence):
                return close.end()
        return len(self._body)

    def _tick_end(self, mark: re.Match[str]) -> int:
        """Where inline code ends, 0 when nothing closes it on its line: a comment two lines down is no code."""
        length = mark.end() - mark.start()
        if mark.start() >= self._line_end:
            end = self._body.find("\n", mark.start())
            self._line_end = len(self._body) if end < 0 else end
            self._ticks = {}
        following = _TICKS.search(self._body, mark.end(), self._line_end)
        if following is None or following.end() - following.start() == length:
            return following.end() if following else 0
        if not self._ticks:
            self._ticks = self._runs(mark.start())
        places = self._ticks.get(length, [])
        while places and places[-1] < mark.end():
            places.pop()
        return places[-1] + length if places else 0

    def _runs(self, start: int) -> dict[int, list[int]]:
        """Where runs of each length begin on the rest of the line, the last one first."""
        found: dict[int, list[int]] = {}
        for run in _TICKS.finditer(self._body, start, self._line_end):
            found.setdefault(run.end() - run.start(), []).append(run.start())
        for places in found.values():
            places.reverse()
        return found

    def _code(self, start: int, end: int) -> int:
        self._keep(start)
        code = self._body[start:end]
        self._kept.append(code)
        self._masked.append(" " * len(code))
        self._done = end
        return end

    def _keep(self, end: int) -> None:
        if end > self._done:
            self._kept.append(self._body[self._done : end])
            self._masked.append(self._kept[-1])
            self._done = end
