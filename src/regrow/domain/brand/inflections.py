"""The forms that a word of a guideline takes in running text: plurals, cases, tenses, degrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_SHORTEST = 3
"""Shorter words are matched as they are: with endings they would be other words."""
_GRADED = frozenset(
    "big bold bright cheap clean clear cool deep easy fast fine fresh full good great happy hard healthy high hot "
    "large late lazy long loud low new nice old poor pure quick rich safe sharp short simple slow small smart soft "
    "strong sweet tall thin tough warm weak wide wild young".split()
)
_IRREGULAR = {
    "buy": "bought", "sell": "sold", "win": "won", "lose": "lost losing", "make": "made making", "go": "went gone goes",
    "get": "got gotten", "give": "gave given", "grow": "grew grown", "lead": "led", "man": "men", "woman": "women",
    "child": "children", "person": "people", "pay": "paid", "prove": "proven", "say": "said", "see": "saw seen",
    "speak": "spoke spoken", "steal": "stole stolen", "take": "took taken", "think": "thought",
    "write": "wrote written",
    "good": "better best", "bad": "worse worst", "die": "dying", "lie": "lying", "hit": "hitting", "cut": "cutting",
}  # fmt: skip
_GERMAN = "e en em er es s n st t te ten ter tem tes est et ens ere eren erer eres ste sten ster stes nen in innen"
_GERMAN_VERB = "e st t te ten test tet et est end ende enden"
_FRENCH_ER = "e es ons ez ent é ée és ées ais ait aient ant era erai eront erait eraient"
_FRENCH_IR = "is it issons issez issent i ie ies issait issant ira iront irait"
_SPANISH_AR = "o as a amos an é aste ó aron aba aban ando ado ada ados adas ará arán aría"
_SPANISH_ER = "o es e emos imos en í ió ieron ía ían iendo ido ida idos idas erá irá erán irán"
_ARABIC = re.compile("[\u0621-\u064a]")
_ARABIC_PREFIXES = (
    "",
    *"\u0648 \u0641 \u0628 \u0644 \u0643 \u0627\u0644 \u0648\u0627\u0644 \u0641\u0627\u0644 \u0628\u0627\u0644 "
    "\u0644\u0644 \u0643\u0627\u0644 \u0648\u0644 \u0648\u0644\u0644 \u0648\u0628 \u0648\u0628\u0627\u0644".split(),
)
_ARABIC_ENDINGS = (
    "",
    *"\u0629 \u0627\u062a \u0648\u0646 \u064a\u0646 \u0647\u0627 \u0647 \u0647\u0645 \u0646\u0627 \u0643".split(),
)
"""Written as escapes, because letters from right to left turn a line of code around."""


def forms(word: str, language: str) -> frozenset[str]:
    """The word and its inflections, folded; of a language that is not known here, the word alone."""
    if _ARABIC.search(word):
        return frozenset(before + word + after for before in _ARABIC_PREFIXES for after in _ARABIC_ENDINGS)
    inflected = _BY_LANGUAGE.get(language[:2].lower())
    if inflected is None or len(word) < _SHORTEST or not word.isalpha():
        return frozenset((word, f"{word}'s", f"{word}s")) if word.isalpha() and len(word) > 1 else frozenset((word,))
    return frozenset((word, *inflected(word)))


def _ended(stem: str, endings: str) -> list[str]:
    return [stem + ending for ending in endings.split()]


def _english(word: str) -> Iterable[str]:
    found = [f"{word}s", f"{word}es", f"{word}'s", f"{word}ed", f"{word}ing", f"{word}ly"]
    found += _IRREGULAR.get(word, "").split()
    degrees = ["er", "est"] if word in _GRADED else []
    stem = word
    if word.endswith("e"):
        found += [f"{word}d", *_ended(word[:-1], "ing")]
        stem = word[:-1]
    elif word.endswith("y") and word[-2] not in "aeiou":
        found += _ended(word[:-1], "ies ied ily")
        stem = f"{word[:-1]}i"
    elif word[-1] in "bdgklmnprt" and word[-2] in "aeiou" and word[-3] not in "aeiou":
        found += _ended(word + word[-1], "ed ing")
        stem = word + word[-1] if len(word) == _SHORTEST else word
    return [*found, *(stem + degree for degree in degrees)]


def _german(word: str) -> Iterable[str]:
    found = _ended(word, _GERMAN)
    if word.endswith("en"):
        stem = word[:-2]
        found += [*_ended(stem, _GERMAN_VERB), f"ge{stem}t", f"ge{stem}en"]
    elif word.endswith("e"):
        found += _ended(word[:-1], "en er es em")
    for plain, marked in (("au", "äu"), ("a", "ä"), ("o", "ö"), ("u", "ü")):
        place = word.rfind(plain)
        if place >= 0:
            bent = word[:place] + marked + word[place + len(plain) :]
            found += [bent, *_ended(bent, "e en er ern n")]
            break
    both = [*found, word]
    return [*both, *(each.replace("ß", "ss") for each in both if "ß" in each)]


def _french(word: str) -> Iterable[str]:
    found = _ended(word, "s e es x")
    if word.endswith("al"):
        found.append(f"{word[:-2]}aux")
    elif word.endswith("eux"):
        found += _ended(word[:-1], "se ses")
    elif word.endswith("if"):
        found += _ended(word[:-1], "ve ves")
    elif word.endswith("er"):
        found += _ended(word[:-2], _FRENCH_ER)
    elif word.endswith("ir"):
        found += _ended(word[:-2], _FRENCH_IR)
    elif word[-1] in "ln":
        found += _ended(word + word[-1], "e es")
    return found


def _spanish(word: str) -> Iterable[str]:
    found = _ended(word, "s es")
    if word[-1] in "oa":
        found += _ended(word[:-1], "o a os as amente ísimo ísima")
    elif word.endswith("z"):
        found.append(f"{word[:-1]}ces")
    elif word.endswith("ón"):
        found.append(f"{word[:-2]}ones")
    elif word.endswith("ar"):
        found += _ended(word[:-2], _SPANISH_AR)
    elif word.endswith(("er", "ir")):
        found += _ended(word[:-2], _SPANISH_ER)
    elif word.endswith("e"):
        found.append(f"{word}mente")
    return found


_BY_LANGUAGE: dict[str, Callable[[str], Iterable[str]]] = {
    "en": _english,
    "de": _german,
    "fr": _french,
    "es": _spanish,
}
