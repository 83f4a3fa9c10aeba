"""What instructions for a regeneration ask for that no gate would let pass: publishing, skipping, copying."""

from __future__ import annotations

import re

from regrow.domain.brand import phrases
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.brand.seen import Passage

_START = r"(?:^|[.!?;:,\n]\s*|\b(?:and|then|please|just|must|should|to|also|und|dann|bitte|auch)\s+)"
_PUBLISH = re.compile(
    rf"{_START}(?:auto-?)?(?:publish|post|send|schedule|release|ship|tweet|e-?mail|veröffentliche?|verschicke?|poste)\s+"
    r"(?:it|this|that|them|(?:the|das|den|die)\s+(?:new\s+|neue[ns]?\s+)?(?:text|post|article|variant|version|draft|"
    r"result|e-?mail|mail|artikel|beitrag|entwurf)|directly|immediately|now|straight|automatically|live|at once|es|"
    r"sofort|direkt)\b"
    r"|\b(?:go|put|make|set|push|bring)\s+(?:it\s+|this\s+|them\s+|the \w+\s+)?live\b"
    r"|\bpublish\w*\s+(?:without|immediately|automatically|right away|at once)\b",
    re.IGNORECASE,
)
_BYPASS = re.compile(
    r"\b(?:skip|bypass|circumvent|ignore|disregard|override|overrule|disable|forget|switch off|turn off|get around|"
    r"umgeh\w*|ignorier\w*|überspring\w*)\b[^.!?\n]{0,40}?"
    r"\b(?:approvals?|reviews?|reviewers?|gates?|guards?|guard ?rails?|guidelines?|rules?|checks?|validations?|judges?|"
    r"polic(?:y|ies)|disclosures?|disclaimers?|restrictions?|instructions?|prompts?|freigabe|prüfung|richtlinien?|"
    r"regeln)\b"
    r"|\b(?:leave out|omit|drop|remove|without|ohne)\b[^.!?\n]{0,20}?\b(?:disclosures?|disclaimers?)\b"
    r"|\bwithout\b[^.!?\n]{0,20}?\b(?:approvals?|reviews?|gates?|the (?:brand )?guard|validations?)\b"
    r"|\bno (?:need (?:for|of) (?:an? )?)?(?:approval|review|validation)\b"
    r"|\b(?:approve|register|promote) (?:it|this)\b|\bmark (?:it|this) as (?:approved|registered|the winner|winner)\b",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"\b(?:copy|copying|reuse|re-use|duplicate|clone|paste|repeat|kopier\w*|übernimm)\b[^.!?\n]{0,40}?"
    r"\b(?:winner\w*|winning|(?:other|better) (?:variant|version|text|post|article)|(?:variant|version) [A-Z]\b|"
    r"gewinner\w*)"
    r"|\b(?:word for word|verbatim|wortgleich|wörtlich)\b"
    r"|\b(?:same|identical) (?:text |wording |words |body )?(?:as|to|like) (?:the )?(?:winner|winning|variant|other)"
    r"|\b(?:use|take|keep) (?:the )?(?:winner's|winning) (?:text|words|wording|body|article|post)\b",
    re.IGNORECASE,
)
_MARKS = " \t\n.!?;:,"
_NOT = re.compile(
    r"(?:n['\u2019]t|\b(?:not|never|no|nor|without|avoid|leave out|omit|drop|remove|skip|instead of|nicht|nie|niemals|"
    r"ohne|keine?\w*|vermeide))\b",
    re.IGNORECASE,
)


def asks_to_publish(text: str) -> bool:
    """Whether somebody wants the text to go out; a regeneration only ever makes drafts."""
    return _meant(_PUBLISH, text)


def asks_to_bypass(text: str) -> bool:
    """Whether somebody wants a gate, a guideline or an approval left aside."""
    return _meant(_BYPASS, text)


def asks_to_copy(text: str) -> bool:
    """Whether somebody wants the text of another variant."""
    return _meant(_COPY, text)


def contradictions(text: str, guidelines: Guidelines, language: str) -> tuple[str, ...]:
    """Phrases of the guidelines against which the instructions go: unwanted ones that they want, and the other way
    round.
    """
    passage = Passage("instructions", text, language)
    unwanted = phrases.index(guidelines.forbidden, language)
    names = phrases.index(guidelines.competitors, language, False)
    wanted = phrases.index((*guidelines.required, *guidelines.disclosure, *guidelines.disclaimers), language)
    against = [
        phrase
        for index, is_wanted in ((unwanted, False), (names, False), (wanted, True))
        for phrase, start, _end in passage.hits(index)
        if _is_denied(text, start) is is_wanted
    ]
    return tuple(dict.fromkeys(against))


def _meant(pattern: re.Pattern[str], text: str) -> bool:
    """Whether it is asked for anywhere, and not only named to say that it is not wanted."""
    return any(not _is_denied(text, found.end() - len(found[0].lstrip(_MARKS))) for found in pattern.finditer(text))


def _is_denied(text: str, start: int) -> bool:
    """Whether the sentence says before this place that it is not wanted."""
    begin = max(text.rfind(mark, 0, start) for mark in ".!?;\n") + 1
    return _NOT.search(text[begin:start]) is not None
