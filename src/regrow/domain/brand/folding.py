"""Text as it is compared: lower case, one form of each letter, without what hides between letters; with offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_TABLE = {
    ord("\u2019"): "'", ord("\u2018"): "'", ord("\u02bc"): "'", ord("\u00a0"): " ", ord("\u202f"): " ",
    ord("\u2010"): "-", ord("\u2011"): "-",
}  # fmt: skip
_HIDDEN = "\x00\u00ad\u0640\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Characters that nobody sees, and Arabic vowel marks and stretches, which writers leave out at will."""
_MARKS = "\u0300-\u036f\u3099\u309a"
_ODD = re.compile(f"[{_HIDDEN}{_MARKS}]")
_UNSEEN = re.compile(f"[{_HIDDEN}]")
# So many marks on one letter at most: ordering them takes quadratic time.
_CLUSTER = re.compile(rf"[\s\S][{_MARKS}]{{0,8}}+")


@dataclass(frozen=True, slots=True)
class Folded:
    """`starts` and `ends` lead from each character back to the text; None when every character kept its place."""

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a part that is not empty stands in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """The text for comparing."""
    lowered = text.lower()
    if lowered.isascii() and "\x00" not in lowered:
        return Folded(lowered)
    if len(lowered) == len(text) and _ODD.search(lowered) is None:
        return Folded(lowered.translate(_TABLE))
    return _slowly(text)


def _slowly(text: str) -> Folded:
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        cluster = unicodedata.normalize("NFC", _UNSEEN.sub("", match[0])).lower().translate(_TABLE)
        if cluster:
            kept.append(cluster)
            starts += [match.start()] * len(cluster)
            ends += [match.end()] * len(cluster)
    return Folded("".join(kept), starts, ends)
