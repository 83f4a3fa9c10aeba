"""What a model's answer must keep to: the parser's rules, and none of the frames its prompt was put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from regrow.adapters.llm import framing
from regrow.domain import drafts
from regrow.domain.brand import judging
from regrow.domain.circuits import opinions
from regrow.domain.rewriting import Review
from regrow.domain.triggers import analysing
from regrow.domain.writing import Analysis, Brief, Draft, Judgement


def problems(output: Any, brief: Brief) -> tuple[str, ...]:
    """Everything wrong with an answer, in words a model can act on; empty when nothing is."""
    if isinstance(output, Judgement):
        return (*leaked_markers(asdict(output)), *judging.problems(output, brief))
    if isinstance(output, Review):
        return (*leaked_markers(asdict(output)), *opinions.problems(output))
    if isinstance(output, Analysis):
        return (*leaked_markers(asdict(output)), *analysing.problems(output, brief))
    if not isinstance(output, Draft):
        return tuple(leaked_markers(output))
    return (*leaked_markers(asdict(output)), *drafts.problems(output, brief))


def leaked_markers(value: Any, where: str = "the answer") -> Iterator[str]:
    """Frame markers that a model copied from its prompt."""
    if isinstance(value, str):
        if framing.MARKER_SHAPE.search(value):
            yield f"{where} repeats a marker; leave it out"
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from leaked_markers(part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaked_markers(part, where)
