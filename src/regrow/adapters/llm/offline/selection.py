"""Which passages go into which variant: one pool, dealt out in turns, each variant by its own angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from regrow.adapters.llm.offline import fragments, ranking, speech
from regrow.adapters.llm.offline.echoes import Echoes, echoes
from regrow.adapters.llm.offline.passages import Passage
from regrow.adapters.llm.offline.ranking import Floats
from regrow.adapters.llm.offline.rhythm import Rhythm, rhythm
from regrow.adapters.llm.offline.wishes import Wishes, holds
from regrow.domain import prose
from regrow.domain.brand.learning import readability
from regrow.domain.writing import Brief

_DIVERSITY = 0.72
_SCAFFOLD_WORDS = 60
_UNFIT_TO_LEAD = 10
_NEIGHBOUR, _SAME_BLOCK, _SAME_NOTE = 0.22, 0.14, 0.02


@dataclass(frozen=True, slots=True)
class Pool:
    """All usable passages with what a selection needs to know of each (arrays over passages).

    `about` is likeness to the topic, `score` all that speaks for a passage whatever the angle, `lengths` in words.
    `home` is the note the topic's title names, if it names one. `score` counts against a passage that `echoes`, the
    earlier texts faced, have said it; `merit` does not, and `heard` are all earlier texts.
    """

    passages: tuple[Passage, ...]
    space: ranking.Space
    likeness: Floats
    about: Floats
    is_named: tuple[bool, ...]
    merit: Floats
    score: Floats
    fitness: Floats
    lengths: Floats
    is_asked: tuple[bool, ...]
    labels: int
    heard: Echoes
    echoes: Echoes
    home: int | None = None
    rhythm: Rhythm | None = None

    def words(self, chosen: Sequence[int]) -> int:
        return int(sum(self.lengths[number] for number in chosen))

    def facing(self, platform: str) -> Pool:
        """The same passages, scored against the earlier texts of one platform."""
        faced = self.heard.facing(platform, self.labels)
        return replace(self, echoes=faced, score=self.merit - faced.penalty(self.is_asked))


def pool(brief: Brief, passages: Sequence[Passage], wishes: Wishes) -> Pool:
    """Scores every passage the voice allows, against earlier texts that name no platform; see `Pool.facing`.

    `fitness` has one row per angle.
    """
    allowed = tuple(passage for passage in passages if _is_allowed(passage, wishes))
    texts = [passage.text for passage in allowed]
    space = ranking.Space(texts or [""], brief.voice.language)
    likeness = np.asarray(space.rows @ space.rows.T, dtype=np.float32)
    about = space.rows @ space.vector(f"{brief.topic_title}\n{brief.topic_summary}")
    score = ranking.centrality(likeness)[: len(texts)] * 0.6 + about[: len(texts)] * 0.5
    extra = [_merit(passage, wishes, brief.voice.language) for passage in allowed]
    angles = range(len(speech.ANGLES))
    fitness = [[speech.affinity(text, angle) for text in texts] for angle in angles]
    merit = np.asarray(score + np.array(extra, dtype=np.float32), dtype=np.float32)
    heard = echoes(brief, allowed)
    return Pool(
        passages=allowed,
        space=space,
        likeness=likeness,
        is_named=tuple(_names_its_note(passage, brief) for passage in allowed),
        about=np.asarray(about[: len(texts)], dtype=np.float32),
        merit=merit,
        score=merit,
        fitness=np.array(fitness, dtype=np.float32).reshape(len(speech.ANGLES), len(texts)),
        lengths=np.array([len(prose.words(text)) for text in texts], dtype=np.float32),
        is_asked=tuple(bool(wishes.focus & set(ranking.stems(text, brief.voice.language))) for text in texts),
        labels=len(brief.labels),
        heard=heard,
        echoes=heard,
        home=_named_note(brief),
        rhythm=rhythm(allowed, wishes.sentence_words, wishes.sentence_spread),
    ).facing("")


def _named_note(brief: Brief) -> int | None:
    """The note whose title shares most content words with the topic's title, the first of equals."""
    topic = set(ranking.stems(brief.topic_title, brief.voice.language))
    shared = [len(topic & set(ranking.stems(source.title, brief.voice.language))) for source in brief.sources]
    most = max(shared, default=0)
    return shared.index(most) if most else None


