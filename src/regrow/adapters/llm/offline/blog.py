"""One blog draft per label: the same notes, different passages, order and structure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.adapters.llm.offline import names, outline, scaffold, selection
from regrow.adapters.llm.offline.angles import angles_of
from regrow.adapters.llm.offline.evidence import NotEnough, check_numbers
from regrow.adapters.llm.offline.outline import Outline
from regrow.adapters.llm.offline.passages import passages
from regrow.adapters.llm.offline.selection import Pool
from regrow.adapters.llm.offline.wishes import Wishes, wishes
from regrow.domain import likeness, prose
from regrow.domain.writing import BlogDraft, BlogVariant, Brief

_FEWEST_WORDS, _FEWEST_PARTS = 150, 3
_FEWEST_ANEW = 75
"""A text that replaces another may be shorter than a first one rather than not be there."""
_MOST_REPEATED = (0.2, 0.35, 0.5, 0.65, 0.8)
"""How much of a replaced text a new one may say again; more only where the notes carry nothing else."""
_LIKENESS = 0.4
_PARAGRAPH_WORDS = 110


def blog(brief: Brief, labels: Sequence[str]) -> BlogDraft:
    """Drafts for all labels. Raises NotEnough when the notes do not carry that many different texts."""
    asked = wishes(brief)
    pool = selection.pool(brief, passages(brief.sources), asked)
    job = _Job(brief, pool, asked, labels, angles_of(labels, pool.echoes.turn))
    fewest = min(_FEWEST_WORDS, int(0.6 * asked.words))
    plans = job.plans_anew(fewest) if pool.echoes.hard else [(fewest, np.inf)]
    found = (job.written(*plan) for plan in plans)
    variants = next((drafted for drafted in found if drafted is not None), None)
    if variants is None:
        raise job.refusal(fewest)
    return BlogDraft(variants)


@dataclass(frozen=True, slots=True)
class _Job:
    """One call: what is asked for, of which passages, under which angles."""

    brief: Brief
    pool: Pool
    asked: Wishes
    labels: Sequence[str]
    angles: Sequence[int]

    def plans_anew(self, fewest: int) -> list[tuple[int, float]]:
        """Fewest words and most that is repeated: as long as a first text would be, then rather shorter than alike."""
        longest = min(self.pool.words(chosen) for chosen in selection.deal(self.pool, self.angles, self.asked))
        lowest = min(fewest, _FEWEST_ANEW)
        goals = [max(lowest, goal) for goal in (int(0.85 * longest), int(0.6 * longest), fewest, lowest)]
        parts = (_MOST_REPEATED[:3], _MOST_REPEATED[3:])
        return list(dict.fromkeys((goal, part) for some in parts for goal in goals for part in some))

    def written(self, fewest: int, most_repeated: float) -> tuple[BlogVariant, ...] | None:
        """Variants of at least so many words that differ from each other and from what they replace, if there are."""
        pool = self.pool
        dealt = selection.deal(pool, self.angles, self.asked, most_repeated)
        if not self._is_enough(dealt, fewest):
            return None
        chosen = selection.lend(pool, dealt, self.angles, self.asked.words, most_repeated)
        variants = self._rendered(chosen)
        while _alike(variants) >= _LIKENESS:
            chosen = dealt = selection.apart(pool, dealt)
            if not self._is_enough(dealt, fewest):
                return None
            variants = self._rendered(chosen)
        while stale := [number for number, variant in enumerate(variants) if self._is_stale(variant)]:
            chosen = [pool.echoes.thinned(c, pool.lengths) if n in stale else c for n, c in enumerate(chosen)]
            if not self._is_enough(chosen, fewest):
                return None
            variants = self._rendered(chosen)
        return variants if _alike(variants) < _LIKENESS else None

    def refusal(self, fewest: int) -> NotEnough:
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
            f"{counted}{len(self.labels)} different versions need at least {fewest} words each, in three passages or "
            "more. Add notes to the topic, write more full sentences in them, avoid fewer words, or ask for fewer "
            "variants."
        )

    def _rendered(self, chosen: Sequence[Sequence[int]]) -> tuple[BlogVariant, ...]:
        entries = zip(self.labels, self.angles, chosen, strict=True)
        return tuple(_variant(self.brief, self.pool, *entry) for entry in entries)

    def _is_enough(self, dealt: Sequence[Sequence[int]], fewest: int) -> bool:
        return all(self.pool.words(chosen) >= fewest and len(chosen) >= _FEWEST_PARTS for chosen in dealt)

    def _is_stale(self, variant: BlogVariant) -> bool:
        return likeness.to_replaced(variant.body, self.brief) >= likeness.MOST_SIMILAR


def _alike(variants: Sequence[BlogVariant]) -> float:
    pairs = itertools.combinations(variants, 2)
    return max((prose.shingle_similarity(a.body, b.body) for a, b in pairs), default=0.0)


def _variant(brief: Brief, pool: Pool, label: str, angle: int, chosen: Sequence[int]) -> BlogVariant:
    frame = scaffold.frame(brief.voice)
    plan = outline.outline(brief, pool, chosen, angle)
    page = _Page(brief, pool)
    page.paragraphs(plan.lead)
    _body(page, plan, frame, angle)
    page.sources(frame.sources)
    body = page.text()
    check_numbers(brief, body)
    title = frame.titles[angle % 4].format(topic=_subject(brief, pool, plan))
    lead = pool.passages[plan.lead[0]]
    angle_text = f"{frame.angles[angle % 4]} \u2013 {names.neat(brief.sources[lead.source].title)}".rstrip(" \u2013")
    return BlogVariant(label, angle_text[:200], title[:200], body, tuple(page.used))


def _subject(brief: Brief, pool: Pool, plan: Outline) -> str:
    """What the title promises: the topic, unless it names a note of which neither lead nor sections hold anything."""
    topic = names.neat(brief.topic_title) or names.neat(brief.sources[0].title) or "Notes"
    shown = [*plan.lead, *(number for section in plan.sections for number in section.passages)]
    if pool.home is None or any(pool.passages[number].source == pool.home for number in shown):
        return topic
    own = names.neat(brief.sources[pool.passages[plan.lead[0]].source].title)
    return own if names.says_something(own) else topic


def _body(page: _Page, plan: Outline, frame: scaffold.Frame, angle: int) -> None:
    if plan.points:
        page.heading(frame.brief)
        page.points(plan.points)
    for section in plan.sections:
        page.heading(section.heading)
        page.paragraphs(section.passages)
    if plan.close is not None:
        page.heading(frame.closings[angle % 4])
        page.paragraphs((plan.close,))
        page.say(frame.invitations[angle % 2])


class _Page:
    """Markdown in the making; each paragraph comes from one note and ends with the mark of its source."""

    def __init__(self, brief: Brief, pool: Pool) -> None:
        self._brief, self._pool = brief, pool
        self._parts: list[str] = []
        self.used: list[str] = []
        self._titles: list[str] = []

    def heading(self, text: str) -> None:
        self._parts.append(f"## {text}")

    def say(self, text: str) -> None:
        self._parts.append(text)

    def paragraphs(self, numbers: Sequence[int]) -> None:
        group: list[int] = []
        for number in numbers:
            if group and not self._joins(group, number):
                self._paragraph(group)
                group = []
            group.append(number)
        if group:
            self._paragraph(group)

    def points(self, numbers: Sequence[int]) -> None:
        lines = [f"- {self._pool.passages[n].text}{self._mark(self._pool.passages[n].source)}" for n in numbers]
        self._parts.append("\n".join(lines))

    def sources(self, heading: str) -> None:
        lines = [f"[^{number}]: {title}" for number, title in enumerate(self._titles, 1)]
        self._parts += [f"## {heading}", "\n".join(lines)]

    def text(self) -> str:
        return "\n\n".join(self._parts) + "\n"

    def _joins(self, group: Sequence[int], number: int) -> bool:
        last, passage = self._pool.passages[group[-1]], self._pool.passages[number]
        if passage.source != last.source or passage.is_list or last.is_list:
            return False
        words = self._pool.words(group)
        is_short = words < 25 and last.heading == passage.heading
        return (passage.block == last.block or is_short) and words + self._pool.lengths[number] <= _PARAGRAPH_WORDS

    def _paragraph(self, group: Sequence[int]) -> None:
        passage = self._pool.passages[group[0]]
        mark = self._mark(passage.source)
        if passage.is_list:
            first = next(n for n, sentence in enumerate(passage.sentences) if sentence.endswith(":")) + 1
            items = "\n".join(f"- {item}" for item in passage.sentences[first:])
            self._parts.append(f"{' '.join(passage.sentences[:first])}\n\n{items}{mark}")
        else:
            self._parts.append(" ".join(self._pool.passages[number].text for number in group) + mark)

    def _mark(self, source: int) -> str:
        note = self._brief.sources[source]
        if note.note_id not in self.used:
            self.used.append(note.note_id)
            self._titles.append(names.neat(note.title) or names.stamp(note.title) or note.note_id)
        return f"[^{self.used.index(note.note_id) + 1}]"
