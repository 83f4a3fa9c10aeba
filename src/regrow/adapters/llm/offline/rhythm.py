"""A learned rhythm: passages are added so that the lengths of sentences spread as the author's do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow.adapters.llm.offline.passages import Passage
from regrow.adapters.llm.offline.ranking import Floats
from regrow.domain import prose

_WEIGHT = 0.5
_MOST = 1.5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Per passage how many sentences it has, the sum of their words and of the squares of them; and what is aimed at.

    `mean` and `spread` are words of a sentence, `spread` as a standard deviation.
    """

    counts: Floats
    sums: Floats
    squares: Floats
    mean: float
    spread: float

    def penalty(self, chosen: Sequence[int]) -> Floats:
        """For each passage how far off mean and spread are once it joins the chosen ones."""
        taken = list(chosen)
        counts = self.counts + self.counts[taken].sum()
        means = (self.sums + self.sums[taken].sum()) / counts
        spreads = np.sqrt(np.maximum(0.0, (self.squares + self.squares[taken].sum()) / counts - means**2))
        off = np.abs(means - self.mean) / self.mean + np.abs(spreads - self.spread) / self.spread
        return np.asarray(_WEIGHT * np.minimum(_MOST, off), dtype=np.float32)


def rhythm(passages: Sequence[Passage], mean: float, spread: float) -> Rhythm | None:
    """None when no spread was learned: then only the mean is followed, passage by passage."""
    if spread <= 0:
        return None
    lengths = [np.array([len(prose.words(each)) for each in passage.sentences], np.float64) for passage in passages]
    return Rhythm(
        counts=np.array([each.size for each in lengths], dtype=np.float32),
        sums=np.array([each.sum() for each in lengths], dtype=np.float32),
        squares=np.array([(each**2).sum() for each in lengths], dtype=np.float32),
        mean=mean,
        spread=spread,
    )
