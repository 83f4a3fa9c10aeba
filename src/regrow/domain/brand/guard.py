"""The brand guard: every check on a variant, and the verdict that comes of what they find."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from regrow.domain.brand.checks.claims import claims, disclaimers
from regrow.domain.brand.checks.cliches import cliches
from regrow.domain.brand.checks.competitors import competitors
from regrow.domain.brand.checks.disclosure import disclosure
from regrow.domain.brand.checks.figures import numbers
from regrow.domain.brand.checks.hashtags import hashtags
from regrow.domain.brand.checks.languages import language
from regrow.domain.brand.checks.lengths import length
from regrow.domain.brand.checks.links import links
from regrow.domain.brand.checks.personal import personal_data
from regrow.domain.brand.checks.placeholders import placeholders
from regrow.domain.brand.checks.private import private_notes
from regrow.domain.brand.checks.reading import reading_level
from regrow.domain.brand.checks.repeats import repetition
from regrow.domain.brand.checks.republished import published_before
from regrow.domain.brand.checks.wording import forbidden_words, required_words, shunned_words
from regrow.domain.brand.findings import Finding, GuardFacts, Published, Severity, Text
from regrow.domain.brand.seen import Seen

Check = Callable[[Seen], Iterator[Finding]]
GUARD_CHECKS: tuple[Check, ...] = (
    *(forbidden_words, required_words, shunned_words, competitors, disclosure, disclaimers, claims, numbers),
    *(private_notes, personal_data, placeholders, links, language, length, published_before),
    *(repetition, reading_level, hashtags, cliches),
)
PASS_AT = 0.80
VETO_CAP = 0.79
MOST_FINDINGS = 20
"""Findings of one check that are kept: more say nothing new."""
POINTS: Mapping[Severity, int] = {"minor": 1, "major": 5, "veto": 25}
COST = 0.03
"""What a point costs in a text of at most WORDS words."""
WORDS = 200
Method = Literal["rules", "rules+judge"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings` in the order of the checks; `method` says who judged."""

    score: float
    passed: bool
    findings: tuple[Finding, ...] = ()
    method: Method = "rules"


def judged(facts: GuardFacts) -> Verdict:
    """All checks run, and all that they find is kept."""
    seen = Seen(facts)
    found = tuple(finding for check in GUARD_CHECKS for finding in islice(check(seen), MOST_FINDINGS))
    score = score_of([finding.severity for finding in found], seen.word_count)
    return Verdict(score, score >= PASS_AT, found)


def score_of(severities: Iterable[Severity], words: int) -> float:
    """0..1: exp(-COST * points / sqrt(words / WORDS)), rounded down to three digits, and at most VETO_CAP with a veto.

    A minor finding has one point, a major one five, a veto twenty-five: the severity multipliers of the
    Multidimensional Quality Metrics (MQM) for translations, which also set points against the length of a text. There
    they are divided by the words; here by the square root, because a reader of a long text forgives more slips, but a
    text four times as long may not hold four times as many invented figures. Texts under 200 words count as 200, so
    that a post is not failed for one slip. The exponential keeps the score above zero, so that of two bad texts the
    worse is told, and every further finding lowers it or leaves it. With COST 0.03 a short text fails with two major
    findings, or eight minor ones; one of 800 words with three, or fifteen.
    """
    counted = list(severities)
    points = sum(POINTS[severity] for severity in counted)
    score = math.exp(-COST * points / math.sqrt(max(1.0, words / WORDS)))
    score = math.floor(score * 1_000 + 1e-9) / 1_000
    return min(score, VETO_CAP) if "veto" in counted else score


@dataclass(frozen=True, slots=True)
class Merged:
    """The verdict on a piece, with the findings of each variant by label."""

    score: float
    passed: bool
    findings: tuple[tuple[str, Finding], ...]
    method: Method


def merged(verdicts: Mapping[str, Verdict]) -> Merged:
    """A piece is as good as its worst variant: any of them may be published."""
    worst = min((verdict.score for verdict in verdicts.values()), default=0.0)
    found = tuple((label, finding) for label, verdict in verdicts.items() for finding in verdict.findings)
    methods: Sequence[Method] = [verdict.method for verdict in verdicts.values()]
    method: Method = "rules" if not methods or "rules" in methods else "rules+judge"
    return Merged(worst, bool(verdicts) and all(verdict.passed for verdict in verdicts.values()), found, method)


def as_json(verdict: Merged) -> dict[str, Any]:
    """The stored shape, which is that of the contract."""
    return {
        "score": verdict.score,
        "passed": verdict.passed,
        "method": verdict.method,
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity,
                "quote": finding.quote,
                "field": finding.field,
                "start": finding.start,
                "label": label,
                "how": finding.how,
            }
            for label, finding in verdict.findings
        ],
    }


__all__ = [
    "GUARD_CHECKS",
    "Finding",
    "GuardFacts",
    "Published",
    "Severity",
    "Text",
    "Verdict",
    "as_json",
    "judged",
    "merged",
    "score_of",
]
