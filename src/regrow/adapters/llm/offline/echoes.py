"""What earlier texts have said of the passages in a pool, so that a new text says something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from regrow.adapters.llm.offline.passages import Passage
from regrow.adapters.llm.offline.ranking import Floats
from regrow.domain import prose
from regrow.domain.writing import Brief, Earlier

_SAID_BEFORE, _SAID_LONG_AGO, _ASKED_AGAIN = 0.9, 0.9, 0.5
_NEWEST_TRY, _FADING = 0.6, 0.85
_REPULSION = 1.6
_OPENING_WORDS = 60


@dataclass(frozen=True, slots=True)
class Echoes:
    """Rows are earlier texts, columns passages. The first `hard` rows are replaced texts, the others were tried.

    `shares` is how much of a passage a text holds, `opened` whether the text begins with it, `weights` how much a
    text counts, `words` how long it is. `turn` counts the tries so far.
    """

    platforms: tuple[str, ...]
    hard: int
    shares: Floats
    opened: Floats
    weights: Floats
    words: Floats
    turn: int

    def facing(self, platform: str, labels: int) -> Echoes:
        """Only the texts that a text of the platform is compared with."""
        kept = [row for row, own in enumerate(self.platforms) if own in ("", platform)]
        return Echoes(
            platforms=tuple(self.platforms[row] for row in kept),
            hard=sum(row < self.hard for row in kept),
            shares=self.shares[kept],
            opened=self.opened[kept],
            weights=self.weights[kept],
            words=self.words[kept],
            turn=-(-len(kept) // max(1, labels)),
        )

    @property
    def is_silent(self) -> bool:
        return not self.platforms

    def penalty(self, is_asked: Sequence[bool]) -> Floats:
        """What speaks against each passage: most that a replaced text holds it, less that tries did.

        What the instructions ask for may be said again sooner than the rest.
        """
        replaced, tried = self.shares[: self.hard], self.shares[self.hard :]
        often = self.weights[self.hard :] @ tried
        total = _SAID_BEFORE * replaced.max(axis=0, initial=0.0) + _SAID_LONG_AGO * often / (1 + often)
        return np.asarray(np.where(np.array(is_asked, dtype=bool), _ASKED_AGAIN, 1.0) * total, dtype=np.float32)

    def stale_leads(self) -> Floats:
        """Which passages stood at a beginning, the replaced text's counting most."""
        return np.asarray((self.weights[:, None] * self.opened).max(axis=0, initial=0.0), dtype=np.float32)

    def repulsion(self, held: Floats) -> Floats:
        """What speaks against each passage because what is chosen already comes from the same earlier texts.

        `held` is the number of words chosen that stand in each text.
        """
        shares = self.weights * held / np.maximum(self.words, 1.0)
        return np.asarray(_REPULSION * (shares @ self.shares), dtype=np.float32)

    def has_room(self, held: Floats, lengths: Floats, most: float) -> NDArray[np.bool_]:
        """For each passage whether taking it leaves every replaced text with at most its part `most` repeated."""
        after = held[: self.hard, None] + self.shares[: self.hard] * lengths
        return np.asarray((after <= most * self.words[: self.hard, None]).all(axis=0), dtype=np.bool_)

    def held(self, chosen: Sequence[int], lengths: Floats) -> Floats:
        """How many words of each earlier text the chosen passages hold."""
        numbers = list(chosen)
        return np.asarray(self.shares[:, numbers] @ lengths[numbers], dtype=np.float32)

    def thinned(self, chosen: Sequence[int], lengths: Floats) -> list[int]:
        """The passages without the one, after the lead, that repeats most of a replaced text."""
        held = self.shares[: self.hard].max(axis=0, initial=0.0) * lengths
        worst = max(chosen[1:], key=lambda number: (float(held[number]), number))
        return [number for number in chosen if number != worst]


def echoes(brief: Brief, passages: Sequence[Passage]) -> Echoes:
    """Compares every earlier text with every passage; the order in which replaced texts are given changes nothing."""
    replaced = sorted(_bodies(brief.replaced), key=astuple)
    tried = [each for each in _bodies(brief.tried) if each not in replaced]
    own = [prose.shingles(passage.text) for passage in passages]
    starts = [prose.shingles(passage.sentences[0]) for passage in passages]
    return Echoes(
        platforms=tuple(each.platform for each in (*replaced, *tried)),
        hard=len(replaced),
        shares=_shares([each.text for each in (*replaced, *tried)], own),
        opened=np.round(_shares([_opening(each) for each in (*replaced, *tried)], starts)),
        weights=np.array([1.0] * len(replaced) + [_NEWEST_TRY * _FADING**age for age in _ages(tried)], np.float32),
        words=np.array([len(prose.words(each.text)) for each in (*replaced, *tried)], np.float32),
        turn=0,
    )


def _bodies(earlier: Sequence[Earlier]) -> list[Earlier]:
    """Each text once, whatever stood above it; texts without words are none."""
    found = dict.fromkeys(replace(each, title="") for each in earlier)
    return [each for each in found if prose.words(each.text)]


def _ages(tried: Sequence[Earlier]) -> list[int]:
    """How many newer tries of the same platform there are."""
    return [sum(other.platform == each.platform for other in tried[:n]) for n, each in enumerate(tried)]


def _opening(earlier: Earlier) -> str:
    return " ".join(prose.words(earlier.text)[:_OPENING_WORDS])


def _shares(texts: Sequence[str], passages: Sequence[frozenset[tuple[str, ...]]]) -> Floats:
    found = [prose.shingles(text) for text in texts]
    rows = [[len(said & own) / max(1, len(own)) for own in passages] for said in found]
    return np.array(rows, dtype=np.float32).reshape(len(texts), len(passages))
