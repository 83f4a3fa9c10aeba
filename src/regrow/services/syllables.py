"""How many syllables an English word has: hyphenation patterns for long words, groups of vowels for short ones.

Patterns say where a line may break, so they pass over a lone letter (`a-ny`) and much of short words; groups of vowels
count the silent e inside longer ones (`some-thing`). Each does what the other cannot.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

LANGUAGES = ("en",)
_SHORT = 5
_GROUP = re.compile("[aeiouy]+")
_SILENT = re.compile(r"(?:[^aeiouyl]|[aeiouy]l|ll)e$|[^aeiouytd]ed$|[^aeiouysxzcgh]es$")


@lru_cache(maxsize=60_000)
def count(word: str, language: str) -> int:
    """Of a lower-cased word, at least one; for a language that is not in LANGUAGES by the vowels alone."""
    letters = word.replace("'", "")
    groups = len(_GROUP.findall(letters))
    if groups > 1 and _SILENT.search(letters):
        groups -= 1
    if word.endswith("n't") and word[-4:-3] in ("d", "s"):
        groups += 1
    if language not in LANGUAGES or len(letters) <= _SHORT or not letters.isascii() or not letters.isalpha():
        return max(1, groups)
    return max(len(_hyphenation().positions(letters)) + 1, min(groups, 2))


@cache
def _hyphenation() -> Any:
    import pyphen  # type: ignore[import-untyped]

    return pyphen.Pyphen(lang="en_US")
