"""How long a text takes to read, and its beginning in a sentence or two."""

from __future__ import annotations

import math
import re
import unicodedata

WORDS_A_MINUTE, SIGNS_A_MINUTE = 220, 500
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0002fa1f]")
_ENDS = re.compile(r"[.!?…。！？](?:[\"'”’»)\]]*)(?=\s|$)|[。！？]")


def minutes(text: str) -> int:
    """Whole minutes, at least one. Scripts without spaces between words are counted by their signs."""
    signs = len(_WIDE.findall(text))
    words = len(_WORD.findall(_WIDE.sub(" ", text)))
    return max(1, math.ceil(words / WORDS_A_MINUTE + signs / SIGNS_A_MINUTE - 0.25))


def opening(text: str, longest: int = 200) -> str:
    """The first sentences that fit, else as many words as do, with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    ends = [found.end() for found in _ENDS.finditer(line[: longest + 1]) if found.end() <= longest]
    if ends and ends[-1] >= longest // 3:
        return line[: ends[-1]]
    word, blank, _rest = line[:longest].rpartition(" ")
    kept = word if blank and len(word) > longest // 2 else _whole(line[: longest - 1])
    return kept.rstrip(" ,;:–—-") + "…"


def _whole(cut: str) -> str:
    """Without a last sign whose marks were cut off."""
    while cut and (unicodedata.combining(cut[-1]) or cut[-1] == "\u200d"):
        cut = cut[:-1]
    return cut