def _names_its_note(passage: Passage, brief: Brief) -> bool:
    """Whether the first sentence shares a word with its note's title, so that it can stand at a beginning."""
    language = brief.voice.language
    title = set(ranking.stems(brief.sources[passage.source].title, language))
    return bool(title & set(ranking.stems(passage.sentences[0], language)))


def _is_allowed(passage: Passage, wishes: Wishes) -> bool:
    text = passage.text
    if wishes.avoids_numbers and speech.numbers(text):
        return False
    if not wishes.has_emoji and speech.EMOJI.search(text):
        return False
    return not holds(text, wishes.avoid)


def _merit(passage: Passage, wishes: Wishes, language: str) -> float:
    """What speaks for a passage besides its rank: place, numbers, length of sentence, person, words asked for."""
    text = passage.text
    merit = 0.12 * (passage.place == 0) + 0.12 * bool(speech.numbers(text)) - 0.1 * passage.is_list
    merit -= 0.25 * passage.sentences[0].endswith("?") * (not wishes.asks)
    mean = sum(len(prose.words(sentence)) for sentence in passage.sentences) / len(passage.sentences)
    merit -= 0.45 * min(1.5, abs(mean - wishes.sentence_words) / wishes.sentence_words)
    merit += _person_merit(speech.person_of(text), wishes.person)
    merit -= 0.5 * passage.names_notes
    merit += 0.4 * holds(text, wishes.use) + 0.1 * holds(text, wishes.favoured)
    if wishes.reading_level is not None:
        merit -= _hardness(text, len(passage.sentences), wishes.reading_level)
    if wishes.focus:
        shared = wishes.focus & set(ranking.stems(text, language))
        merit += 0.9 * min(1.0, len(shared) / min(2, len(wishes.focus)))
    return merit


def _hardness(text: str, sentences: int, grade: int) -> float:
    """How far a passage is from a school grade, by LIX, which needs no syllables."""
    words = prose.words(text)
    long_words = sum(len(word) >= readability.LONG_WORD for word in words)
    off = readability.lix(max(1, len(words)), sentences, long_words) - readability.lix_of_grade(grade)
    return 0.3 * min(1.5, abs(off) / 15)


def _person_merit(found: str, asked: str) -> float:
    if asked.startswith("first"):
        return 0.12 if found == "first" else 0.0
    if asked == "second":
        return 0.12 if found == "second" else 0.0
    return -0.2 if found in ("first", "second") else 0.0


class Hand:
    """One variant's growing choice, with how near each passage of the pool is to it."""

    def __init__(self, pool: Pool, angle: int, wishes: Wishes, most_repeated: float = np.inf) -> None:
        self.angle = angle
        self.chosen: list[int] = []
        weight = 0.35 if wishes.bias is None else 0.2
        self._value = pool.score + weight * pool.fitness[angle]
        if wishes.bias is not None:
            self._value = self._value + 0.35 * pool.fitness[wishes.bias]
        self._near = np.zeros(len(pool.passages), dtype=np.float32)
        self._bond = np.zeros(len(pool.passages), dtype=np.float32)
        self._held = pool.echoes.held((), pool.lengths)
        self._most_repeated = most_repeated
        self._pool, self._wishes = pool, wishes

    def lead(self, free: Sequence[bool]) -> int | None:
        """The best free passage to open with: short, about the topic, in the angle, or as the instructions ask."""
        pool = self._pool
        value = self._value + 0.3 * pool.fitness[self.angle] + 0.7 * pool.about - pool.echoes.stale_leads()
        as_asked = 1.5 if pool.echoes.is_silent else 3.0
        for number, passage in enumerate(pool.passages):
            value[number] += 0.25 * passage.is_opening + 0.2 * pool.is_named[number]
            value[number] -= 0.3 * speech.has_pronoun(passage.sentences[0])
            value[number] -= 0.6 * (passage.is_list or pool.lengths[number] > 75)
            value[number] += as_asked * _leads_as_asked(passage, self._wishes)
            value[number] -= _UNFIT_TO_LEAD * fragments.opens_weakly(passage.sentences[0])
        return self._take(value, free)

    def next(self, free: Sequence[bool]) -> int | None:
        """The free passage that adds most (maximal marginal relevance, with a bond to what stands beside it)."""
        gain = ranking.marginal(self._value, self._near, _DIVERSITY) + self._bond
        if self._pool.rhythm is not None:
            gain = gain - self._pool.rhythm.penalty(self.chosen)
        return self._take(gain - self._pool.echoes.repulsion(self._held), free)

    def _take(self, value: Floats, free: Sequence[bool]) -> int | None:
        has_room = self._pool.echoes.has_room(self._held, self._pool.lengths, self._most_repeated)
        open_to = np.array(free, dtype=bool) & has_room
        if not open_to.any():
            return None
        best = int(np.argmax(np.where(open_to, value, -np.inf)))
        self.add(best)
        return best

    def add(self, number: int) -> None:
        taken = self._pool.passages[number]
        self.chosen.append(number)
        self._near = np.maximum(self._near, self._pool.likeness[number])
        self._held = self._pool.echoes.held(self.chosen, self._pool.lengths)
        for other, passage in enumerate(self._pool.passages):
            if passage.source == taken.source:
                is_beside = abs(passage.place - taken.place) == 1
                same_block = passage.block == taken.block
                self._bond[other] += _SAME_NOTE * (not same_block) * (self._bond[other] < 0.1)
                self._bond[other] = max(self._bond[other], same_block * (_NEIGHBOUR if is_beside else _SAME_BLOCK))


