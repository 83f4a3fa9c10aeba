"""One e-mail per label: a subject, a preheader, a short body and one thing to do, each from other passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.adapters.llm.offline import dealing, fragments, names, outline, scaffold, speech
from regrow.adapters.llm.offline.dealing import Job, Kind
from regrow.adapters.llm.offline.evidence import check_numbers
from regrow.adapters.llm.offline.outline import Outline
from regrow.adapters.llm.offline.selection import Pool
from regrow.adapters.llm.offline.wishes import Wishes, holds
from regrow.domain import drafts, prose
from regrow.domain.writing import Brief, EmailDraft, EmailVariant
from regrow.kit.redaction import shorten

_PARAGRAPH_WORDS, _PART_WORDS = (80, 40), (70, 45)
"""For paragraphs and for points: most words of one, and how many of the words asked for make room for one."""
_FEWEST_PARTS = 3
_NAME, _SENTENCE = 55, 64
_SHORTEST_PREHEADER, _PREHEADER = 20, 150
_EMOJI = ("\U0001f449", "\U0001f4ca", "\U0001f4a1", "\u26a0\ufe0f")


def email(brief: Brief, labels: Sequence[str]) -> EmailDraft:
    """Drafts for all labels. Raises NotEnough when the notes do not carry that many different mails."""
    return EmailDraft(dealing.job(brief, labels, _KIND).texts())


def _written(job: Job[EmailVariant], chosen: Sequence[Sequence[int]]) -> tuple[EmailVariant, ...]:
    taken: set[str] = set()
    written = []
    for label, angle, numbers in zip(job.labels, job.angles, chosen, strict=True):
        plan = outline.outline(job.brief, job.pool, numbers, angle)
        written.append(_Letter(job.brief, job.pool, job.asked, angle, plan).variant(label, taken))
        taken.add(_plain(written[-1].subject))
    return tuple(written)


_KIND = Kind("e-mails", fewest_words=60, fewest_anew=40, fewest_characters=120, write=_written)


def _plain(line: str) -> str:
    return " ".join(prose.words(line))


def _stale(brief: Brief) -> dict[str, int]:
    """How much speaks against each subject that an earlier mail had: against a replaced one most, old tries least."""
    tried = [_plain(each.title) for each in reversed(brief.tried)]
    replaced = dict.fromkeys((_plain(each.title) for each in brief.replaced), len(tried) + 1)
    return {subject: age for age, subject in enumerate(tried, 1)} | replaced


def _is_subject(line: str) -> bool:
    return drafts.is_one_line(line) and not drafts.is_reply(line)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One mail in the making: what was laid out for it, and which of that it shows."""

    brief: Brief
    pool: Pool
    asked: Wishes
    angle: int
    plan: Outline

    def variant(self, label: str, taken: set[str]) -> EmailVariant:
        """The mail; its subject is none of those `taken`."""
        parts = self._parts()
        shown = [number for part in parts for number in part]
        subject = self._subject(shown, taken)
        preheader = self._preheader(shown, subject)
        body = self._body(parts)
        check_numbers(self.brief, f"{subject}\n{preheader}\n{body}")
        sign = f"{_EMOJI[self.angle % 4]} " if self.asked.has_emoji else ""
        notes = dict.fromkeys(self._note(number) for number in shown)
        return EmailVariant(label, sign + subject, preheader, body, self._call(), tuple(notes))

    def _parts(self) -> list[list[int]]:
        """What the mail shows, a list for each paragraph or point; every one of them from one note."""
        most = max(_FEWEST_PARTS, self.asked.words // _PART_WORDS[self.angle % 2])
        groups = [
            group
            for section in self.plan.sections
            for group in self._groups(section.passages, _PARAGRAPH_WORDS[self.angle % 2])
        ]
        weight = {id(group): self._weight(group) for group in groups}
        kept = {id(group) for group in sorted(groups, key=lambda group: -weight[id(group)])[:most]}
        close = [[self.plan.close]] if self.plan.close is not None else []
        points = [[number] for number in self.plan.points]
        return [*self._lead(), *points, *(group for group in groups if id(group) in kept), *close]

    def _weight(self, group: Sequence[int]) -> float:
        pool = self.pool
        wanted = any(pool.is_asked[number] or pool.passages[number].source == pool.home for number in group)
        return wanted + max(float(pool.score[number] + pool.fitness[self.angle % 4][number]) for number in group)

    def _lead(self) -> list[list[int]]:
        return self._groups(self.plan.lead, _PARAGRAPH_WORDS[0])

    def _groups(self, numbers: Sequence[int], most: int) -> list[list[int]]:
        """Passages that stand together in their note stay together, while the paragraph is short."""
        groups: list[list[int]] = []
        for number in numbers:
            passage, last = self.pool.passages[number], self.pool.passages[groups[-1][-1]] if groups else None
            is_beside = last is not None and (last.source, last.block) == (passage.source, passage.block)
            is_list = passage.is_list or (last is not None and last.is_list)
            if is_beside and not is_list and self.pool.words([*groups[-1], number]) <= most:
                groups[-1].append(number)
            else:
                groups.append([number])
        return groups

    def _body(self, parts: Sequence[Sequence[int]]) -> str:
        """Even angles in paragraphs; odd ones with the middle as points, when there is enough for a list."""
        lead = len(self._lead())
        end = len(parts) - (self.plan.close is not None)
        texts = [self._text(part) for part in parts]
        is_list = any(self.pool.passages[number].is_list for part in parts[lead:end] for number in part)
        if self.angle % 2 and end - lead >= 2 and not is_list:
            texts[lead:end] = ["\n".join(f"- {text}" for text in texts[lead:end])]
        return "\n\n".join(texts) + "\n"

    def _text(self, part: Sequence[int]) -> str:
        passage = self.pool.passages[part[0]]
        if not passage.is_list:
            return " ".join(self.pool.passages[number].text for number in part)
        first = next(n for n, sentence in enumerate(passage.sentences) if sentence.endswith(":")) + 1
        items = "\n".join(f"- {item}" for item in passage.sentences[first:])
        return f"{' '.join(passage.sentences[:first])}\n\n{items}"

    def _subject(self, shown: Sequence[int], taken: set[str]) -> str:
        """The first name or sentence that is free: names first for even angles, what a note says for odd ones."""
        sentences, called = list(self._sentences(shown, _SENTENCE)), list(self._names(shown))
        framed = [title.format(topic=self._topic()) for title in self._titles()]
        wanted = [*sentences, *called, *framed] if self.angle % 2 else [*called, *sentences, *framed]
        free = [subject for subject in wanted if _plain(subject) not in taken] or framed
        allowed = [subject for subject in free if not holds(subject, self.asked.avoid)] or free[-1:]
        stale = _stale(self.brief)
        return min(allowed, key=lambda subject: stale.get(_plain(subject), 0))

    def _titles(self) -> list[str]:
        titles = scaffold.frame(self.brief.voice).titles
        return [titles[(self.angle + turn) % 4] for turn in range(4)]

    def _topic(self) -> str:
        """What all of it is about, short enough to have words around it."""
        called = (self.brief.topic_title, *(source.title for source in self.brief.sources))
        found = (name for name in map(names.neat, called) if len(name) >= 3 and _is_subject(name))
        return shorten(next(found, "Notes"), _NAME)

    def _names(self, shown: Sequence[int]) -> Iterator[str]:
        """The topic, unless it names a note of which nothing is shown; then the notes shown, in their order."""
        pool = self.pool
        is_kept = pool.home is None or any(pool.passages[number].source == pool.home for number in shown)
        notes = dict.fromkeys(self.brief.sources[pool.passages[number].source].title for number in shown)
        for title in (*((self.brief.topic_title,) if is_kept else ()), *notes):
            name = names.neat(title)
            has_number = self.asked.avoids_numbers and bool(speech.numbers(name))
            if len(name) >= 3 and names.says_something(name) and _is_subject(name) and not has_number:
                yield name

    def _sentences(self, shown: Sequence[int], most: int) -> Iterator[str]:
        """Passages of one sentence, true without what stands around them; those that name their note first."""
        for number in sorted(shown, key=lambda number: not self.pool.is_named[number]):
            passage = self.pool.passages[number]
            sentence = passage.sentences[0].rstrip(".")
            is_whole = len(passage.sentences) == 1 and not passage.names_notes and not passage.is_list
            is_weak = fragments.opens_weakly(sentence) or speech.has_pronoun(sentence) or sentence.endswith("?")
            if is_whole and not is_weak and len(sentence) <= most and _is_subject(sentence):
                yield sentence

    def _preheader(self, shown: Sequence[int], subject: str) -> str:
        """A sentence from further down that completes the subject, or else words that say what is inside."""
        lead = len(self.plan.lead)
        for sentence in (*self._sentences(shown[lead:], _PREHEADER), *self._sentences(shown[:lead], _PREHEADER)):
            if len(sentence) >= _SHORTEST_PREHEADER and _plain(subject) != _plain(sentence):
                return sentence
        return scaffold.frame(self.brief.voice).preheaders[self.angle % 4].format(topic=self._topic())

    def _call(self) -> str:
        calls = scaffold.frame(self.brief.voice).calls
        order = calls if self.angle % 2 == 0 else calls[::-1]
        return next((call for call in order if not holds(call, self.asked.avoid)), order[0])

    def _note(self, number: int) -> str:
        return self.brief.sources[self.pool.passages[number].source].note_id
