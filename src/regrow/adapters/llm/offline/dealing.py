"""Texts for all labels from one pool, apart from each other and from those they replace; the same for long media."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from regrow.adapters.llm.offline import parting, selection
from regrow.adapters.llm.offline.angles import angles_of
from regrow.adapters.llm.offline.evidence import NotEnough
from regrow.adapters.llm.offline.passages import passages
from regrow.adapters.llm.offline.selection import Pool
from regrow.adapters.llm.offline.wishes import Wishes, wishes
from regrow.domain import likeness, prose
from regrow.domain.writing import BlogVariant, Brief, EmailVariant

Text = TypeVar("Text", BlogVariant, EmailVariant)

_FEWEST_PASSAGES = 3
_MOST_REPEATED = (0.2, 0.35, 0.5, 0.65, 0.8)
"""How much of a replaced text a new one may say again; more only where the notes carry nothing else."""
_LIKENESS = 0.4


@dataclass(frozen=True, slots=True)
class Kind(Generic[Text]):
    """What a medium asks of a text, and how one is written for each label from the passages chosen for it.

    `called` is what several texts are called. A text that replaces another may be shorter than a first one, down to
    `fewest_anew` words, rather than not be there.
    """

    called: str
    fewest_words: int
    fewest_anew: int
    fewest_characters: int
    write: Callable[[Job[Text], Sequence[Sequence[int]]], tuple[Text, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Fewest words of a text, most that it repeats of a replaced one, and words of the longest passage it quotes."""

    fewest: int
    most_repeated: float
    longest: float


@dataclass(frozen=True, slots=True)
class Job(Generic[Text]):
    """One call: what is asked for, of which passages, under which angles, and what the texts must not repeat."""

    kind: Kind[Text]
    brief: Brief
    pool: Pool
    asked: Wishes
    labels: Sequence[str]
    angles: Sequence[int]
    replaced: Sequence[likeness.Shingles]

    def texts(self) -> tuple[Text, ...]:
        """A text for every label. Raises NotEnough when the notes do not carry that many different ones."""
        fewest = min(self.kind.fewest_words, int(0.6 * self.asked.words))
        found = (self._written(plan) for plan in self._plans(fewest))
        texts = next((written for written in found if written is not None), None)
        if texts is None:
            raise self._refusal(fewest)
        return texts

    def _plans(self, fewest: int) -> list[_Plan]:
        """Of any passages, then of short ones; a new text as long as a first one, then rather shorter than alike."""
        sizes = (np.inf, self.asked.words / _FEWEST_PASSAGES)
        if not self.pool.echoes.hard:
            return [_Plan(fewest, np.inf, longest) for longest in sizes]
        usual = min(self.pool.words(chosen) for chosen in selection.deal(self.pool, self.angles, self.asked))
        lowest = min(fewest, self.kind.fewest_anew)
        goals = [max(lowest, goal) for goal in (int(0.85 * usual), int(0.6 * usual), fewest, lowest)]
        steps = itertools.product((_MOST_REPEATED[:3], _MOST_REPEATED[3:]), sizes, goals)
        return list(dict.fromkeys(_Plan(goal, part, longest) for parts, longest, goal in steps for part in parts))

    def _written(self, plan: _Plan) -> tuple[Text, ...] | None:
        """Texts of at least so many words that differ from each other and from what they replace, if there are."""
        pool = self.pool
        dealt = selection.deal(pool, self.angles, self.asked, plan.most_repeated, plan.longest)
        if not self._is_enough(dealt, plan.fewest):
            return None
        chosen = selection.lend(pool, dealt, self.angles, self.asked.words, plan.most_repeated)
        texts = self.kind.write(self, chosen)
        while _alike(texts) >= _LIKENESS:
            chosen = dealt = parting.apart(pool, dealt, plan.fewest, plan.most_repeated, plan.longest)
            if not self._is_enough(dealt, plan.fewest):
                return None
            texts = self.kind.write(self, chosen)
        while stale := [number for number, text in enumerate(texts) if self._is_stale(text)]:
            chosen = [pool.echoes.thinned(c, pool.lengths) if n in stale else c for n, c in enumerate(chosen)]
            if not self._is_enough(chosen, plan.fewest):
                return None
            texts = self.kind.write(self, chosen)
        is_long = all(len(text.body.strip()) >= self.kind.fewest_characters for text in texts)
        return texts if is_long and _alike(texts) < _LIKENESS else None

    def _refusal(self, fewest: int) -> NotEnough:
        """What there is too little of: text at all, or text that the replaced one does not hold."""
        notes, found = len(self.brief.sources), int(self.pool.lengths.sum())
        counted = f"The {notes} notes hold {found} words in {len(self.pool.passages)} passages that can be quoted; "
        has_text = self._is_enough(selection.deal(self.pool, self.angles, self.asked), fewest)
        if self.pool.echoes.hard and has_text:
            return NotEnough(
                f"{counted}that is too few for a text that differs in substance from the one it replaces. Add notes to "
                "the topic, write more full sentences in them, give other instructions, or ask for fewer variants."
            )
        return NotEnough(
            f"{counted}{len(self.labels)} different {self.kind.called} need at least {fewest} words each, in three "
            "passages or more. Add notes to the topic, write more full sentences in them, avoid fewer words, or ask "
            "for fewer variants."
        )

    def _is_enough(self, dealt: Sequence[Sequence[int]], fewest: int) -> bool:
        return all(self.pool.words(chosen) >= fewest and len(chosen) >= _FEWEST_PASSAGES for chosen in dealt)

    def _is_stale(self, text: Text) -> bool:
        return likeness.of_shingles(prose.shingles(text.body), self.replaced) >= likeness.MOST_SIMILAR


def job(brief: Brief, labels: Sequence[str], kind: Kind[Text]) -> Job[Text]:
    """The passages of the notes scored, and an angle for each label that its earlier texts did not have."""
    asked = wishes(brief)
    pool = selection.pool(brief, passages(brief.sources), asked)
    replaced = [prose.shingles(text) for text in likeness.replaced(brief)]
    return Job(kind, brief, pool, asked, labels, angles_of(labels, pool.echoes.turn), replaced)


def _alike(texts: Sequence[Text]) -> float:
    pairs = itertools.combinations(texts, 2)
    return max((prose.shingle_similarity(a.body, b.body) for a, b in pairs), default=0.0)