def _leads_as_asked(passage: Passage, wishes: Wishes) -> bool:
    if wishes.lead == "number":
        return bool(speech.numbers(passage.sentences[0]))
    return wishes.lead == "question" and passage.sentences[0].endswith("?")


def deal(
    pool: Pool, angles: Sequence[int], wishes: Wishes, most_repeated: float = np.inf, longest: float = np.inf
) -> list[list[int]]:
    """Passages for each angle, opening one first; no passage goes to two variants.

    No variant takes more of a replaced text than its part `most_repeated`, counted in words, and none takes a passage
    of more words than `longest`.
    """
    hands = [Hand(pool, angle, wishes, most_repeated) for angle in angles]
    free = [bool(words <= longest) for words in pool.lengths]
    for hand in hands:
        if (taken := hand.lead(free)) is not None:
            free[taken] = False
    for hand in hands:
        at_home = [is_free and pool.passages[n].source == pool.home for n, is_free in enumerate(free)]
        is_there = any(pool.passages[n].source == pool.home for n in hand.chosen)
        if not is_there and (taken := hand.next(at_home)) is not None:
            free[taken] = False
    words = wishes.words - min(_SCAFFOLD_WORDS, wishes.words // 8)
    growing = list(hands)
    while growing and any(free):
        hand = min(growing, key=lambda hand: pool.words(hand.chosen))
        spare = words - pool.words(hand.chosen)
        if spare < 12:
            break
        fitting = [
            is_free and pool.lengths[n] <= spare + 15 and not (pool.passages[n].names_notes and spare < words / 2)
            for n, is_free in enumerate(free)
        ]
        taken = hand.next(fitting)
        if taken is None:
            # One that may take no more of a replaced text does not end the others.
            growing = [] if pool.echoes.is_silent else [other for other in growing if other is not hand]
            continue
        free[taken] = False
    return [hand.chosen for hand in hands]


def lend(
    pool: Pool, dealt: Sequence[Sequence[int]], angles: Sequence[int], words: int, most_repeated: float = np.inf
) -> list[list[int]]:
    """When the pool is used up and variants are short, each takes back up to a fifth of its length from the others."""
    lent = [list(chosen) for chosen in dealt]
    if len(dealt) < 2 or sum(map(len, dealt)) < len(pool.passages):
        return lent
    for number, chosen in enumerate(lent):
        spare = min(pool.words(chosen) // 5, int(0.8 * words) - pool.words(chosen))
        others = [n for other, hand in enumerate(dealt) if other != number for n in hand[1:]]
        others.sort(key=lambda n: (-float(pool.score[n] + pool.fitness[angles[number]][n]), n))
        for candidate in others:
            held = pool.echoes.held(chosen, pool.lengths)
            has_room = bool(pool.echoes.has_room(held, pool.lengths, most_repeated)[candidate])
            if has_room and pool.lengths[candidate] <= spare:
                chosen.append(candidate)
                spare -= int(pool.lengths[candidate])
    return lent
