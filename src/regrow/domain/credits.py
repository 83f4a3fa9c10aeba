"""What work costs, in whole credits."""

from __future__ import annotations

WORDS_PER_CREDIT = 500
MOST_CREDITS = 1_000_000_000


def for_words(words: int) -> int:
    """ceil(words / 500), at least one."""
    return max(1, -(-words // WORDS_PER_CREDIT))
