"""A model's opinion on a regeneration, read from its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regrow.domain.rewriting import Review
from regrow.domain.writing import Brief
from regrow.kit import errors

LONGEST_REASON = 600


def parsed(_brief: Brief, output: Mapping[str, Any]) -> Review:
    """Invalid for what is no opinion."""
    veto, reason = output.get("veto"), output.get("reason")
    if not isinstance(veto, bool) or not isinstance(reason, str):
        raise errors.Invalid("the reviewer's answer has another shape than was asked for", "invalid_output")
    review = Review(veto, reason)
    if found := problems(review):
        raise errors.Invalid("; ".join(found), "invalid_output")
    return review


def problems(review: Review) -> tuple[str, ...]:
    """In what an answer is none, in words a model can act on."""
    found = ["reason: say why in a sentence or two"] if review.veto and not review.reason.strip() else []
    if len(review.reason) > LONGEST_REASON:
        found.append(f"reason: at most {LONGEST_REASON} characters")
    return tuple(found)
