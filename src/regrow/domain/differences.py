"""What changed between two texts, word by word, as a person would mark it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, groupby
from typing import Any, Literal, NamedTuple

from regrow.domain import prose
from regrow.domain.prose.characters import CHARACTER, MARKS

Op = Literal["equal", "insert", "delete"]
FIELDS = ("title", "subject", "preheader", "body", "cta", "cta_url", "hashtags")
"""What of a variant's content people write and read, in reading order."""

MOST_STEPS = 2_000_000
"""Comparisons that one difference may cost, some tenths of a second; what would cost more is replaced whole."""
MOST_PAIRED = 400

# Scripts written without spaces: every character is a word.
_SOLID = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_PARAGRAPH = re.compile(r"(?:[^\n]++\n?+)++\n*+|\n++")
_SENTENCE = re.compile(
    r"(?:[^\n.!?…。\uff01\uff1f]++|[.!?…]++[\"'”’»)\]*_]*+(?!\s|\Z))*+"
    r"(?:[.!?…。\uff01\uff1f]++[\"'”’」』»)\]*_]*+)?+[^\S\n]*+\n*+"
)
_WORD = re.compile(
    rf"\n|[^\S\n]++"
    rf"|[{_SOLID}](?:[{MARKS}]|\u200d\S?)*+"
    rf"|[^\W_{_SOLID}](?:[^\W_{_SOLID}{MARKS}]|[{MARKS}\u200d]|['’](?=[^\W_])|(?<=\d)[.,](?=\d))*+"
    rf"|{CHARACTER}"
)
_LEVELS: tuple[Callable[[str], list[str]], ...] = (_PARAGRAPH.findall, _SENTENCE.findall, _WORD.findall)
# Letters and numbers of any script, and emoji.
_LETTER = re.compile(r"[^\W_]|[^\x00-\u2fff\u3000-\u303f\ufe00-\ufe0f\uff00-\uff20]")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text that stayed, came or went."""

    op: Op
    text: str


class Counts(NamedTuple):
    """Words that came and words that went."""

    added: int
    removed: int


def between(before: str, after: str) -> tuple[Part, ...]:
    """The parts in reading order: equal and delete joined give `before`, equal and insert joined give `after`.

    Whole words change, what went stands before what came, and a single word that stayed between two replacements is
    taken into one change with them.
    """
    return tuple(_merged(_tidy(_compared(before, after, 0, _Purse(MOST_STEPS)))))


def counts(parts: Iterable[Part]) -> Counts:
    found = Counter({"insert": 0, "delete": 0})
    for part in parts:
        if part.op != "equal":
            found[part.op] += len(prose.words(part.text))
    return Counts(found["insert"], found["delete"])


def fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Part, ...]]:
    """The difference of every text field that either content has; one that did not change is one equal part."""
    texts = {name: (_text(before.get(name)), _text(after.get(name))) for name in FIELDS}
    return {name: between(*pair) for name, pair in texts.items() if any(pair)}


def is_changed(parts: Iterable[Part]) -> bool:
    return any(part.op != "equal" for part in parts)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


class _Purse:
    """The steps that may still be taken."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def pay(self, steps: int) -> bool:
        """Whether there was enough; what cannot be paid costs nothing."""
        if steps > self._left:
            return False
        self._left -= steps
        return True


class _Limited(SequenceMatcher[str]):
    """Looks no further into a stretch than the purse allows: the longest match costs a step for each equal pair."""

    def __init__(self, a: Sequence[str], b: Sequence[str], purse: _Purse) -> None:
        super().__init__(None, a, b, autojunk=False)
        times = Counter(b)
        self._costs = [0, *accumulate(1 + times[unit] for unit in a)]
        self._purse = purse

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        end = len(self._costs) - 1 if ahi is None else ahi
        if self._purse.pay(10 + self._costs[end] - self._costs[alo]):
            return super().find_longest_match(alo, ahi, blo, bhi)
        return Match(alo, blo, 0)


def _is_junk(unit: str) -> bool:
    """Spaces and marks belong to the words beside them: alone they hold no two texts together."""
    return not _LETTER.search(unit)


