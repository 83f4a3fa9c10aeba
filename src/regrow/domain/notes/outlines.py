"""Outlines: blocks below blocks, as Logseq and Roam keep them, and the Markdown they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

MAX_INDENT = 12
"""Bullets deeper than this stay at it: nobody reads on, and indentation alone would blow up the text."""
MAX_REFERENCE_DEPTH = 4
MAX_RESOLVED = 50_000
"""Characters that references may add to one note: blocks that name each other twice would double at every step."""
MAX_WHOLE = 500
"""Blocks that one embed brings in."""

_CODE = re.compile(r"(^[ \t]*(```+|~~~+)[^\n]*\n(?s:.*?)(?:^[ \t]*\2[`~]*[ \t]*$|\Z)|`[^`\n]+`)", re.M)
_HEADING = re.compile(r"#{1,6} ")
_TASK = re.compile(r"\[[ xX]\] ")
_QUOTE_OR_CODE = (">", "```", "~~~", "|")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an outline; its children are those that follow it with a greater depth."""

    depth: int
    text: str
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Referred:
    """A block that others point at: its own text, the text with all below it, and the private page it stands on."""

    text: str
    whole: str
    private_page: str = ""


Find = Callable[[str], Referred | None]


def render(blocks: Sequence[Block]) -> str:
    """Top blocks as paragraphs, headings as headings, everything below them as nested lists."""
    parts: list[str] = []
    headings: list[int] = []
    was_item = False
    for block in blocks:
        while headings and block.depth <= headings[-1]:
            headings.pop()
            was_item = False
        text = block.text.strip("\n")
        if not text.strip():
            # Nothing to show, but what stands below it moves up into its place.
            headings.append(block.depth)
            continue
        is_heading = _HEADING.match(text) is not None
        level = block.depth - (headings[-1] + 1 if headings else 1)
        is_item = not is_heading and (level >= 0 or _TASK.match(text) is not None)
        parts.append(("\n" if was_item and is_item else "\n\n") if parts else "")
        parts.append(_item(text, max(level, 0)) if is_item else text)
        if is_heading:
            headings.append(block.depth)
        was_item = is_item
    return "".join(parts)


def _item(text: str, level: int) -> str:
    indent = "  " * min(level, MAX_INDENT)
    first, *more = text.split("\n")
    return "\n".join([f"{indent}- {first}", *(f"{indent}  {line}" if line.strip() else "" for line in more)])


def below(blocks: Sequence[Block], place: int) -> Sequence[Block]:
    """The block at this place with all its children, its depth counted as 0."""
    top = blocks[place].depth
    end, last = place + 1, min(len(blocks), place + MAX_WHOLE)
    while end < last and blocks[end].depth > top:
        end += 1
    return [Block(block.depth - top, block.text, block.uid) for block in blocks[place:end]]


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Changes what is no code; code stays as it was written."""
    if "`" not in text and "~~~" not in text:
        return change(text)
    kept: list[str] = []
    done = 0
    for match in _CODE.finditer(text):
        kept += (change(text[done : match.start()]), match[0])
        done = match.end()
    return "".join((*kept, change(text[done:])))


class References:
    """Puts the text of blocks where notes point at them: a few steps deep, never in a circle, never without end.

    What stands on a private page is never told; a link to that page takes its place, so that the sentence around it is
    hidden from writers like every other one that leads there.
    """

    def __init__(self, find: Find, clean: Callable[[str, References], str]) -> None:
        self._find, self._clean = find, clean
        self._open: list[str] = []
        self._left = MAX_RESOLVED

    def text(self, uid: str) -> str | None:
        """What the block says, in one line where it has one; None when no block has that id."""
        return self._told(uid, is_whole=False)

    def whole(self, uid: str) -> str | None:
        """What the block says with all that stands below it."""
        return self._told(uid, is_whole=True)

    def _told(self, uid: str, is_whole: bool) -> str | None:
        found = self._find(uid)
        if found is None:
            return None
        if found.private_page:
            return f"[[{found.private_page}]]"
        said = found.whole if is_whole else found.text
        if uid in self._open or len(self._open) >= MAX_REFERENCE_DEPTH or len(said) > self._left:
            return ""
        self._left -= len(said)
        self._open.append(uid)
        try:
            return self._clean(said, self)
        finally:
            self._open.pop()


def reached(uids: Iterable[str], find: Find, uids_in: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Everything that references of a note may bring in, so that a change of any of it shows in the note's digest."""
    seen: set[str] = set()
    waiting = [(uid, 0) for uid in uids]
    while waiting:
        uid, depth = waiting.pop()
        if uid in seen:
            continue
        seen.add(uid)
        found = find(uid)
        yield f"{uid}={found.whole if found else ''}={found.private_page if found else ''}"
        if found and depth < MAX_REFERENCE_DEPTH:
            waiting += ((other, depth + 1) for other in uids_in(found.whole))
