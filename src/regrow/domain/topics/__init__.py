"""Topic discovery: a seed note, the cluster grown around it, and what the topic says of itself."""

from __future__ import annotations

from regrow.domain.topics.facts import (
    LARGEST_RANDOM_SEED,
    MAXIMUM_NOTES,
    MINIMUM_NOTES,
    MOST_NOTES,
    Cluster,
    Limits,
    Member,
    Neighbourhood,
    NoteFacts,
    checked_random_seed,
    limits,
    starting_point,
)
from regrow.domain.topics.telling import SUMMED_UP, by_hand, summary, title, why
from regrow.domain.topics.walking import frontier, nearest, outer, walk
from regrow.domain.topics.widening import Terms, folder, shortlist, terms, widen

__all__ = [
    "LARGEST_RANDOM_SEED",
    "MAXIMUM_NOTES",
    "MINIMUM_NOTES",
    "MOST_NOTES",
    "SUMMED_UP",
    "Cluster",
    "Limits",
    "Member",
    "Neighbourhood",
    "NoteFacts",
    "Terms",
    "by_hand",
    "checked_random_seed",
    "folder",
    "frontier",
    "limits",
    "nearest",
    "outer",
    "shortlist",
    "starting_point",
    "summary",
    "terms",
    "title",
    "walk",
    "why",
    "widen",
]
