"""One e-mail per label: a subject, a preheader, a short body and one thing to do, each from other passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrow.adapters.llm.offline import fragments, names, outline, scaffold, selection, speech
from regrow.adapters.llm.offline.angles import angles_of
from regrow.adapters.llm.offline.evidence import NotEnough, check_numbers
from regrow.adapters.llm.offline.outline import Outline
from regrow.adapters.llm.offline.passages import passages
from regrow.adapters.llm.offline.selection import Pool
from regrow.adapters.llm.offline.wishes import Wishes, holds, wishes
from regrow.domain import drafts, prose
from regrow.domain.writing import Brief, EmailDraft, EmailVariant
from regrow.kit.redaction import shorten

_FEWEST_WORDS, _FEWEST_PASSAGES, _FEWEST_CHARACTERS = 60, 3, 120
_LIKENESS = 0.4
_PARAGRAPH_WORDS, _PART_WORDS = (80, 40), (70, 45)
"""For paragraphs and for points: most words of one, and how many of the words asked for make room for one."""
_FEWEST_PARTS = 3
_NAME, _SENTENCE = 55, 64
_SHORTEST_PREHEADER, _PREHEADER = 20, 150
_EMOJI = ("\U0001f449", "\U0001f4ca", "\U0001f4a1", "\u26a0\ufe0f")


def email(brief: Brief, labels: Sequence[str]) -> EmailDraft:
    """Drafts for all labels. Raises NotEnough when the notes do not carry that many different mails."""
    asked = wishes(brief)
    pool = selection.pool(brief, passages(brief.sources), asked)
    angles = angles_of(labels)
    dealt = selection.deal(pool, angles, asked)
    _check_enough(brief, pool, dealt, asked)
    chosen = selection.lend(pool, dealt, angles, asked.words)
    written = _written(brief, pool, asked, labels, angles, chosen)
    while _alike(written) >= _LIKENESS:
        dealt = selection.apart(pool, dealt)
        _check_enough(brief, pool, dealt, asked)
        written = _written(brief, pool, asked, labels, angles, dealt)
    return EmailDraft(tuple(written))


def _written(
    brief: Brief,
    pool: Pool,
    asked: Wishes,
    labels: Sequence[str],
    angles: Sequence[int],
    dealt: Sequence[Sequence[int]],
) -> list[EmailVariant]:
    taken: set[str] = set()
    written = []
    for label, angle, chosen in zip(labels, angles, dealt, strict=True):
        written.append(
            _Letter(brief, pool, asked, angle, outline.outline(brief, pool, chosen, angle)).variant(label, taken)
        )
        taken.add(_plain(written[-1].subject))
    return written


def _alike(written: Sequence[EmailVariant]) -> float:
    pairs = [(a, b) for number, a in enumerate(written) for b in written[number + 1 :]]
    return max((prose.shingle_similarity(a.body, b.body) for a, b in pairs), default=0.0)


def _plain(line: str) -> str:
    return " ".join(prose.words(line))


def _is_subject(line: str) -> bool:
    return drafts.is_one_line(line) and not drafts.is_reply(line)


def _check_enough(brief: Brief, pool: Pool, dealt: Sequence[Sequence[int]], asked: Wishes) -> None:
    fewest = min(_FEWEST_WORDS, int(0.6 * asked.words))
    if all(pool.words(chosen) >= fewest and len(chosen) >= _FEWEST_PASSAGES for chosen in dealt):
        return
    raise _not_enough(brief, pool, len(dealt), fewest)


def _not_enough(brief: Brief, pool: Pool, count: int, fewest: int) -> NotEnough:
    return NotEnough(
        f"The {len(brief.sources)} notes hold {int(pool.lengths.sum())} words in {len(pool.passages)} passages that "
        f"can be quoted; {count} different e-mails need at least {fewest} words each, in {_FEWEST_PASSAGES} passages "
        "or more. Add notes to the topic, write more full sentences in them, avoid fewer words, or ask for fewer "
        "variants."
    )


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
        if len(body) < _FEWEST_CHARACTERS:
            raise _not_enough(self.brief, self.pool, len(self.brief.labels), _FEWEST_WORDS)
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
        return next((subject for subject in free if not holds(subject, self.asked.avoid)), free[-1])

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
