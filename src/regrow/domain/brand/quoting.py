"""Quotes held against the text they are said to come from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Texts = Sequence[tuple[str, str]]
"""Fields of a text by name, word for word."""
LEAST = 3
"""Letters or digits that a quote must have to say anything."""
_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u0060\u00b4\"'"
_MARKS = dict.fromkeys(_QUOTES, '"')
_TABLE = str.maketrans(_MARKS)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage as it stands in the text: in which field, where it begins, and its words."""

    field: str
    start: int
    quote: str


def find(quote: str, texts: Texts) -> Place | None:
    """Where a quote stands; spaces and the shape of quote marks may differ, and nothing else. None when nowhere.

    Quote marks around the whole quote may be the model's own.
    """
    plain = _SPACE.sub(" ", quote).strip()
    for wanted in dict.fromkeys((plain, plain.strip(_QUOTES).strip())):
        if sum(map(str.isalnum, wanted)) < LEAST:
            continue
        shape = re.compile(r"\s+".join(re.escape(word) for word in wanted.translate(_TABLE).split(" ")))
        for field, text in texts:
            if found := shape.search(text.translate(_TABLE)):
                return Place(field, found.start(), text[found.start() : found.end()])
    return None
