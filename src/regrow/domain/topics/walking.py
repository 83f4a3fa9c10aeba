"""Growing a cluster from a seed along links, best note first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from regrow.domain.topics.facts import Cluster, Limits, Member, Neighbourhood, NoteFacts, Reason, Stop

COHERENT = 0.08
"""Share of a note's links that must lead into the cluster, once the cluster has its minimum."""
TOLERABLE = 0.02
"""The same before it has: keeps out index pages, which link to everything."""
ROUNDABOUT = 0.5
"""What a way through one other note counts against a direct link."""
SAME_TAGS = 0.5
"""How much a note with all the seed's tags gains on one with none."""
RESTART, STEPS = 0.1, 25
"""The long walk that measures nearness to the seed: how likely each step starts afresh, and how many there are."""
HUB = 150
"""Links beyond which a note says little about any one of its neighbours and is not walked through."""
FRONTIER, OUTER = 40, 48
"""How many neighbours are walked through, and how many notes beyond them are weighed."""

Vector = NDArray[np.float64]


def frontier(near: Neighbourhood) -> tuple[str, ...]:
    """The seed's neighbours to walk through: strongest tie first, then fewest links."""
    ties = _ties(near, near.seed.id)
    quiet = [note for note in near.notes if note.links <= HUB]
    ranked = sorted(quiet, key=lambda note: (-ties.get(note.id, 0.0), note.links, note.key))
    return tuple(note.id for note in ranked[:FRONTIER])


def outer(near: Neighbourhood, weights: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """The notes beyond the frontier that a random walk from the seed meets most, with their share of it.

    Those level with the last one are all there: which of them stay is decided by `nearest`, once their keys are known.
    """
    links = {note.id: note.links for note in near.notes}
    known = {near.seed.id, *links}
    met: dict[str, float] = {}
    for (start, end), weight in weights.items():
        inside, beyond = (start, end) if start in links else (end, start)
        if inside in links and beyond not in known:
            met[beyond] = met.get(beyond, 0.0) + weight / max(links[inside], 1)
    shares = {id: round(share, 9) for id, share in met.items()}
    edge = sorted(shares.values(), reverse=True)[:OUTER][-1:]
    return {id: share for id, share in shares.items() if share >= edge[0]}


def nearest(notes: Iterable[NoteFacts], shares: Mapping[str, float]) -> tuple[NoteFacts, ...]:
    return tuple(sorted(notes, key=lambda note: (-shares[note.id], note.key))[:OUTER])


def walk(near: Neighbourhood, limits: Limits) -> Cluster:
    """Takes, step by step, the note with the largest share of its links leading into the cluster.

    A link counts fully when it joins the cluster and by half when it does so through one other note. Dividing by the
    number of links favours sets with few links outwards and keeps index pages from gluing everything together; that
    a long walk from the seed seldom comes by keeps the cluster from drifting away (personalised PageRank divided by
    degree: Andersen, Chung and Lang 2006).
    """
    nodes = [near.seed, *sorted(near.notes, key=lambda note: note.key)]
    shares, degrees = _shares(near, nodes)
    pull = np.array([1.0 + SAME_TAGS * _likeness(near.seed, note) for note in nodes])
    pull *= np.sqrt(_nearness(shares, degrees))
    is_in = np.zeros(len(nodes), dtype=bool)
    is_in[0] = True
    direct = shares[:, 0].copy()
    members: list[Member] = []
    stopped: Stop = "full"
    while len(members) + 1 < limits.maximum:
        best, share = _best(shares, direct, pull, is_in)
        if share <= 0.0:
            stopped = "end"
            break
        if share < (COHERENT if len(members) + 1 >= limits.minimum else TOLERABLE):
            stopped = "loose"
            break
        members.append(_member(near, nodes[best], share))
        is_in[best] = True
        direct = direct + shares[:, best]
    return Cluster(near.seed, tuple(members), stopped)


def _nearness(shares: Vector, degrees: Vector) -> Vector:
    """How often a walk from the seed (node 0) comes by each note, per link of that note; the nearest has 1."""
    start = np.zeros(len(degrees))
    start[0] = 1.0
    visits = start
    for _ in range(STEPS):
        visits = RESTART * start + (1 - RESTART) * (visits @ shares)
    nearness: Vector = visits / degrees
    return nearness / max(float(nearness[1:].max(initial=0.0)), 1e-12)


def _shares(near: Neighbourhood, nodes: list[NoteFacts]) -> tuple[Vector, Vector]:
    """Row i, column j: which share of note i's links joins it with note j; and how many links each note has."""
    index = {note.id: number for number, note in enumerate(nodes)}
    ties = np.zeros((len(nodes), len(nodes)))
    for (start, end), weight in near.weights.items():
        i, j = index.get(start), index.get(end)
        if i is not None and j is not None and i != j:
            ties[i, j] += weight
            ties[j, i] += weight
    degrees = np.maximum(np.maximum(ties.sum(axis=1), np.array([float(note.links) for note in nodes])), 1.0)
    return ties / degrees[:, None], degrees


def _best(shares: Vector, direct: Vector, pull: Vector, is_in: NDArray[np.bool_]) -> tuple[int, float]:
    """The next note by position, and its share; nodes stand in order of their keys, so ties go to the first."""
    through = shares @ np.where(is_in, 0.0, direct)
    share = np.where(is_in | (direct <= 0.0), 0.0, direct + ROUNDABOUT * through)
    best = int(np.argmax((share * pull).round(9)))
    return best, float(share[best])


def _member(near: Neighbourhood, note: NoteFacts, score: float) -> Member:
    pairs = ((near.seed.id, note.id), (note.id, near.seed.id))
    reason: Reason = "seed" if any(pair in near.weights for pair in pairs) else "links"
    return Member(note, reason, score)


def _ties(near: Neighbourhood, id: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for (start, end), weight in near.weights.items():
        if id in (start, end):
            other = end if start == id else start
            found[other] = found.get(other, 0.0) + weight
    return found


def _likeness(a: NoteFacts, b: NoteFacts) -> float:
    return len(a.tags & b.tags) / len(a.tags | b.tags) if a.tags and b.tags else 0.0
