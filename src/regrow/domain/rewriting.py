"""Why one text is written again, as a writer and a reviewer are told, and what a reviewer answers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text that lost a test. It is the first of those that the brief has `replaced`, those that did better follow.

    `medium` is what is written; the rest is told in sentences, and all of it is material.
    """

    medium: str
    why_lost: str
    what_won: str
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    veto: bool = field(metadata={"description": "true when this text had better not be written again as it was asked"})
    reason: str = field(
        metadata={"description": "why, in one or two sentences, and with a veto what to do instead", "max_length": 600}
    )
