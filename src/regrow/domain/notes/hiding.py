"""Takes every sentence out of a note that links to something private: the link's words would give it away."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator

from regrow.domain.notes import comments, links
from regrow.domain.notes.facts import MAX_LINKS

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_]*+\s++")
_BLOCK_START = re.compile(r"^[ \t]*+(?:$|(?=[-*+>|]|\d{1,9}[.)])|#{1,6}[ \t][^\n]*+\n?)", re.M)


def without_links(body: str, targets: Collection[str]) -> str:
    """The body without the sentences that hold a link to one of these targets, as stored with the links.

    A body with more links than are stored ends before the first one that was never looked up.
    """
    spans, limit = _spans(body, targets)
    if not spans and limit == len(body):
        return body
    starts = _starts(body)
    if limit < len(body):
        spans = [*(span for span in spans if span[0] < limit), (limit, len(body))]
    kept, done = [], 0
    for start, end in spans:
        first = starts[bisect_right(starts, start) - 1]
        if end > done:
            kept.append(body[done : max(first, done)])
            done = starts[bisect_left(starts, end)]
    return "".join((*kept, body[done:]))


def _spans(body: str, targets: Collection[str]) -> tuple[list[tuple[int, int]], int]:
    """Where the links are, in either order of target and alias, and where the looked-up part of the body ends."""
    # Every link has a bracket of its own: with so few of them, none was cut off unseen.
    if "[" not in body or (not targets and body.count("[") < MAX_LINKS):
        return [], len(body)
    masked = comments.uncover(body).masked
    if len(masked) != len(body):
        masked = body
    spans: set[tuple[int, int]] = set()
    limit = len(body)
    for is_alias_first in (False, True):
        found, is_cut = links.find(masked, is_alias_first)
        spans.update((link.start, link.end) for link in found if link.target in targets)
        if is_cut:
            limit = min(limit, found[-1].start)
    return sorted(spans), limit


def _starts(body: str) -> list[int]:
    """Where sentences and blocks begin, and the end of the body."""
    return sorted({0, len(body), *_places(body)})


def _places(body: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(body):
        yield match.end()
    for match in _BLOCK_START.finditer(body):
        yield match.start()
        yield match.end()
