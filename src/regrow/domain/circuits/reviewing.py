"""The review before any money is spent: what a careful reviewer refuses, each reason a check with a veto of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain import prose
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.circuits import wishes
from regrow.domain.circuits.guardrails import DEEPEST
from regrow.domain.rewriting import Review

LEAST_WORDS = 3
"""Fewer words than that are no text that anybody could learn from."""
GONE = ("superseded", "rejected")


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What is known when a regeneration is reviewed. `media` are those that can be written, `platforms` those of posts.

    `guidelines` are the lists of the persona as they are now. `notes_left` of `notes` can still be written from, and
    `notes_least` are needed. `depth` is how often texts were written again to come to this one. `decided` are the
    readers and conversions that the decision speaks of, `counted` those of the batches; None when others decided.
    """

    test_status: str
    piece_status: str
    variant_status: str
    arm_outcome: str
    medium: str
    text: str
    notes: int
    notes_left: int
    notes_least: int
    depth: int
    platform: str = ""
    media: tuple[str, ...] = ("blog", "social", "email")
    platforms: tuple[str, ...] = ()
    instructions: str = ""
    guidelines: Mapping[str, Any] | None = None
    language: str = "en"
    is_persona_archived: bool = False
    decided: tuple[float, ...] | None = None
    counted: tuple[float, ...] | None = None


Check = Callable[[ReviewFacts], str | None]


def test_is_invalid(facts: ReviewFacts) -> str | None:
    if facts.test_status != "invalid":
        return None
    return "the test was found to be invalid, so that nobody knows whether this text lost: begin a new one"


def piece_is_gone(facts: ReviewFacts) -> str | None:
    if facts.piece_status not in GONE:
        return None
    return f"the piece is {facts.piece_status}, nobody is shown it any more: take the one that stands now"


def text_is_replaced(facts: ReviewFacts) -> str | None:
    if facts.variant_status != "superseded":
        return None
    return "this text was replaced already: test the one that took its place"


def text_still_runs(facts: ReviewFacts) -> str | None:
    if facts.arm_outcome:
        return None
    return (
        "the decision was recorded and not acted upon, this text still has its readers: let the test be evaluated, or "
        "take the arm out"
    )


def text_is_unreadable(facts: ReviewFacts) -> str | None:
    if len(prose.words(facts.text)) >= LEAST_WORDS:
        return None
    return "the losing text holds no words to learn from: write this piece again as a whole"


def medium_is_unknown(facts: ReviewFacts) -> str | None:
    if facts.medium not in facts.media:
        return f"a {facts.medium} cannot be written here, only {', '.join(facts.media)}: write it by hand"
    if facts.medium == "social" and facts.platform not in facts.platforms:
        return f"posts for {facts.platform or 'no platform'} cannot be written here: write it by hand"
    return None


def notes_are_too_few(facts: ReviewFacts) -> str | None:
    if facts.notes_left >= max(facts.notes_least, 1):
        return None
    return (
        f"of the {facts.notes} notes behind this text {facts.notes_left} are left, and {max(facts.notes_least, 1)} are "
        "needed: bring notes back, or write another piece"
    )


def persona_is_archived(facts: ReviewFacts) -> str | None:
    if not facts.is_persona_archived:
        return None
    return "the persona of this text is archived, so that nobody knows how it should sound: bring the persona back"


def lineage_is_too_deep(facts: ReviewFacts) -> str | None:
    if facts.depth < DEEPEST:
        return None
    return f"this text was written again {facts.depth} times already, {DEEPEST} are allowed: begin with a new piece"


def counts_do_not_match(facts: ReviewFacts) -> str | None:
    if facts.decided is None or facts.counted is None:
        return None
    pairs = zip(facts.decided, facts.counted, strict=True)
    if all(math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6) for one, other in pairs):
        return None
    told, found = ("/".join(f"{each:g}" for each in counts) for counts in (facts.decided, facts.counted))
    return f"the decision speaks of {told} readers and conversions, the batches hold {found}: evaluate the test anew"


def wishes_to_publish(facts: ReviewFacts) -> str | None:
    if not wishes.asks_to_publish(facts.instructions):
        return None
    return "the instructions ask to publish: a regeneration makes a draft that a person approves, so leave that out"


def wishes_to_bypass(facts: ReviewFacts) -> str | None:
    if not wishes.asks_to_bypass(facts.instructions):
        return None
    return "the instructions ask to leave a gate or a guideline aside, which nothing can: leave that out"


def wishes_to_copy(facts: ReviewFacts) -> str | None:
    if not wishes.asks_to_copy(facts.instructions):
        return None
    return "the instructions ask to copy another text, and a test of two equal texts shows nothing: ask for another one"


def wishes_against_guidelines(facts: ReviewFacts) -> str | None:
    lists = {name: tuple(found) for name, found in (facts.guidelines or {}).items()}
    against = wishes.contradictions(facts.instructions, Guidelines(**lists), facts.language)
    if not against:
        return None
    told = ", ".join(repr(phrase[:60]) for phrase in against[:5])
    return f"the instructions go against the persona's guidelines ({told}): change them, or the guidelines first"


REVIEW_CHECKS: tuple[Check, ...] = (
    *(test_is_invalid, piece_is_gone, text_is_replaced, text_still_runs, text_is_unreadable, medium_is_unknown),
    *(notes_are_too_few, persona_is_archived, lineage_is_too_deep, counts_do_not_match),
    *(wishes_to_publish, wishes_to_bypass, wishes_to_copy, wishes_against_guidelines),
)


def checked(facts: ReviewFacts) -> list[dict[str, Any]]:
    """Every check with what it has to say; all run, whatever they find."""
    found = [(check.__name__, check(facts)) for check in REVIEW_CHECKS]
    return [{"check": name, "passed": veto is None, "veto": veto} for name, veto in found]


def vetoes(checks: list[dict[str, Any]], opinion: Review | None) -> tuple[str, ...]:
    """Why it is refused, in words. A model's opinion may only add a veto."""
    found = [str(each["veto"]) for each in checks if not each["passed"]]
    if opinion is not None and opinion.veto:
        found.append(f"the reviewing model: {opinion.reason}")
    return tuple(found)
