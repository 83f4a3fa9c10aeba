"""What each gate found, as plain JSON from which it can be computed again, and what comes of all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from regrow.domain import likeness
from regrow.domain.brand import guard
from regrow.domain.brand.findings import GuardFacts, Text
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.brand.seen import Seen
from regrow.domain.circuits import eligibility, reviewing
from regrow.domain.circuits.guardrails import GUARD_PASSES_AT, Status
from regrow.domain.circuits.reviewing import ReviewFacts
from regrow.domain.rewriting import Review
from regrow.domain.writing import Voice
from regrow.kit import plain

Found = dict[str, Any]
OUTSIDE = ("claims", "numbers", "private_notes", "published_before")
"""Checks of the guard that look at notes and other pieces, which may be gone or private by now: taken as recorded."""
TONE = ("language", "length", "reading_level", "shunned_words", "cliches")
"""Checks of the guard that say whether a text sounds as it should."""


def asked(facts: eligibility.Facts) -> Found:
    """What a regeneration begins with."""
    return {"facts": asdict(facts), "violations": list(eligibility.violations(facts))}


def reviewed(facts: ReviewFacts, opinion: Review | None) -> Found:
    """The review: `approved` when no check and no model has a veto."""
    checks = reviewing.checked(facts)
    found = reviewing.vetoes(checks, opinion)
    return {
        "approved": not found,
        "checks": checks,
        "vetoes": list(found),
        "opinion": None if opinion is None else asdict(opinion),
        "facts": plain.as_json(facts),
    }


def generated(content: Mapping[str, Any], lost: str, won: Sequence[str]) -> Found:
    """The writing: how alike the new text is to the one that lost and to those that did better, 0 to 1."""
    body = str(content.get("body", ""))
    alike = {"lost": likeness.most(body, [lost]), "won": likeness.most(body, list(won))}
    return {
        "content": dict(content),
        "similarity": alike,
        "is_new": bool(body.strip()) and max(alike.values()) < likeness.MOST_SIMILAR,
        "facts": {"lost": lost, "won": list(won)},
    }


def validated(verdict: Mapping[str, Any], facts: GuardFacts) -> Found:
    """The brand guard: its verdict in the words that are kept, and all of what it looked at that may be kept."""
    found = {str(each["check"]) for each in verdict["findings"]}
    tone = sorted(found & {*TONE, "judge_voice"})
    return {
        "validation_score": verdict["score"],
        "passed": verdict["score"] >= GUARD_PASSES_AT,
        "method": verdict["method"],
        "brand_guideline_checks": [
            {"check": check.__name__, "passed": check.__name__ not in found} for check in guard.GUARD_CHECKS
        ],
        "tone_consistency_check": {"passed": not tone, "findings": tone, "voice_score": verdict.get("voice_score")},
        "findings": verdict["findings"],
        "judge": {name: verdict.get(name) for name in ("judge_score", "criteria", "doubts", "judges")},
        "facts": _kept(facts),
    }


def _kept(facts: GuardFacts) -> Found:
    """Texts of notes, titles of private ones and other people's texts are not kept."""
    voice = replace(facts.voice, habits=None) if facts.voice is not None else None
    return {
        **{name: getattr(facts, name) for name in ("medium", "platform", "label", "language", "is_offline")},
        "texts": [[each.field, each.text] for each in facts.texts],
        "hashtags": list(facts.hashtags),
        "voice": plain.as_json(voice) if voice is not None else None,
        "guidelines": plain.as_json(facts.guidelines),
    }


def _seen(kept: Mapping[str, Any]) -> GuardFacts:
    voice = kept["voice"]
    return GuardFacts(
        **{name: kept[name] for name in ("medium", "platform", "label", "language", "is_offline")},
        texts=tuple(Text(*each) for each in kept["texts"]),
        hashtags=tuple(kept["hashtags"]),
        voice=None if voice is None else plain.from_json(Voice, voice),
        guidelines=plain.from_json(Guidelines, kept["guidelines"]),
    )


def asked_again(recorded: Mapping[str, Any]) -> Found:
    return asked(eligibility.Facts(**recorded["facts"]))


def reviewed_again(recorded: Mapping[str, Any]) -> Found:
    opinion = recorded["opinion"]
    return reviewed(plain.from_json(ReviewFacts, recorded["facts"]), None if opinion is None else Review(**opinion))


def generated_again(recorded: Mapping[str, Any]) -> Found:
    return generated(recorded["content"], recorded["facts"]["lost"], recorded["facts"]["won"])


def validated_again(recorded: Mapping[str, Any]) -> Found:
    """The checks that need nothing else are run again; what the others and the judge found is taken as it was."""
    seen = Seen(_seen(recorded["facts"]))
    checks = [check for check in guard.GUARD_CHECKS if check.__name__ not in OUTSIDE]
    mine = [finding for check in checks for finding in list(check(seen))[: guard.MOST_FINDINGS]]
    kept = [each for each in recorded["findings"] if each["check"] in OUTSIDE]
    severities = [*(each.severity for each in mine), *(each["severity"] for each in kept)]
    score = guard.score_of(severities, seen.word_count)
    judged = recorded["judge"]["judge_score"]
    if judged is not None:
        score = math.floor(min(score, judged) * 1_000 + 1e-9) / 1_000
    return {
        "validation_score": score,
        "passed": score >= GUARD_PASSES_AT,
        "findings": sorted([each.check, each.field, each.start] for each in mine),
    }


def told(recorded: Mapping[str, Any]) -> Found:
    """What of a recorded verdict `validated_again` computes."""
    mine = [each for each in recorded["findings"] if not _is_theirs(str(each["check"]))]
    return {
        "validation_score": recorded["validation_score"],
        "passed": recorded["passed"],
        "findings": sorted([each["check"], each["field"], each["start"]] for each in mine),
    }


def _is_theirs(check: str) -> bool:
    return check in OUTSIDE or check.startswith("judge_")


def status_of(gates: Mapping[str, Mapping[str, Any] | None], is_registered: bool) -> Status:
    """What a regeneration whose gates found this must have come to."""
    review, writing, validation = gates["cx08"], gates["cx06"], gates["cx05"]
    if review is not None and review.get("approved") is False:
        return "cx08_rejected"
    if validation is not None and not validation["passed"]:
        return "cx05_failed"
    is_passed = bool(review and review.get("approved") and writing and writing["is_new"] and validation)
    return "registered" if is_passed and is_registered else "failed"
