"""The last look before a new text is registered: whether its test and the text it came of still allow it."""

from __future__ import annotations

from dataclasses import dataclass

from regrow.domain.circuits.guardrails import DEEPEST, MOST_PER_TEST
from regrow.domain.circuits.reviewing import GONE


@dataclass(frozen=True, slots=True)
class RegisteringFacts:
    """How everything stands when the gates have let the text pass; much may have happened since it was asked for."""

    test_status: str
    piece_status: str
    parent_status: str
    registered: int
    depth: int


def refusal(facts: RegisteringFacts) -> str | None:
    """Why the text is not registered, in words; None when it is."""
    if facts.parent_status == "winner":
        return "the losing text won a test meanwhile, and winners are never written again: nothing was registered"
    if facts.parent_status == "superseded":
        return "the losing text was replaced meanwhile: nothing was registered, test the text that took its place"
    if facts.piece_status in GONE:
        return f"the piece was {facts.piece_status} meanwhile: nothing was registered, take the one that stands now"
    if facts.test_status == "invalid":
        return "the test was found to be invalid meanwhile: nothing was registered, begin a new one"
    if facts.registered >= MOST_PER_TEST:
        return f"the test has its {MOST_PER_TEST} regenerations by now: nothing was registered"
    if facts.depth >= DEEPEST:
        return f"texts are written again {DEEPEST} times at most: nothing was registered, begin with a new piece"
    return None


def note(facts: RegisteringFacts) -> str:
    """What whoever approves the text has to know; empty while its test runs."""
    if facts.test_status == "running":
        return ""
    return f"the test is {facts.test_status} by now: once approved, the new text needs a new test"
