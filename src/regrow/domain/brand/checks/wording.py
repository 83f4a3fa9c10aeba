"""Words that must not stand in a text, those that must, and those that had better not."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain.brand import phrases
from regrow.domain.brand.findings import Finding, Severity
from regrow.domain.brand.seen import Seen


def forbidden_words(seen: Seen) -> Iterator[Finding]:
    """Every place of a forbidden word or phrase, inflected too; never inside another word."""
    how = "the guidelines forbid {phrase!r}: say it with other words"
    yield from _places(seen, seen.facts.guidelines.forbidden, "forbidden_words", "veto", how)


def shunned_words(seen: Seen) -> Iterator[Finding]:
    """Places of words that the guidelines shun."""
    how = "the guidelines avoid {phrase!r}: find a word that says more"
    yield from _places(seen, seen.facts.guidelines.avoid, "shunned_words", "major", how)


def required_words(seen: Seen) -> Iterator[Finding]:
    """Required words and phrases that stand nowhere."""
    for phrase in seen.facts.guidelines.required:
        if phrase.strip() and not seen.has_any((phrase,), is_inflected=True) and not _is_tag(seen, phrase):
            yield seen.missing("required_words", "veto", f"the guidelines require {phrase[:80]!r}: work it in")


def _is_tag(seen: Seen, phrase: str) -> bool:
    return phrase.strip().lstrip("#").lower() in {tag.lower() for tag in seen.facts.hashtags}


def _places(seen: Seen, wanted: tuple[str, ...], check: str, severity: Severity, how: str) -> Iterator[Finding]:
    index = phrases.index(wanted, seen.facts.language)
    for passage in seen.passages:
        for phrase, start, end in passage.hits(index):
            yield passage.finding(check, severity, start, end, how.format(phrase=phrase[:80]))
