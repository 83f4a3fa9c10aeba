"""Analyses of texts that are out: what they are made of, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

LONGEST_PART = 1_200
"""Characters of each part of an analysis."""


def _part(text: str) -> Any:
    return field(metadata={"description": text, "min_length": 20, "max_length": LONGEST_PART})


@dataclass(frozen=True, slots=True)
class Analysis:
    root_cause: str = _part("why the numbers are what they are")
    ab_comparison: str = _part("how the live variants differ")
    strategy: str = _part("what new texts are to do differently")


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of texts that are out: `facts` in sentences, the `texts` by label, and the `wish` of whoever set
    the trigger. `template` is what the facts alone allow to say.
    """

    facts: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    template: Analysis
    wish: str = ""
