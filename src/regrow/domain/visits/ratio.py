"""Whether visitors fell on the variants as they should have: the e-value of the sample ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

STRENGTHS = (1e2, 1e3, 1e4, 1e5)
FLAGGED = 100.0
"""From here on the ratio is broken; by chance one of a hundred experiments gets there, however often one looks."""


def e_value(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """Evidence against the shares: the mean over several Dirichlet alternatives around them."""
    total = sum(shares.values())
    wanted = [share / total for share in shares.values()]
    seen = [counts.get(label, 0) for label in shares]
    logs = [log_factor(seen, wanted, strength) for strength in STRENGTHS]
    highest = max(logs)
    mean = highest + math.log(sum(math.exp(each - highest) for each in logs) / len(logs))
    return math.exp(min(mean, 700.0))


def log_factor(seen: Sequence[int], wanted: Sequence[float], strength: float) -> float:
    """The log Bayes factor of one alternative."""
    prior = [strength * share for share in wanted]
    after = [before + count for before, count in zip(prior, seen, strict=True)]
    by_chance = sum(count * math.log(share) for count, share in zip(seen, wanted, strict=True) if count)
    return _log_beta(after) - _log_beta(prior) - by_chance


def _log_beta(parts: Sequence[float]) -> float:
    return sum(map(math.lgamma, parts)) - math.lgamma(sum(parts))