def _compared(before: str, after: str, level: int, purse: _Purse) -> Iterator[Part]:
    """Compares by the units of this level, and what changed among them by those of the next."""
    if before == after or not before or not after:
        yield from _replaced(before, after)
        return
    a, b = _units(before, level), _units(after, level)
    head, tail = _common(a, b)
    yield Part("equal", "".join(a[:head]))
    yield from _between_anchors(a[head : len(a) - tail], b[head : len(b) - tail], level, purse)
    yield Part("equal", "".join(a[len(a) - tail :]))


def _units(text: str, level: int) -> list[str]:
    return [unit for unit in _LEVELS[level](text) if unit]


def _between_anchors(a: Sequence[str], b: Sequence[str], level: int, purse: _Purse) -> Iterator[Part]:
    """Goes from each unit that both have to the next, and looks deeper into what lies between."""
    a_done = b_done = 0
    for a_place, b_place in _anchors(a, b, purse):
        yield from _deeper(a[a_done:a_place], b[b_done:b_place], level, purse)
        yield Part("equal", a[a_place])
        a_done, b_done = a_place + 1, b_place + 1
    yield from _deeper(a[a_done:], b[b_done:], level, purse)


def _anchors(a: Sequence[str], b: Sequence[str], purse: _Purse) -> Iterator[tuple[int, int]]:
    """The places of the units that stayed; only the words are compared, or the spaces would break every run."""
    a_places = [place for place, unit in enumerate(a) if not _is_junk(unit)]
    b_places = [place for place, unit in enumerate(b) if not _is_junk(unit)]
    if min(len(a_places), len(b_places)) == 0 or max(len(a_places), len(b_places)) == 1:
        return
    matcher = _Limited([a[place] for place in a_places], [b[place] for place in b_places], purse)
    for a_from, b_from, size in matcher.get_matching_blocks():
        yield from zip(a_places[a_from : a_from + size], b_places[b_from : b_from + size], strict=True)


def _deeper(a: Sequence[str], b: Sequence[str], level: int, purse: _Purse) -> Iterator[Part]:
    """As many paragraphs as before were most likely polished one by one."""
    if a == b:
        yield Part("equal", "".join(a))
    elif level == 0 and 1 < len(a) == len(b) <= MOST_PAIRED:
        for one, other in zip(a, b, strict=True):
            yield from _compared(one, other, 1, purse)
    elif level == len(_LEVELS) - 1:
        head, tail = _common(a, b)
        yield Part("equal", "".join(a[:head]))
        yield from _replaced("".join(a[head : len(a) - tail]), "".join(b[head : len(b) - tail]))
        yield Part("equal", "".join(a[len(a) - tail :]))
    else:
        yield from _compared("".join(a), "".join(b), level + 1, purse)


def _replaced(before: str, after: str) -> Iterator[Part]:
    if before == after:
        yield Part("equal", before)
    else:
        yield Part("delete", before)
        yield Part("insert", after)


def _common(a: Sequence[str], b: Sequence[str]) -> tuple[int, int]:
    """How many units both begin with, and how many of the others both end with."""
    most, head, tail = min(len(a), len(b)), 0, 0
    while head < most and a[head] == b[head]:
        head += 1
    while tail < most - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def _tidy(parts: Iterable[Part]) -> list[Part]:
    """Neighbours of one kind joined, and in every change what went before what came."""
    found: list[Part] = []
    for is_equal, group in groupby((part for part in parts if part.text), key=lambda part: part.op == "equal"):
        held = list(group)
        ops: tuple[Op, ...] = ("equal",) if is_equal else ("delete", "insert")
        joined = (Part(op, "".join(part.text for part in held if part.op == op)) for op in ops)
        found += [part for part in joined if part.text]
    return found


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Takes an island of one word at most into the two replacements around it; a line break keeps them apart."""
    found: list[Part] = []
    for place, part in enumerate(parts):
        if _is_island(part) and _is_replacement(parts[max(place - 2, 0) : place]):
            if _is_replacement(parts[place + 1 : place + 3]):
                found += [Part("delete", part.text), Part("insert", part.text)]
                continue
        found.append(part)
    return _tidy(found)


def _is_island(part: Part) -> bool:
    short = part.op == "equal" and len(part.text) <= 40 and "\n" not in part.text
    return short and sum(not _is_junk(unit) for unit in _WORD.findall(part.text)) <= 1


def _is_replacement(parts: Sequence[Part]) -> bool:
    return [part.op for part in parts] == ["delete", "insert"]
