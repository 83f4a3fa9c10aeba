"""The five ratings, how several people's are summed up, and what they say of a piece's context."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from regrow.domain.contexts import Confidence, Validation
from regrow.kit import errors


class Rating(StrEnum):
    """Best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    ACCEPTABLE = "acceptable"
    POOR = "poor"
    UNACCEPTABLE = "unacceptable"


WORST_FIRST = tuple(reversed(Rating))
HIGH = (Rating.EXCELLENT, Rating.GOOD)
LOW = (Rating.POOR, Rating.UNACCEPTABLE)
MOST_COMMENT = 2_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rating says of the context that its piece was written in."""

    validation: Validation
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Summary:
    """The newest rating of each person, counted; `rating` is their lower median, None while nobody has rated."""

    rating: Rating | None
    people: int
    counts: Mapping[Rating, int]


def verdict(rating: Rating) -> Verdict:
    if rating in HIGH:
        return Verdict(Validation.APPROVED, Confidence.VALIDATED)
    if rating in LOW:
        return Verdict(Validation.REJECTED, Confidence.UNCERTAIN)
    return Verdict(Validation.CONDITIONALLY_APPROVED, Confidence.CONFIDENT)


def summary(said: Iterable[tuple[str, Rating]]) -> Summary:
    """Sums up ratings given as (person, rating), oldest first: a person's newest replaces the earlier ones.

    The summarising rating is the lower median: the middle one from worst to best, and of an even number of people
    the worse of the two in the middle. Of one person it is simply theirs.
    """
    newest = dict(said)
    ordered = sorted(newest.values(), key=WORST_FIRST.index)
    counts = Counter(ordered)
    middle = ordered[(len(ordered) - 1) // 2] if ordered else None
    return Summary(middle, len(ordered), {rating: counts[rating] for rating in Rating})


def checked(rating: str, comment: str) -> tuple[Rating, str]:
    """A known rating and a comment that can be stored; Invalid with everything that is off."""
    problems: list[str] = []
    if rating not in list(Rating):
        problems.append(f"rating: {rating[:40]!r} is none, use one of {', '.join(Rating)}")
    if len(comment) > MOST_COMMENT:
        problems.append(f"comment: at most {MOST_COMMENT} characters, this has {len(comment)}")
    elif _UNSTORABLE.search(comment):
        problems.append("comment: holds a NUL or half a character: write it anew")
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_feedback", problems=problems)
    return Rating(rating), comment.strip()
