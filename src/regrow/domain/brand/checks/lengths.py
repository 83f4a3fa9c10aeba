"""Texts that are too long for where they go, or far from the length that the persona writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Seen
from regrow.domain.writing import PLATFORM_LENGTHS

LIMITS: Mapping[str, int] = {"title": 120, "subject": 90, "preheader": 160, "cta": 60}
"""Characters that are shown before readers see an ellipsis, or that mail programs break; the drafts' own limits."""
FAR_OVER, FAR_UNDER = 2.0, 0.25
TWICE_AS_FAR = 4.0


def length(seen: Seen) -> Iterator[Finding]:
    """Posts longer than their platform takes, lines longer than are shown, bodies far from the persona's length."""
    yield from _empty(seen)
    yield from _post(seen)
    for passage in seen.passages:
        limit = LIMITS.get(passage.field)
        if limit is not None and len(passage.text) > limit:
            how = f"the {passage.field} has {len(passage.text)} characters, at most {limit} are shown: shorten it"
            yield passage.finding("length", "major", limit, len(passage.text), how)
    yield from _against_persona(seen)


def _empty(seen: Seen) -> Iterator[Finding]:
    if not seen.main.text.strip():
        yield seen.missing("length", "veto", "there is no text: write one, or reject the piece")


def _post(seen: Seen) -> Iterator[Finding]:
    limit = PLATFORM_LENGTHS.get(seen.facts.platform)
    tags = sum(len(tag) + 2 for tag in seen.facts.hashtags)
    total = len(seen.main.text) + tags
    if limit is not None and total > limit:
        how = f"{seen.facts.platform} takes {limit} characters with the hashtags, this has {total}: cut {total - limit}"
        start = max(0, min(limit - tags, len(seen.main.text)))
        yield seen.main.finding("length", "veto", start, len(seen.main.text), how)


def _against_persona(seen: Seen) -> Iterator[Finding]:
    voice, passage = seen.facts.voice, seen.main
    if voice is None or seen.facts.medium == "social" or not passage.words:
        return
    count = len(passage.words)
    if count > FAR_OVER * voice.words:
        severity, how = "major" if count > TWICE_AS_FAR * voice.words else "minor", "cut what the rest says already"
    elif count < FAR_UNDER * voice.words:
        severity, how = "minor", "say more, or lower the persona's length"
    else:
        return
    told = f"{count:,} words, the persona writes {voice.words:,}: {how}"
    first = passage.sentences[0] if passage.sentences else (0, len(passage.text))
    yield passage.finding("length", "major" if severity == "major" else "minor", *first, told)
