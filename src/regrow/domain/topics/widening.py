"""Widening a cluster by tags, folders and words where links are thin."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from regrow.domain.prose import STOPWORDS, readable, words
from regrow.domain.topics.facts import Cluster, Limits, Member, NoteFacts

SIMILAR = 0.15
"""Least affinity of a note taken in: about what two short notes on one subject reach by words alone."""
TAGS, FOLDER = 0.3, 0.04
"""What all tags shared, and the same folder, add to the cosine of the words."""
READ = 6_000
"""Characters of a note that are read for its words."""
TITLE_WEIGHT = 3
COMMON = frozenset().union(*STOPWORDS.values())

Terms = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Affinity:
    score: float
    tags: tuple[str, ...]
    words: tuple[str, ...]


def terms(title: str, text: str = "") -> Terms:
    """How often each telling word stands in a note; words of the title count three times."""
    counted = Counter(_telling(readable(text[:READ])))
    for word in _telling(title):
        counted[word] += TITLE_WEIGHT
    return counted


def shortlist(seed: NoteFacts, seed_terms: Terms, notes: Iterable[NoteFacts], most: int) -> tuple[NoteFacts, ...]:
    """The notes worth reading, judged without their text: by tags, folder, and title words the seed uses."""
    others = [note for note in notes if note.id != seed.id]
    titles = {note.id: set(_telling(f"{note.title} {' '.join(note.tags)}")) for note in others}
    rarity = _rarity(titles.values())
    place = folder(seed.path)

    def promise(note: NoteFacts) -> tuple[float, str]:
        known = sorted(word for word in titles[note.id] if word in seed_terms)
        found = sum(rarity[word] for word in known) + len(seed.tags & note.tags)
        return (-round(found + (place != "" and folder(note.path) == place), 9), note.key)

    return tuple(sorted(others, key=promise)[:most])


def widen(cluster: Cluster, candidates: Sequence[NoteFacts], texts: Mapping[str, Terms], limits: Limits) -> Cluster:
    """Adds the candidates most like the seed until the topic is full or the next one is too unlike.

    `texts` maps note ids, the seed's too, to their `terms`; candidates without any are passed over. Likeness is the
    cosine of TF-IDF weights (Salton and Buckley 1988), and what tags and the folder add.
    """
    taken = {note.id for note in cluster.notes}
    read = [note for note in candidates if note.id in texts and note.id not in taken]
    rarity = _rarity(texts[note.id] for note in (cluster.seed, *read))
    own = _weights(texts[cluster.seed.id], rarity)
    found = [(note, _affinity(cluster.seed, note, own, _weights(texts[note.id], rarity))) for note in read]
    found.sort(key=lambda pair: (-pair[1].score, pair[0].key))
    alike = [_member(note, affinity) for note, affinity in found if affinity.score >= SIMILAR]
    room = limits.maximum - len(cluster.notes)
    members = (*cluster.members, *alike[:room])
    return replace(cluster, members=members, stopped="full" if len(alike) >= room else "loose")


def folder(path: str) -> str:
    """Where a note stands: its folder, or its dotted hierarchy (`lang.python.` of `lang.python.typing.md`)."""
    stem = path.rpartition(".")[0] if path.lower().endswith((".md", ".markdown", ".txt")) else path
    cut = max(stem.rfind("/"), stem.rfind("."))
    return stem[: cut + 1]


def _telling(text: str) -> list[str]:
    return [word for word in words(text) if len(word) > 1 and not word.isdigit() and word not in COMMON]


def _rarity(notes: Iterable[Iterable[str]]) -> Mapping[str, float]:
    """Inverse document frequency, smoothed so that a word of all notes still counts a little."""
    seen: Counter[str] = Counter()
    total = 0
    for note in notes:
        seen.update(set(note))
        total += 1
    return {word: math.log((1 + total) / (1 + count)) + 0.1 for word, count in seen.items()}


def _weights(counted: Terms, rarity: Mapping[str, float]) -> dict[str, float]:
    """TF-IDF weights of length one."""
    raw = {word: (1 + math.log(count)) * rarity[word] for word, count in sorted(counted.items())}
    length = math.sqrt(math.fsum(weight * weight for weight in raw.values()))
    return {word: weight / length for word, weight in raw.items()} if length else {}


def _affinity(seed: NoteFacts, note: NoteFacts, own: dict[str, float], other: dict[str, float]) -> _Affinity:
    products = {word: own[word] * weight for word, weight in other.items() if word in own}
    tags = tuple(sorted(seed.tags & note.tags))
    place = folder(seed.path)
    score = math.fsum(products.values()) + (TAGS * len(tags) / len(seed.tags) if tags else 0.0)
    score += FOLDER if place and place == folder(note.path) else 0.0
    return _Affinity(round(score, 9), tags, tuple(sorted(products, key=lambda word: (-products[word], word))[:4]))


def _member(note: NoteFacts, affinity: _Affinity) -> Member:
    if affinity.tags:
        return Member(note, "tags", affinity.score, affinity.tags)
    return Member(note, "words", affinity.score, affinity.words)
