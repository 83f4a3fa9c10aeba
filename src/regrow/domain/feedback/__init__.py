"""Feedback: what people think of a piece, and what highly and poorly rated pieces had in common."""

from __future__ import annotations

from regrow.domain.feedback.ratings import (
    HIGH,
    LOW,
    MOST_COMMENT,
    WORST_FIRST,
    Rating,
    Summary,
    Verdict,
    checked,
    summary,
    verdict,
)
from regrow.domain.feedback.sharing import LEAST, NOTHING, InCommon, in_common, too_little
from regrow.domain.feedback.traits import Text

__all__ = [
    "HIGH",
    "LEAST",
    "LOW",
    "MOST_COMMENT",
    "NOTHING",
    "WORST_FIRST",
    "InCommon",
    "Rating",
    "Summary",
    "Text",
    "Verdict",
    "checked",
    "in_common",
    "summary",
    "too_little",
    "verdict",
]
