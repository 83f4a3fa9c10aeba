"""Hashtags: how many, of what shape, and not one for every word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regrow.domain.brand.findings import Finding, Severity
from regrow.domain.brand.seen import Passage, Seen
from regrow.domain.writing import PLATFORM_HASHTAGS

_TAG = re.compile(r"(?<![\w&/#\\(])#([^\W\d_][\w/-]*+(?:\.[\w-]++)*+)")
_SHAPE = re.compile(r"\w(?:[\w-]*\w)?")
LONGEST = 30
DENSEST = 0.2
"""From one tag in five words on, a post is stuffed with them."""
MOST_IN_PROSE = 3
FEWEST_STUFFED = 4


def hashtags(seen: Seen) -> Iterator[Finding]:
    """More tags than look sensible on the platform, odd or repeated tags, a text stuffed with them, tags in a mail."""
    inside = [(passage, match) for passage in seen.prosaic for match in _TAG.finditer(passage.prose)]
    tags = [*seen.facts.hashtags, *(match[1] for _, match in inside)]
    yield from _shapes(seen, inside)
    most = PLATFORM_HASHTAGS.get(seen.facts.platform, MOST_IN_PROSE if seen.facts.medium != "social" else 8)
    is_stuffed = len(tags) >= FEWEST_STUFFED and len(tags) > DENSEST * max(1, seen.word_count)
    if len(tags) > most or (is_stuffed and seen.facts.medium != "social"):
        how = f"{len(tags)} hashtags, at most {most} look sensible here: keep those that people search for"
        yield _at(seen, inside, most, "major" if len(tags) > 2 * most or is_stuffed else "minor", how)
    elif is_stuffed and len(inside) >= FEWEST_STUFFED:
        how = f"{len(tags)} hashtags in {seen.word_count} words: write sentences, and keep two or three tags at the end"
        yield _at(seen, inside, 0, "major", how)


def _shapes(seen: Seen, inside: list[tuple[Passage, re.Match[str]]]) -> Iterator[Finding]:
    known: set[str] = set()
    for tag in seen.facts.hashtags:
        if len(tag) > LONGEST or _SHAPE.fullmatch(tag) is None or tag.isdigit():
            how = "a hashtag is one word of letters and digits, without a # and of at most 30 characters: shorten it"
            yield Finding("hashtags", "minor", tag, "hashtags", 0, how)
        if tag.lower() in known:
            yield Finding("hashtags", "minor", tag, "hashtags", 0, "this hashtag stands twice: take one out")
        known.add(tag.lower())
    for passage, match in inside:
        if match[1].lower() in known:
            yield passage.finding("hashtags", "minor", *match.span(), "this hashtag stands twice: take one out")
        elif len(match[1]) > LONGEST:
            how = "a hashtag of more than 30 characters is read by nobody: shorten it"
            yield passage.finding("hashtags", "minor", *match.span(), how)
        known.add(match[1].lower())


def _at(seen: Seen, inside: list[tuple[Passage, re.Match[str]]], place: int, severity: Severity, how: str) -> Finding:
    """Quotes the first tag that is too many."""
    listed = seen.facts.hashtags
    if place < len(listed):
        return Finding("hashtags", severity, listed[place], "hashtags", 0, how)
    passage, match = inside[min(max(place - len(listed), 0), len(inside) - 1)]
    return passage.finding("hashtags", severity, *match.span(), how)
