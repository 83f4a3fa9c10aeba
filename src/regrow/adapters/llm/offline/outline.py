"""How chosen passages are laid out: lead, sections with headings, points in brief, close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.adapters.llm.offline import fragments, names, ranking, speech
from regrow.adapters.llm.offline.selection import Pool
from regrow.domain.writing import Brief

_MOST_SECTIONS, _FEWEST_SECTIONS, _SECTION_WORDS = 6, 3, 30
_POINTS = 3
_REALLY_NEAR, _SHARED_TERMS, _MOST_DROPPED = 0.2, 3, 0.2
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Numbers of passages in the pool, each used once."""

    lead: tuple[int, ...]
    points: tuple[int, ...]
    sections: tuple[Section, ...]
    close: int | None


def outline(brief: Brief, pool: Pool, chosen: Sequence[int], angle: int) -> Outline:
    """Lays out one variant. Even angles go by note in the topic's order, odd ones open with points and go by weight.

    A text that replaces others begins that round further on with every turn.
    """
    lead, rest = _lead(pool, chosen)
    close, rest = _close(pool, rest, angle)
    points, rest = _points(pool, rest) if angle % 2 else ((), rest)
    groups = _merged(brief, pool, _grouped(pool, rest))
    order = sorted(groups, key=lambda key: _order(pool, key, groups[key], angle))
    start = pool.echoes.turn % max(1, len(order))
    order = order[start:] + order[:start]
    taken: set[str] = set()
    sections = []
    for key in order:
        heading = _heading(brief, pool, groups[key], angle, taken)
        taken.add(heading.lower())
        sections.append(Section(heading, tuple(sorted(groups[key], key=lambda n: _position(pool, n, key[0])))))
    return Outline(lead, points, tuple(sections), close)


def _position(pool: Pool, number: int, home: int) -> tuple[bool, int, int]:
    passage = pool.passages[number]
    return (passage.source != home, passage.source, passage.place)


def _order(pool: Pool, key: Key, members: Sequence[int], angle: int) -> tuple[float, int, int]:
    first = min(pool.passages[number].place for number in members)
    weight = (
        -float(np.mean([pool.fitness[angle][number] + pool.score[number] for number in members])) if angle % 2 else 0
    )
    return (weight, key[0], first)


def _lead(pool: Pool, chosen: Sequence[int]) -> tuple[tuple[int, ...], list[int]]:
    """The opening passage, with what directly follows it in its paragraph while the lead stays short."""
    lead = [chosen[0]]
    rest = list(chosen[1:])
    while pool.words(lead) < 35:
        last = pool.passages[lead[-1]]
        after = [n for n in rest if _is_next(pool, last.source, last.block, last.place, n)]
        if not after or pool.lengths[after[0]] > 50:
            break
        lead.append(after[0])
        rest.remove(after[0])
    return tuple(lead), rest


def _is_next(pool: Pool, source: int, block: int, place: int, number: int) -> bool:
    passage = pool.passages[number]
    return (passage.source, passage.block, passage.place) == (source, block, place + 1) and not passage.is_list


def _close(pool: Pool, rest: list[int], angle: int) -> tuple[int | None, list[int]]:
    """A short passage to end on, from a note that keeps others; none when there is little to choose from."""
    spread: dict[int, int] = defaultdict(int)
    for number in rest:
        spread[pool.passages[number].source] += 1
    fit = [n for n in rest if spread[pool.passages[n].source] > 1 and not pool.passages[n].is_list]
    fit = [n for n in fit if 8 <= pool.lengths[n] <= 45 and not pool.passages[n].sentences[0].endswith("?")]
    wanted = 0 if angle % 2 == 0 else 2
    fit = [n for n in fit if pool.fitness[wanted][n] >= 0.5 and not fragments.opens_weakly(pool.passages[n].text)]
    if len(rest) < 6 or not fit:
        return None, rest
    close = max(fit, key=lambda n: (_closing_value(pool, n, wanted), -n))
    return close, [n for n in rest if n != close]


def _closing_value(pool: Pool, number: int, angle: int) -> float:
    passage = pool.passages[number]
    place = 0.8 * passage.is_last - 0.8 * passage.is_opening
    return float(0.6 * pool.fitness[angle][number] + 0.5 * pool.score[number] + 0.5 * pool.about[number]) + place


