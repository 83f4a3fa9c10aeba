"""What the search for a topic reads and what it decides: notes and their links, members and clusters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from regrow.kit import errors

MINIMUM_NOTES, MAXIMUM_NOTES = 3, 12
"""How many notes a topic holds when nobody says otherwise."""
MOST_NOTES = 50
LARGEST_RANDOM_SEED = 2**31 - 1

Reason = Literal["seed", "links", "tags", "words"]
Stop = Literal["full", "loose", "end"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Fewest and most notes of a topic, the seed included."""

    minimum: int = MINIMUM_NOTES
    maximum: int = MAXIMUM_NOTES


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """A note that may enter a topic. `key` orders notes alike in every import; `links` counts links from and to it."""

    id: str
    key: str
    title: str
    path: str
    tags: frozenset[str]
    links: int = 0


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The notes around a seed, at most two links away, and the weight of each pair (from id, to id) linked."""

    seed: NoteFacts
    notes: tuple[NoteFacts, ...]
    weights: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Member:
    """A note taken into a cluster: by a link with the seed, by links with members, by tags or by words.

    `shared` names the tags or words that brought it in; `score` is comparable among members of one reason only.
    """

    note: NoteFacts
    reason: Reason
    score: float
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A seed, the members in the order they were taken, and what ended the search."""

    seed: NoteFacts
    members: tuple[Member, ...]
    stopped: Stop

    @property
    def notes(self) -> tuple[NoteFacts, ...]:
        """The seed first."""
        return (self.seed, *(member.note for member in self.members))


def limits(minimum: int | None, maximum: int | None, usual: Limits = USUAL) -> Limits:
    """What was asked for, checked, and the `usual` for what was not; a large minimum alone raises the maximum."""
    least = usual.minimum if minimum is None else minimum
    most = usual.maximum if maximum is None else maximum
    if minimum is not None and maximum is None:
        most = max(most, least)
    if not 1 <= least <= most <= MOST_NOTES:
        raise errors.Invalid(
            f"a topic holds between 1 and {MOST_NOTES} notes, the minimum not above the maximum: "
            f"give min_notes and max_notes in that range (asked for: {least} to {most})",
            "bad_topic_size",
        )
    return Limits(least, most)


def checked_random_seed(random_seed: int) -> int:
    if not 0 <= random_seed <= LARGEST_RANDOM_SEED:
        raise errors.Invalid(f"random_seed is a whole number from 0 to {LARGEST_RANDOM_SEED}", "bad_random_seed")
    return random_seed


def starting_point(random_seed: int) -> str:
    """Where on the circle of content digests (hex) the search for a seed begins.

    Digests are spread evenly and are the same wherever the same notes are imported, so the first unused note from
    here on is a fair and repeatable draw (consistent hashing, Karger et al. 1997).
    """
    return hashlib.sha256(f"topic seed {random_seed}".encode()).hexdigest()
