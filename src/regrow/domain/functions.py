"""Functions: one small declaration for each kind of model call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from regrow.domain import credits, drafts
from regrow.domain.brand import judging
from regrow.domain.circuits import opinions
from regrow.domain.rewriting import Review
from regrow.domain.triggers import analysing
from regrow.domain.writing import Analysis, BlogDraft, Brief, EmailDraft, Judgement, SocialDraft

PHASES: Mapping[str, tuple[int, int]] = {
    "INIT": (0, 10),
    "PREP": (10, 20),
    "AI_CALL": (20, 80),
    "PARSE": (80, 90),
    "SAVE": (90, 100),
    "DONE": (100, 100),
}
"""Percent at which each phase of a run begins and ends."""


@dataclass(frozen=True, slots=True)
class Function:
    """`words` says how long the output of a brief will be, which sets the price; `parse` refuses what is no draft.

    `medium` is empty when nothing is written. A run may call one function several times: `part` names which call.
    """

    name: str
    description: str
    medium: str
    output: type
    words: Callable[[int, int, int], int]
    parse: Callable[[Brief, Mapping[str, Any]], Any]
    max_output_tokens: int
    doing: str = "Writing"
    part: str = ""

    @property
    def told(self) -> str:
        """What a call does, for those who watch."""
        what = self.medium or self.part
        return f"{self.doing}: {what}" if what else self.doing

    def price(self, words: int, variants: int, posts: int) -> int:
        """Credits for texts of `words` words in so many variants and posts."""
        return credits.for_words(self.words(words, variants, posts))


WRITE_BLOG = Function(
    name="write_blog",
    description="Writes one blog article per variant from the notes of a topic",
    medium="blog",
    output=BlogDraft,
    words=lambda words, variants, posts: words * variants,
    parse=drafts.blog,
    max_output_tokens=16_000,
)
WRITE_SOCIAL = Function(
    name="write_social",
    description="Writes one post per platform and variant from the notes of a topic",
    medium="social",
    output=SocialDraft,
    words=lambda words, variants, posts: words * variants * posts,
    parse=drafts.social,
    max_output_tokens=8_000,
)
WRITE_EMAIL = Function(
    name="write_email",
    description="Writes one e-mail per variant from the notes of a topic",
    medium="email",
    output=EmailDraft,
    words=lambda words, variants, posts: words * variants,
    parse=drafts.email,
    max_output_tokens=6_000,
)
JUDGE = Function(
    name="judge",
    description="Asks a judge model about a text, one question for each criterion, in three samples",
    medium="",
    output=Judgement,
    words=lambda words, variants, posts: judging.SAMPLES * WORDS_JUDGED * variants,
    parse=judging.parsed,
    max_output_tokens=3_000,
    doing="Judging",
)
WORDS_JUDGED = 150
"""Words of one sample, about."""
ANALYSE = Function(
    name="analyse",
    description="Says why a trigger was met, from totals, rates and the texts that are out",
    medium="",
    output=Analysis,
    words=lambda words, variants, posts: WORDS_OF_ANALYSIS,
    parse=analysing.parsed,
    max_output_tokens=2_000,
    doing="Analysing the totals",
)
WORDS_OF_ANALYSIS = 300
WRITERS: tuple[Function, ...] = (WRITE_BLOG, WRITE_SOCIAL, WRITE_EMAIL)
REGENERATE_VARIANT = Function(
    name="regenerate_variant",
    description="Writes a text that lost a test once more, from the same notes and from what the test showed",
    medium="",
    output=BlogDraft,
    words=lambda words, variants, posts: words,
    parse=drafts.blog,
    max_output_tokens=16_000,
    doing="Writing again",
)
REGENERATIONS: Mapping[str, Function] = {
    each.medium: replace(
        REGENERATE_VARIANT,
        part=each.medium,
        output=each.output,
        parse=each.parse,
        max_output_tokens=each.max_output_tokens,
    )
    for each in WRITERS
}
"""The same function for each medium, which is the part of its call."""
REVIEW = Function(
    name="review",
    description="Asks a model whether a text that lost a test had better not be written again as it was asked",
    medium="",
    output=Review,
    words=lambda words, variants, posts: WORDS_JUDGED,
    parse=opinions.parsed,
    max_output_tokens=1_000,
    doing="Reviewing",
)
FUNCTIONS: tuple[Function, ...] = (*WRITERS, REGENERATE_VARIANT, REVIEW, JUDGE, ANALYSE)
BY_NAME: Mapping[str, Function] = {function.name: function for function in FUNCTIONS}
BY_MEDIUM: Mapping[str, Function] = {function.medium: function for function in WRITERS}
"""The function that writes each medium."""


def call_name(function: Function, part: str) -> str:
    """What a call is called in a run that makes several to one function."""
    return f"{function.name}.{part}"


def called(name: str) -> Function:
    """The function of a call by the call's name: its own, with `.part` after it where there are several calls."""
    function, _, part = name.partition(".")
    if function == REGENERATE_VARIANT.name and part in REGENERATIONS:
        return REGENERATIONS[part]
    return replace(BY_NAME[function], part=part) if part else BY_NAME[function]


def percent(phase: str, done: int = 0, of: int = 1) -> int:
    """Where a run stands when `done` of `of` parts of a phase are finished."""
    low, high = PHASES[phase]
    return low + (high - low) * done // of
