"""One post per platform and label: few passages, the platform's length, its own opening each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from regrow.adapters.llm.offline import fragments, names, ranking, scaffold, selection, speech
from regrow.adapters.llm.offline.angles import angles_of
from regrow.adapters.llm.offline.evidence import NotEnough, check_numbers
from regrow.adapters.llm.offline.passages import Passage, passages
from regrow.adapters.llm.offline.selection import Pool
from regrow.adapters.llm.offline.wishes import Wishes, wishes
from regrow.domain import likeness, prose
from regrow.domain.writing import (
    PLATFORM_HASHTAGS,
    PLATFORM_LENGTHS,
    Brief,
    Platform,
    SocialDraft,
    SocialPost,
    SocialVariant,
)

_SHORTEST = 40
_LIKENESS = 0.4
_ALIKE_GRADES = (0.15, 0.4, likeness.MOST_SIMILAR)
"""A little alike, half alike, much alike: posts of one grade are as good as each other."""
_USED_NOTE = 0.35
_WORDS_PER_CHARACTER = 6
_EMOJI = ("\U0001f449", "\U0001f4ca", "\U0001f4a1", "\u26a0\ufe0f")


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a post on a platform is built: characters aimed at, most passages, whether it ends on a question."""

    characters: int
    passages: int
    has_question: bool


_SHAPES = {
    "x": _Shape(270, 2, False),
    "bluesky": _Shape(290, 2, False),
    "mastodon": _Shape(470, 3, False),
    "threads": _Shape(420, 3, True),
    "linkedin": _Shape(1100, 6, True),
    "instagram": _Shape(800, 5, True),
    "facebook": _Shape(650, 4, True),
}


@dataclass(frozen=True, slots=True)
class _Post:
    """A post that could be, with the passages it is made of, its opening first."""

    text: str
    tags: tuple[str, ...]
    chosen: tuple[int, ...]


def social(brief: Brief, labels: Sequence[str], platforms: Sequence[str]) -> SocialDraft:
    """A post per platform in order. Raises NotEnough when the notes do not carry that many different posts."""
    asked = wishes(brief)
    pool = selection.pool(brief, passages(brief.sources), asked)
    desk = _Desk(brief, pool, asked)
    posts = []
    for number, platform in enumerate(platforms):
        desk.turn_page(platform)
        angles = [(angle + 2 * number) % len(speech.ANGLES) for angle in angles_of(labels, desk.turn)]
        variants = [desk.post(platform, label, angle) for label, angle in zip(labels, angles, strict=True)]
        posts.append(SocialPost(cast(Platform, platform), tuple(variants)))
    return SocialDraft(tuple(posts))


def length(text: str, tags: Sequence[str], platform: str) -> int:
    """Characters a platform counts, hashtags as ` #tag`; X counts emoji and wide scripts twice."""
    whole = text + "".join(f" #{tag}" for tag in tags)
    return sum(1 if ord(sign) < 0x1100 else 2 for sign in whole) if platform == "x" else len(whole)


