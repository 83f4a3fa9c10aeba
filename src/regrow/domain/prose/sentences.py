"""Where a sentence ends, in English first, in other languages by the marks alone."""

from __future__ import annotations

import re

_GAP = re.compile(r"\n[ \t]*\n\s*")
_END = re.compile(r"(?<![.!?…])([.!?…]++)([\"'”\u2019»)\]*]*+)(\s++)|([。\uff01\uff1f]++[」』”]*+)")
_NEXT = re.compile(r"[\"'“\u2018«„(\[¿¡*-]*(\w[\w'\u2019.-]*|\S)")

_NEVER_LAST = frozenset(
    "mr mrs ms dr prof sr jr st mt ft gen col sgt capt lt rev hon vs no nos fig figs vol vols ed eds p pp ch sec art "
    "approx ca cf al e.g i.e eg ie viz dept est min max incl excl resp tel bzw z.b d.h u.a z.t v.a nr abb bspw ggf "
    "evtl vgl sog usf hr fr art. bd hrsg geb gest mme mlle etc., env éd sra srta ud uds pág núm op repr temp".split()
)
_MAYBE_LAST = frozenset(
    "a.m p.m am pm etc inc ltd co corp u.s u.k e.u u.n ph.d m.d b.a m.a usw u.s.a d.c bros jan feb mar apr jun jul aug "
    "sep sept oct nov dec mon tue wed thu fri sat sun e.v gmbh".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december januar februar märz mai "
    "juni juli oktober dezember jahrhundert jänner".split()
)
_AFTER_TIME = _MONTHS | frozenset(
    "monday tuesday wednesday thursday friday saturday sunday est edt cst cdt pst pdt gmt utc cet cest bst".split()
)
_STARTERS = frozenset(
    "the a an this that these those it he she we they you i in on at for from with when while if but and so however "
    "there what why how not no one two most some many each every after before as its his her our their my your then "
    "der die das ein eine wir sie es ich aber und wenn nicht le la les un une il elle nous el los las una".split()
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of plain prose, each on one line; an empty line always ends one.

    Abbreviations, initials, decimals, times (`4 a.m.`), closing quotes and addresses do not end a sentence. Text
    without any end mark comes back as one sentence, however long.
    """
    found: list[str] = []
    for part in _GAP.split(text):
        found += _split(" ".join(part.split()))
    return tuple(found)


def _split(text: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(text):
        if end[4] or _is_end(text, start, end):
            found.append(text[start : end.end()].strip())
            start = end.end()
    rest = text[start:].strip()
    return [*(sentence for sentence in found if sentence), rest] if rest else found


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the sentences of a part of a text begin and end, which holds no line breaks; blanks around them are not
    theirs.
    """
    found: list[tuple[int, int]] = []
    for stop in _END.finditer(text, start, end):
        if stop[4] or _is_end(text, start, stop):
            found.append((start, stop.end()))
            start = stop.end()
    return [span for each in (*found, (start, end)) if (span := _trimmed(text, *each))]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    lead = len(part) - len(part.lstrip())
    return (start + lead, start + len(part.rstrip())) if lead < len(part) else None


def _is_end(text: str, start: int, end: re.Match[str]) -> bool:
    following = _NEXT.match(text, end.end())
    if following is None:
        return True
    if following[1][0].islower():
        return False
    if end[1] != "." or ")" in end[2]:
        return True
    return _stop_ends(text, start, end.start(), following[1])


def _stop_ends(text: str, start: int, stop: int, following: str) -> bool:
    """Whether the full stop at `stop` ends the sentence begun at `start`, given the word that follows."""
    before = text[max(start, stop - 40, text.rfind(" ", start, stop) + 1) : stop].lstrip("\"'“\u2018«„([*-").lower()
    word = following.lower()
    if before in _NEVER_LAST:
        return False
    if before in _MAYBE_LAST:
        return following[0].isupper() and word.rstrip(".") not in _AFTER_TIME
    if before.isdigit():
        is_number_of_list = start + len(before) >= stop
        return not is_number_of_list and (len(before) > 2 or word not in _MONTHS)
    if (len(before) == 1 and before.isalpha()) or re.fullmatch(r"(?:\w\.)+\w", before):
        return word in _STARTERS
    return True
