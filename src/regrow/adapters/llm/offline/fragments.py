"""Lines that look like sentences and are none: definitions without a verb, openings that lean on something unsaid."""

from __future__ import annotations

import re

_LONGEST_DEFINITION = 14
_DEFINITION = re.compile(r"(?:(?:the|an?)\s+)?(?:[\w-]+\s+){0,2}[\w-]+\s+(?:of|for)\s", re.IGNORECASE)
_STARTS_LIKE_A_NAME = re.compile(r"(?:the|an?|name|id|number|list|type|path|title|value|set|kind)\b", re.IGNORECASE)
_PHRASE = re.compile(
    r"\b(?:of|in|for|from|to|with|on|at|by|into|under|between)\s+(?:(?:the|an?|each|all|any|this|your|our)\s+)?"
    r"(?:[\w-]+\s+(?=[\w-]+(?:\s+(?:of|in|for|from|to|with|on|at|by)\b|[.!?]|$)))?[\w-]+",
    re.IGNORECASE,
)
_SURE_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|am|has|have|had|do|does|did|can|could|will|would|shall|should|may|might|must|"
    r"became|began|bent|bit|bought|broke|brought|built|burst|came|caught|chose|cost|cut|dealt|drew|drove|fell|fed|felt|"
    r"fit|flew|found|froze|gave|got|grew|held|hid|hit|hurt|kept|knew|laid|led|left|lent|let|lost|made|meant|met|paid|"
    r"put|ran|rang|read|rode|rose|said|sang|sank|sat|saw|sent|set|shook|shot|shrank|shut|slept|slid|sold|spent|split|"
    r"spoke|spread|stood|stole|struck|swept|swung|taught|thought|threw|told|took|tore|understood|went|woke|won|wore|"
    r"wrote|\w+n['\u2019]t|\w+['\u2019](?:re|ve|ll|d))\b",
    re.IGNORECASE,
)
_LIKELY_VERB = re.compile(r"[\w-]{2,}(?:[^s\W]s|ed)\b", re.IGNORECASE)
_WEAK_OPENING = re.compile(
    r"(?:in addition|additionally|also|but|and|or|so|besides|apart from|alternatively|finally|lastly|"
    r"last but not least|now|again|feedback|thanks|thank you|welcome|stay tuned|let us know|otherwise|optional(?:ly)?|"
    r"to bypass|"
    r"außerdem|aber|und|also|de plus|mais|et|además|pero|y)\b",
    re.IGNORECASE,
)


def is_definition(sentence: str) -> bool:
    """Whether a short line names a thing and says nothing of it: `The ID of a connection.`"""
    if sentence.count(" ") >= _LONGEST_DEFINITION or not _STARTS_LIKE_A_NAME.match(sentence):
        return False
    if _DEFINITION.match(sentence) is None or _SURE_VERB.search(sentence):
        return False
    return not _LIKELY_VERB.search(_PHRASE.sub(" ", sentence))


def opens_weakly(sentence: str) -> bool:
    """Whether a text must not begin or end on the sentence, because its first words lean on something else."""
    return _WEAK_OPENING.match(sentence.lstrip("\"'\u201c\u2018\u00ab\u201e(")) is not None