class _Desk:
    """Remembers what earlier posts used, so that each platform and each label says something else."""

    def __init__(self, brief: Brief, pool: Pool, asked: Wishes) -> None:
        self._brief, self._pool, self._asked = brief, pool, asked
        self._frame = scaffold.frame(brief.voice)
        self._uses = np.zeros(len(pool.passages), dtype=np.float32)
        self._note_uses = np.zeros(len(brief.sources), dtype=np.float32)
        self._openings: set[int] = set()
        self._here: set[int] = set()
        self._said: set[str] = set()
        self._texts_here: list[str] = []
        self._count = 0

    @property
    def turn(self) -> int:
        """How often the platform's posts were written before."""
        return self._pool.echoes.turn

    def turn_page(self, platform: str) -> None:
        """A new platform begins: labels never share a passage, platforms only when no other is left to open on."""
        self._pool = self._pool.facing(platform)
        self._here = set()
        self._texts_here = []

    def post(self, platform: str, label: str, angle: int) -> SocialVariant:
        """The best post that says something new: unlike the other labels' and unlike the ones it replaces."""
        openings = self._candidates(angle)
        if self._pool.echoes.hard:
            as_asked = [n for n in openings if not self._uses[n] and self._leads(n)]
            others = [n for n in openings if n not in as_asked]
            best = self._anew(as_asked, angle, platform) or self._anew(others, angle, platform)
        else:
            best = next(self._drafts(openings, angle, platform), None)
        if best is None:
            raise self._not_enough(platform)
        return self._done(label, best)

    def _anew(self, openings: Sequence[int], angle: int, platform: str) -> _Post | None:
        """The draft that repeats least: of the replaced posts first, then of earlier tries and this draft's posts."""
        replaced = [prose.shingles(text) for text in likeness.replaced(self._brief, platform)]
        tried = [prose.shingles(text) for text in likeness.tried(self._brief, platform)]
        best, least = None, np.inf
        for post in self._drafts(openings, angle, platform):
            own = prose.shingles(post.text)
            repeated = likeness.of_shingles(own, replaced)
            cost = 2 * _grade(repeated) + _grade(likeness.of_shingles(own, tried)) + bool(self._uses[post.chosen[0]])
            if repeated < likeness.MOST_SIMILAR and cost < least:
                best, least = post, cost
            if least == 0:
                break
        return best

    def _drafts(self, openings: Sequence[int], angle: int, platform: str) -> Iterator[_Post]:
        drafts = (self._drafted(platform, angle, opening) for opening in openings)
        return (post for post in drafts if post is not None)

    def _leads(self, number: int) -> bool:
        return _leads(self._pool.passages[number].sentences[0], self._asked)

    def _drafted(self, platform: str, angle: int, opening: int) -> _Post | None:
        shape = _SHAPES[platform]
        most = min(self._asked.hashtags, PLATFORM_HASHTAGS[platform])
        chosen = [opening]
        tags = self._tags(chosen, most)
        parts = self._parts(chosen, self._budget(platform, shape, tags), shape, angle, platform)
        text = self._text(parts, shape, angle) if parts else ""
        if not text or text in self._said or self._repeats(text):
            return None
        drawn = self._tags(chosen, most)
        is_short = length(text, drawn, platform) <= PLATFORM_LENGTHS[platform]
        return _Post(text, tuple(drawn if is_short else tags), tuple(chosen))

    def _candidates(self, angle: int) -> list[int]:
        pool = self._pool
        value = pool.score + 0.5 * pool.fitness[angle]
        if self._asked.bias is not None:
            value = value + 0.4 * pool.fitness[self._asked.bias]
        for number, passage in enumerate(pool.passages):
            value[number] += 0.15 * passage.is_opening + 0.4 * pool.is_named[number] - 1.2 * (number in self._openings)
            value[number] -= 0.3 * speech.has_pronoun(passage.sentences[0])
            value[number] += 1.5 * _leads(passage.sentences[0], self._asked)
            value[number] -= _USED_NOTE * self._note_uses[passage.source]
            value[number] -= 10 * fragments.opens_weakly(passage.sentences[0])
        value -= pool.echoes.stale_leads()
        free = [n for n in range(len(pool.passages)) if n not in self._here and not pool.passages[n].is_list]
        return sorted(free, key=lambda n: (self._uses[n] > 0, -float(value[n]), n))

    def _tags(self, chosen: Sequence[int], most: int) -> list[str]:
        notes = list(dict.fromkeys(self._pool.passages[number].source for number in chosen))
        return names.hashtags(self._brief, notes, most)

    def _budget(self, platform: str, shape: _Shape, tags: Sequence[str]) -> int:
        """Characters left for the passages, after tags, emoji and the closing question."""
        voice = self._brief.voice
        factor = min(1.5, self._asked.words / max(1, voice.words))
        aim = min(shape.characters * factor, self._asked.words * _WORDS_PER_CHARACTER, PLATFORM_LENGTHS[platform])
        extra = length("", tags, platform) + (5 if self._asked.has_emoji else 0)
        return int(aim) - extra - (len(self._question()) + 2 if shape.has_question else 0)

    def _parts(self, chosen: list[int], budget: int, shape: _Shape, angle: int, platform: str) -> list[str]:
        """The opening, then what is added while it fits in the notes' order; grows `chosen`; empty when none fits."""
        first = self._cut(chosen[0], budget, platform)
        if not first:
            return []
        left, added = budget - length(first, (), platform), dict[int, str]()
        while len(added) + 1 < shape.passages and left > _SHORTEST:
            found = self._addition(chosen, left - 2, angle, platform)
            if found is None:
                break
            chosen.append(found[0])
            added[found[0]] = found[1]
            left -= length(found[1], (), platform) + 2
        home = self._pool.passages[chosen[0]].source
        order = sorted(added, key=lambda n: (self._pool.passages[n].source != home, n))
        return self._joined({chosen[0]: first} | {n: added[n] for n in order}) if len(first) >= 20 else []

    def _joined(self, texts: dict[int, str]) -> list[str]:
        """One text per paragraph: passages that stand side by side in a note stay side by side."""
        parts: list[str] = []
        last: Passage | None = None
        for number, text in texts.items():
            passage = self._pool.passages[number]
            if last is not None and (last.source, last.block, last.place + 1) == _place(passage):
                parts[-1] += f" {text}"
            else:
                parts.append(text)
            last = passage
        return parts

    def _addition(self, chosen: Sequence[int], left: int, angle: int, platform: str) -> tuple[int, str] | None:
        pool = self._pool
        near = pool.likeness[list(chosen)].max(axis=0)
        value = ranking.marginal(pool.score + 0.3 * pool.fitness[angle], near, 0.75)
        opening = pool.passages[chosen[0]]
        for number, passage in enumerate(pool.passages):
            value[number] -= _USED_NOTE * self._note_uses[passage.source]
            value[number] += 0.35 * (passage.source == opening.source) + 0.45 * (passage.block == opening.block)
        for number in (int(n) for n in np.argsort(-value, kind="stable")):
            passage = pool.passages[number]
            if self._uses[number] or number in chosen or not _goes_with(passage, opening, platform):
                continue
            if text := self._cut(number, left, platform):
                return number, text
        return None

    def _cut(self, number: int, room: int, platform: str) -> str:
        """The passage, or as many of its leading sentences as fit and may stand alone; empty when none do."""
        passage = self._pool.passages[number]
        for count in range(len(passage.sentences), passage.shortest - 1, -1):
            text = passage.first(count)
            if length(text, (), platform) <= room:
                return text
        return ""

    def _question(self) -> str:
        return self._frame.questions[self._count % len(self._frame.questions)]

    def _text(self, parts: Sequence[str], shape: _Shape, angle: int) -> str:
        sign = f"{_EMOJI[angle]} " if self._asked.has_emoji else ""
        whole = [sign + parts[0], *parts[1:], *((self._question(),) if shape.has_question else ())]
        return ("\n\n" if shape.characters > 350 else " ").join(whole)

    def _done(self, label: str, post: _Post) -> SocialVariant:
        check_numbers(self._brief, post.text)
        self._said.add(post.text)
        self._texts_here.append(post.text)
        self._here.update(post.chosen)
        self._openings.add(post.chosen[0])
        said = {sentence for n in post.chosen for sentence in self._pool.passages[n].sentences}
        self._uses += np.array([not said.isdisjoint(passage.sentences) for passage in self._pool.passages])
        self._note_uses[list({self._pool.passages[n].source for n in post.chosen})] += 1
        self._count += 1
        notes = dict.fromkeys(self._brief.sources[self._pool.passages[n].source].note_id for n in post.chosen)
        return SocialVariant(label, post.text, post.tags, tuple(notes))

    def _repeats(self, text: str) -> bool:
        return any(prose.shingle_similarity(text, other) >= _LIKENESS for other in self._texts_here)

    def _not_enough(self, platform: str) -> NotEnough:
        fitting = [n for n in range(len(self._pool.passages)) if self._cut(n, PLATFORM_LENGTHS[platform], platform)]
        wanted = "posts that differ in substance from the ones they replace" if self._pool.echoes.hard else ""
        return NotEnough(
            f"The {len(self._brief.sources)} notes hold {len(self._pool.passages)} passages that can be quoted, "
            f"{len(fitting)} of them short enough for {platform}, which is too few for {wanted or 'different posts'}. "
            "Add notes to the topic, write more full and shorter sentences in them, "
            f"{'give other instructions, ' if wanted else ''}or ask for fewer platforms or variants."
        )


def _grade(similarity: float) -> int:
    return sum(similarity >= bound for bound in _ALIKE_GRADES)


def _place(passage: Passage) -> tuple[int, int, int]:
    return (passage.source, passage.block, passage.place)


def _goes_with(passage: Passage, opening: Passage, platform: str) -> bool:
    """Short posts stay in one paragraph of a note and middling ones in one note; long ones may cross notes."""
    if passage.is_list or passage.names_notes or passage.sentences[0].endswith("?"):
        return False
    is_near = passage.source == opening.source and passage.place > opening.place
    if _SHAPES[platform].passages <= 2:
        return is_near and passage.block == opening.block
    return is_near if _SHAPES[platform].passages == 3 else passage.source != opening.source or is_near


def _leads(sentence: str, asked: Wishes) -> bool:
    if asked.lead == "number":
        return bool(speech.numbers(sentence))
    return asked.lead == "question" and sentence.endswith("?")
