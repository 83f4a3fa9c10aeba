"""How hard a text is to read, as a school grade: Flesch-Kincaid for English, LIX for other spaced scripts."""

from __future__ import annotations

from bisect import bisect_right

LONG_WORD = 7
"""Letters from which LIX calls a word long."""
_GRADES = (10, 15, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56)
"""LIX at which school grades 2, 3, ... 13 begin (Anderson 1983, Lix and Rix, Journal of Reading 26)."""
LOWEST, HIGHEST = 3, 18


def flesch_kincaid(words: int, sentences: int, syllables: int) -> float:
    """The grade by Kincaid, Fishburne, Rogers and Chissom (1975), which was fitted to English."""
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def lix(words: int, sentences: int, long_words: int) -> float:
    """The läsbarhetsindex by Björnsson (1968): words of a sentence, and how many in a hundred are long."""
    return words / sentences + 100 * long_words / words


def grade_of_lix(value: float) -> int:
    return 1 + bisect_right(_GRADES, value)


def lix_of_grade(grade: float) -> float:
    """The LIX in the middle of a grade; from the last one on, four more for each."""
    place = round(grade)
    if place <= 1:
        return _GRADES[0] - 2.5
    if place > len(_GRADES):
        return _GRADES[-1] + 2.0 + 4.0 * (place - len(_GRADES) - 1)
    return (_GRADES[place - 2] + _GRADES[place - 1]) / 2


def as_setting(grade: float) -> int:
    """The grade as a voice setting, within what that allows."""
    return min(HIGHEST, max(LOWEST, round(grade)))
