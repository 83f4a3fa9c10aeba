"""One blog draft per label: the same notes, different passages, order and structure."""

from __future__ import annotations

from collections.abc import Sequence

from regrow.adapters.llm.offline import dealing, names, outline, scaffold
from regrow.adapters.llm.offline.dealing import Job, Kind
from regrow.adapters.llm.offline.evidence import check_numbers
from regrow.adapters.llm.offline.outline import Outline
from regrow.adapters.llm.offline.selection import Pool
from regrow.domain.writing import BlogDraft, BlogVariant, Brief

_PARAGRAPH_WORDS = 110


def blog(brief: Brief, labels: Sequence[str]) -> BlogDraft:
    """Drafts for all labels. Raises NotEnough when the notes do not carry that many different texts."""
    return BlogDraft(dealing.job(brief, labels, _KIND).texts())


def _written(job: Job[BlogVariant], chosen: Sequence[Sequence[int]]) -> tuple[BlogVariant, ...]:
    entries = zip(job.labels, job.angles, chosen, strict=True)
    return tuple(_variant(job.brief, job.pool, *entry) for entry in entries)


_KIND = Kind("versions", fewest_words=150, fewest_anew=75, fewest_characters=200, write=_written)


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
