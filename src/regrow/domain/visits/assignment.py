"""Which variant a visitor is shown: a keyed hash decides, so that nobody has to remember it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

from regrow.kit import errors

_SCALE = 2.0**-64


def assign(key: bytes, piece_id: str, visitor: str, shares: Mapping[str, float]) -> str:
    """The label this visitor is shown of this piece, each label by its share of all.

    Every label draws an exponential waiting time of its own, and the shortest one wins. So when shares change or a
    label goes, only those visitors move who have to.
    """
    refuse_shares(shares)
    told = f"{piece_id}\x1f{visitor}\x1f"
    return min((_wait(key, told + label, share), label) for label, share in shares.items() if share > 0)[1]


def reference(shares: Mapping[str, float]) -> str:
    """The label for everybody who is not counted, search engines among them: the first."""
    refuse_shares(shares)
    return min(label for label, share in shares.items() if share > 0)


def pseudonym(key: bytes, piece_id: str, visitor: str) -> str:
    """What is stored of a visitor: another name for each piece, so that nobody can be followed from one to the next."""
    return hashlib.blake2b(f"{piece_id}\x1f{visitor}".encode(), key=key, digest_size=16).hexdigest()


def refuse_shares(shares: Mapping[str, float]) -> None:
    """Invalid unless somebody can be shown something."""
    if not all(math.isfinite(share) and share >= 0 for share in shares.values()) or not sum(shares.values()) > 0:
        raise errors.Invalid("shares: numbers from 0 up, at least one of them above 0", "bad_shares")


def _wait(key: bytes, told: str, share: float) -> float:
    drawn = int.from_bytes(hashlib.blake2b(told.encode(), key=key, digest_size=8).digest(), "big")
    return -math.log((drawn + 0.5) * _SCALE) / share
