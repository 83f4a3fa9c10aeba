"""What a finished text must hold against its notes, and the refusal when the notes do not carry one."""

from __future__ import annotations

import re

from regrow.adapters.llm.offline import speech
from regrow.domain.writing import Brief

_MARKS = re.compile(r"\[\^\d+\]:?")


class NotEnough(Exception):
    """The notes do not carry what was asked for; the text says how much was found and what to do."""


def check_numbers(brief: Brief, text: str) -> None:
    """Raises NotEnough when the text holds a number that neither a note nor the topic's title holds."""
    known = speech.numbers(brief.topic_title)
    for source in brief.sources:
        known |= speech.numbers(source.text) | speech.numbers(source.title) | speech.numbers(source.note_id)
    unknown = sorted(speech.numbers(_MARKS.sub("", text)) - known)
    if unknown:
        raise NotEnough(
            f"The draft would have held numbers that stand in no note: {', '.join(unknown[:5])}. Put the numbers of "
            "the notes into plain digits in running text and try again."
        )
