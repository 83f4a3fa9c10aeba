"""The judge of the brand guard: what it is asked, which of its answers count, and what they come to."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain.brand import quoting
from regrow.domain.brand.quoting import Place, Texts
from regrow.domain.writing import Brief, Grade, Judgement, Reply
from regrow.kit import errors


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question about a text, to be answered by itself. `how` says how to fix what it finds; `needs` what must be
    there for it to be asked at all.
    """

    name: str
    question: str
    how: str
    needs: str = ""


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "voice",
        "Does the text sound like the persona described below: tone, person, rhythm of sentences, choice of words?",
        "say it as the persona would: its tone, its person, its length of sentence",
    ),
    Criterion(
        "guidelines",
        "Does the text keep to every guideline of the persona, in meaning and not only in wording?",
        "bring it in line with the guidelines of the persona, or take it out",
        "guidelines",
    ),
    Criterion(
        "faithful",
        "Does everything the text claims stand in the notes, with the conditions and doubts that the notes give?",
        "say what the notes say and no more, with their conditions, or take it out",
        "sources",
    ),
    Criterion(
        "concrete",
        "Is the text concrete: does each paragraph or point tell the reader something particular?",
        "put something particular here, a fact, an example or a step, or cut it",
    ),
    Criterion(
        "clear",
        "Would a reader who is new to the subject understand the text at the first reading?",
        "say it in plain words and one thought at a time, and explain the terms",
    ),
    Criterion(
        "honest",
        "Is the text free of hype, pressure, flattery and other ways of pushing its reader?",
        "state it soberly, without superlatives, pressure or promises",
    ),
)
BY_NAME: Mapping[str, Criterion] = {criterion.name: criterion for criterion in CRITERIA}
SAMPLES = 3
LEAST_SAMPLES = 2
"""Samples of a criterion that must count; with fewer a person decides."""
MARKS: Mapping[Grade, float] = {"yes": 1.0, "partly": 0.5, "no": 0.0}
DOUBT = (0.75, 0.85)
"""Scores, both ends included, at which a person decides."""


@dataclass(frozen=True, slots=True)
class Vote:
    """An answer that counts: its quote, if it has one, stands at this place of the text."""

    verdict: Grade
    place: Place | None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the samples of one criterion come to: 0..1, None when none of them counts."""

    criterion: str
    votes: tuple[Vote, ...]
    lost: int

    @property
    def score(self) -> float | None:
        """The median."""
        return statistics.median(MARKS[vote.verdict] for vote in self.votes) if self.votes else None

    @property
    def is_torn(self) -> bool:
        """Whether the samples spread over yes and no."""
        return {"yes", "no"} <= {vote.verdict for vote in self.votes}

    @property
    def is_thin(self) -> bool:
        return len(self.votes) < LEAST_SAMPLES

    @property
    def evidence(self) -> Vote | None:
        """The vote whose passage bears the mark out: the mildest that is not milder than it."""
        shown = [vote for vote in self.votes if vote.place is not None and vote.verdict != "yes"]
        borne = [vote for vote in shown if MARKS[vote.verdict] <= (self.score or 0.0)]
        return max(borne or shown, key=lambda vote: MARKS[vote.verdict], default=None)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge thinks of one variant, criterion by criterion."""

    marks: tuple[Mark, ...]

    @property
    def score(self) -> float:
        """The mean of the criteria, 0..1; those without a mark are left out."""
        known = [score for mark in self.marks if (score := mark.score) is not None]
        return statistics.fmean(known) if known else 0.0

    @property
    def voice(self) -> float | None:
        return next((mark.score for mark in self.marks if mark.criterion == "voice"), None)

    @property
    def is_nothing(self) -> bool:
        return not any(mark.votes for mark in self.marks)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why a person decides, in words; empty when the judge is sure."""
        found = [f"the samples on {mark.criterion} spread from yes to no" for mark in self.marks if mark.is_torn]
        found += [f"too few answers on {mark.criterion} count" for mark in self.marks if mark.is_thin]
        if DOUBT[0] - 1e-9 <= self.score <= DOUBT[1] + 1e-9:
            found.append(f"the judge's score {self.score:.2f} is between {DOUBT[0]} and {DOUBT[1]}")
        return tuple(found)


def asked(has_sources: bool, has_guidelines: bool) -> tuple[str, ...]:
    """The criteria that can be asked of a text."""
    there = {"": True, "sources": has_sources, "guidelines": has_guidelines}
    return tuple(criterion.name for criterion in CRITERIA if there[criterion.needs])


def shuffled(names: Sequence[str], seed: int, part: str) -> tuple[str, ...]:
    """The criteria in the order of one sample: the same for the same seed and part, whatever runs it."""
    return tuple(sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{part}:{name}".encode()).digest()))


def problems(judgement: Judgement, brief: Brief) -> tuple[str, ...]:
    """In what an answer is not the one that was asked for, in words a model can act on."""
    wanted = brief.examined.criteria if brief.examined else ()
    given = [reply.criterion for reply in judgement.answers]
    found = [f"answer the question {name} once" for name in wanted if given.count(name) != 1]
    if strange := set(given) - set(wanted):
        found.append(f"{len(strange)} answers name no question that was asked; the names are {', '.join(wanted)}")
    return tuple(found)


def parsed(brief: Brief, output: Mapping[str, Any]) -> Judgement:
    """The answers in a model's output; Invalid when they are none to what was asked."""
    judgement = read(output)
    if found := problems(judgement, brief):
        raise errors.Invalid("; ".join(found), "invalid_output", problems=list(found))
    return judgement


def read(output: Mapping[str, Any]) -> Judgement:
    """The answers in a model's output, to whatever was asked; Invalid when it has another shape."""
    try:
        replies = [Reply(str(each["criterion"]), each["verdict"], str(each["quote"])) for each in output["answers"]]
        if any(reply.verdict not in MARKS for reply in replies):
            raise ValueError("a verdict that is none")
    except (KeyError, TypeError, ValueError):
        raise errors.Invalid("the judge's answer has another shape than was asked for", "invalid_output") from None
    return Judgement(tuple(replies))


def answered(samples: Iterable[Judgement | None]) -> tuple[str, ...]:
    """The criteria that any of the samples answered, in the order in which they are told."""
    given = {reply.criterion for sample in samples if sample is not None for reply in sample.answers}
    return tuple(criterion.name for criterion in CRITERIA if criterion.name in given)


def opinion(samples: Iterable[Judgement | None], texts: Texts, names: Sequence[str]) -> Opinion:
    """What the samples of one variant come to; None is one that was lost as a whole."""
    given = list(samples)
    marks = []
    for name in names:
        votes = tuple(vote for sample in given if sample is not None for vote in _votes(sample, name, texts))
        marks.append(Mark(name, votes, len(given) - len(votes)))
    return Opinion(tuple(marks))


def _votes(sample: Judgement, name: str, texts: Texts) -> Iterator[Vote]:
    """The answer to one question, if it counts: what it quotes stands in the text, and a complaint quotes something."""
    for reply in sample.answers:
        if reply.criterion != name:
            continue
        has_quote = bool(reply.quote.strip())
        place = quoting.find(reply.quote, texts) if has_quote else None
        if place is not None or (reply.verdict == "yes" and not has_quote):
            yield Vote(reply.verdict, place)


__all__ = [
    "BY_NAME",
    "CRITERIA",
    "Criterion",
    "Mark",
    "Opinion",
    "Vote",
    "answered",
    "asked",
    "opinion",
    "parsed",
    "problems",
    "read",
    "shuffled",
]
