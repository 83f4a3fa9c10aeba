"""Which language a text is in, by its script and its commonest words; and what a code of one looks like."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from regrow.domain import prose
from regrow.kit import errors

UNKNOWN = ""
_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")
_ENOUGH, _AHEAD = 0.18, 1.25
"""Share of common words that a language needs, and by how much it has to lead the next."""
OF_SCRIPT: Mapping[str, str] = {
    **{"GREEK": "el", "HEBREW": "he", "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th", "CJK": "zh"},
    **{"GEORGIAN": "ka", "ARMENIAN": "hy", "CYRILLIC": "ru", "ARABIC": "ar"},
}
_SHARED = ("ru", "ar")
"""Languages whose script many others are written in: it alone does not tell which one it is."""
UNSPACED = frozenset(("ja", "zh", "th"))
"""Languages in which a word of ours is one character."""
_LETTERS, _WORDS = 400, 600


def checked(code: str) -> str:
    """The code as it was given; Invalid when it cannot be one."""
    if _CODE.fullmatch(code) is None:
        raise errors.Invalid(f"language: {code[:40]!r} is no code such as en or de-AT", "bad_language")
    return code


def script(text: str) -> str:
    """The script of most letters at the beginning, such as `LATIN`; empty when there are none."""
    letters = [character for character in text[: 4 * _LETTERS] if character.isalpha()][:_LETTERS]
    if letters and text.isascii():
        return "LATIN"
    counts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if counts["HIRAGANA"] + counts["KATAKANA"] > 0.1 * len(letters):
        return "HIRAGANA"
    return counts.most_common(1)[0][0] if counts else ""


def guess(text: str) -> str:
    """A code such as `de`; empty when neither common words nor the script say it."""
    found = nearest(prose.words(text[: 8 * _WORDS])[:_WORDS])
    return UNKNOWN if found in _SHARED else found


def nearest(words: Sequence[str]) -> str:
    """As `guess`, for words in hand; of a script that languages share, that of most people, such as `ru`."""
    written = script("".join(words[:_WORDS]))
    return _by_words(words) if written == "LATIN" else OF_SCRIPT.get(written, UNKNOWN)


def shares(words: Sequence[str]) -> dict[str, float]:
    """Which part of the words is common in each language that has a list of them."""
    many = max(1, len(words))
    return {code: sum(word in common for word in words) / many for code, common in prose.STOPWORDS.items()}


def _by_words(words: Sequence[str]) -> str:
    (best, most), (_, next_most) = sorted(shares(words).items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    return best if most >= _ENOUGH and most >= _AHEAD * next_most else UNKNOWN