def _points(pool: Pool, rest: list[int]) -> tuple[tuple[int, ...], list[int]]:
    """Single sentences with numbers, one per note, to open on; none when too few are left for sections."""
    if len(rest) < 10:
        return (), rest
    single = [n for n in rest if len(pool.passages[n].sentences) == 1 and pool.lengths[n] <= 28]
    single = [
        n for n in single if not speech.has_pronoun(pool.passages[n].text) and pool.passages[n].source != pool.home
    ]
    single.sort(
        key=lambda n: (-pool.is_named[n], -bool(speech.numbers(pool.passages[n].text)), -float(pool.score[n]), n)
    )
    picked: dict[int, int] = {}
    for number in single:
        picked.setdefault(pool.passages[number].source, number)
    points = tuple(list(picked.values())[:_POINTS])
    if len(points) < _POINTS:
        return (), rest
    return points, [n for n in rest if n not in points]


def _grouped(pool: Pool, rest: Sequence[int]) -> dict[Key, list[int]]:
    """By note; with too few notes by the headings inside; without headings in equal parts of a note."""
    by_note: dict[Key, list[int]] = defaultdict(list)
    by_heading: dict[Key, list[int]] = defaultdict(list)
    for number in sorted(rest, key=lambda n: (pool.passages[n].source, pool.passages[n].place)):
        passage = pool.passages[number]
        by_note[(passage.source, "")].append(number)
        by_heading[(passage.source, passage.heading)].append(number)
    if len(by_note) >= _FEWEST_SECTIONS or len(rest) < 2 * _FEWEST_SECTIONS:
        return dict(by_note)
    if len(by_heading) >= _FEWEST_SECTIONS:
        return dict(by_heading)
    size = -(-len(rest) // _FEWEST_SECTIONS)
    return {
        (source, f"part {start}"): members[start : start + size]
        for (source, _), members in by_note.items()
        for start in range(0, len(members), size)
    }


def _merged(brief: Brief, pool: Pool, groups: dict[Key, list[int]]) -> dict[Key, list[int]]:
    """Small sections join one really near to them, else they go; they stand alone when too much would go.

    The topic's own note keeps its section whatever its size, and so does what was asked for.
    """
    sections = dict(groups)
    spare = int(_MOST_DROPPED * sum(pool.words(members) for members in groups.values()))
    for key in sorted(groups, key=lambda key: (pool.words(groups[key]), key)):
        size = pool.words(sections[key])
        is_small = size < _SECTION_WORDS and len(sections) > _FEWEST_SECTIONS
        if key[0] == pool.home or not (is_small or len(sections) > _MOST_SECTIONS):
            continue
        others = [other for other in sections if other != key and _is_near(brief, pool, sections[key], sections[other])]
        if others:
            home = max(others, key=lambda other: (_nearness(pool, sections[key], sections[other]), -other[0]))
            sections[home] = sections[home] + sections.pop(key)
        elif size <= spare and not any(pool.is_asked[number] for number in sections[key]):
            spare -= size
            del sections[key]
    return sections


def _is_near(brief: Brief, pool: Pool, members: Sequence[int], others: Sequence[int]) -> bool:
    """Whether two groups may stand under one heading: parts of one note, or alike and with content words in common."""
    sources = {pool.passages[number].source for number in (*members, *others)}
    if len(sources) == 1:
        return True
    own, their = (
        {stem for n in part for stem in ranking.stems(pool.passages[n].text, brief.voice.language)}
        for part in (members, others)
    )
    return _nearness(pool, members, others) >= _REALLY_NEAR and len(own & their) >= _SHARED_TERMS


def _nearness(pool: Pool, members: Sequence[int], others: Sequence[int]) -> float:
    return float(pool.likeness[np.ix_(list(members), list(others))].mean())


def _heading(brief: Brief, pool: Pool, members: Sequence[int], angle: int, taken: set[str]) -> str:
    """The note's title or its inner heading (odd angles prefer that), the first that says something and is free."""
    first = pool.passages[members[0]]
    title, inner = names.neat(brief.sources[first.source].title), names.neat(first.heading)
    title = title if names.says_something(title) else ""
    own = [pool.passages[number].text for number in members]
    phrase = names.recurring(own, brief.voice.language, f"{title} {brief.topic_title}")
    inner = inner if names.says_something(inner) and inner.lower() != title.lower() else ""
    both = [f"{title}: {part}" for part in (inner,) if title and part and len(title) + len(part) < 70]
    singles = [part for part in (title, inner, names.neat(phrase)) if part]
    candidates = (both[:1] + singles if angle % 2 else singles + both) + [names.opening(own[0], brief.voice.language)]
    return next((name for name in candidates if name.lower() not in taken), candidates[0])
