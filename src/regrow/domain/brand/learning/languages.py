"""Which language a text is in, by its commonest words and its script."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from regrow.domain import prose

UNKNOWN = ""
_ENOUGH, _AHEAD = 0.18, 1.25
"""Share of common words that a language needs, and by how much it has to lead the next."""
_BY_SCRIPT = {
    "GREEK": "el",
    "HEBREW": "he",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "THAI": "th",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
UNSPACED = frozenset(("ja", "zh", "th"))
"""Languages in which a word of ours is one character."""
_LETTERS, _WORDS = 400, 600


def script(text: str) -> str:
    """The script of most letters at the beginning, such as `LATIN`; empty when there are none."""
    letters = [character for character in text[: 4 * _LETTERS] if character.isalpha()][:_LETTERS]
    counts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if counts["HIRAGANA"] + counts["KATAKANA"] > 0.1 * len(letters):
        return "HIRAGANA"
    return counts.most_common(1)[0][0] if counts else ""


def guess(text: str) -> str:
    """A code such as `de`; empty when neither common words nor the script say it."""
    written = script(text)
    if written != "LATIN":
        return _BY_SCRIPT.get(written, UNKNOWN)
    return _by_words(prose.words(text[: 8 * _WORDS])[:_WORDS])


def _by_words(words: Sequence[str]) -> str:
    if not words:
        return UNKNOWN
    counts = {code: sum(word in common for word in words) / len(words) for code, common in prose.STOPWORDS.items()}
    (best, most), (_, next_most) = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    return best if most >= _ENOUGH and most >= _AHEAD * next_most else UNKNOWN
