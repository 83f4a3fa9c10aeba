"""Slugs: the last part of an address, made from a title in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

LONGEST = 80
RESERVED = frozenset({"page", "pages", "static", "assets", "card", "cards", "feed", "tag", "tags", "beacons", "seen"})
"""What the built-in site needs for itself."""
_APART = str.maketrans(dict.fromkeys("ßẞ", "ss") | {"æ": "ae", "ø": "o", "đ": "d", "ł": "l", "œ": "oe", "þ": "th"})
APOSTROPHES = "'’\u02bc"


def slug_of(title: str, fallback: str) -> str:
    """Lower-case words of the title with hyphens between them, or `fallback` when it has none.

    Latin letters lose their accents; letters of other scripts stay, with the marks that belong to them.
    """
    folded = unicodedata.normalize("NFKC", title).casefold().translate(_APART)
    kept = "".join(_plain(each) for each in unicodedata.normalize("NFC", folded))
    return _cut("-".join(part for part in _words(kept).split() if _is_word(part))) or _cut(fallback)


def free(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number behind it that nobody has; never a word that the site needs for itself."""
    if wanted not in taken and wanted not in RESERVED:
        return wanted
    number = 2
    while (found := f"{_cut(wanted, LONGEST - 8)}-{number}") in taken:
        number += 1
    return found


def _plain(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return parts[0] if parts[0].isascii() else letter


def _words(text: str) -> str:
    """Letters, digits and marks; everything else parts words, apostrophes vanish."""
    return "".join(each if _kind(each) in "LNM" else "" if each in APOSTROPHES else " " for each in text)


def _is_word(part: str) -> bool:
    """Marks alone are none."""
    return any(_kind(each) in "LN" for each in part)


def _kind(letter: str) -> str:
    return unicodedata.category(letter)[0]


def _cut(slug: str, longest: int = LONGEST) -> str:
    """At most so many characters, at a hyphen when one is near, never ending with one."""
    if len(slug) <= longest:
        return slug.strip("-")
    cut = slug[:longest]
    near = cut.rfind("-")
    return (cut[:near] if near > longest // 2 else cut).strip("-")
