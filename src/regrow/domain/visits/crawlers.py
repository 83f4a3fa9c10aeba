"""Programs that are no readers, told by how they name themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

LONGEST_NAME = 512
"""No browser names itself at such length; it also bounds what the patterns have to look at."""
OWN_PATTERNS = {
    "headless": (r"HeadlessChrome", r"PhantomJS", r"Puppeteer", r"Playwright", r"Selenium", r"jsdom"),
    "crawler": (
        r"[Bb][Oo][Tt](?<![Cc][Uu][Bb][Oo][Tt])(?![a-zA-Z])",
        r"[cC]rawl",
        r"[sS]pider",
        r"[sS]crap[ey]",
        r"^[Pp]ython",
    ),
}
"""Whoever calls itself a bot is one, on the list or not; Cubot makes phones."""
_SECTION = re.compile(r"\[([a-z_]+)\]")
_ESCAPED = re.compile(r"\\([^a-zA-Z0-9])")
_SYNTAX = re.compile(r"[\\^$.|?*+()\[\]{}]")
_CLASS = re.compile(r"\[([a-zA-Z]{2,4})\]")
_KEPT = 20_000
_PROBE = 3


class Crawlers:
    """Why a program is not counted, by its User-Agent.

    Nearly all patterns are plain words, some at the beginning only. Words are found by three of their characters, so
    that a name costs as much as it is long, whatever the length of the list; the few others are expressions over a
    bounded text.
    """

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        self._order = list(patterns)
        self._words: dict[str, list[tuple[str, int]]] = {}
        beginnings: dict[str, int] = {}
        expressions: list[list[str]] = [[] for _ in patterns]
        for rank, some in enumerate(patterns.values()):
            for pattern in some:
                words = plain(pattern.removeprefix("^"))
                if not words or len(words[0]) < _PROBE:
                    expressions[rank].append(f"(?:{pattern})")
                elif pattern.startswith("^"):
                    beginnings.update(dict.fromkeys(words, rank))
                else:
                    for word in words:
                        self._words.setdefault(word[:_PROBE], []).append((word, rank))
        self._beginnings = tuple(beginnings.items())
        self._begin = tuple(beginnings)
        self._expressions = [(rank, re.compile("|".join(some))) for rank, some in enumerate(expressions) if some]
        self._probes = frozenset(self._words)
        self.reason = lru_cache(maxsize=_KEPT)(self._reason)

    def _reason(self, name: str) -> str | None:
        """`no_user_agent`, one of the list's reasons (the first that fits), or None for a browser."""
        if not name.strip():
            return "no_user_agent"
        if len(name) > LONGEST_NAME:
            return "crawler"
        found = [rank for rank, expression in self._expressions if expression.search(name)]
        probes = {name[at : at + _PROBE] for at in range(len(name) - _PROBE + 1)} & self._probes
        found += [rank for probe in probes for word, rank in self._words[probe] if word in name]
        if name.startswith(self._begin):
            found += [rank for word, rank in self._beginnings if name.startswith(word)]
        return self._order[min(found)] if found else None


def plain(pattern: str) -> list[str]:
    """The words that a pattern stands for; none when it is more than words."""
    some = [""]
    for place, part in enumerate(_CLASS.split(pattern)):
        bare = _ESCAPED.sub("", part)
        if place % 2 == 0 and _SYNTAX.search(bare):
            return []
        ends = part if place % 2 else [_ESCAPED.sub(r"\1", part)]
        some = [word + end for word in some for end in ends]
    return some


def read(text: str) -> Crawlers:
    """The vendored list with our own patterns: sections in the order in which reasons are looked for."""
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in text.splitlines():
        if heading := _SECTION.fullmatch(line):
            section = found.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            section.append(line)
    for reason, patterns in OWN_PATTERNS.items():
        found.setdefault(reason, []).extend(patterns)
    return Crawlers(found)
