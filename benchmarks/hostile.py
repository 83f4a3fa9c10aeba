"""Hostile texts of twice the length must not take four times as long: whoever reads text from outside, at its worst."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import turns
from benchmarks.figures import Figure, Result
from regrow.adapters.sources import html
from regrow.cli import desk
from regrow.domain import differences
from regrow.domain.brand import guard
from regrow.domain.brand.findings import GuardFacts, Text
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.writing import Source, Voice
from regrow.services import markup, plain_text
from regrow.testing import hostile_texts

CHARACTERS, ROUNDS = 100_000, 3
GOAL = 3.0
"""Twice the text may take three times as long; in quadratic time it would be four."""
LEAST_SECONDS = 0.005
"""What takes less at the whole length is as quick as it needs to be, and too short to tell a ratio of."""
PHRASES = ("cheap", "a b", "(a+)+$", ".*", "[[", "\\")
Read = Callable[[str], object]


def run(scale: float = 1.0) -> Result:
    """In one process, in turns; each reader is told by the text that grows worst for it."""
    size = turns.scaled(CHARACTERS, scale, 100)
    every = hostile_texts.of(size)
    whole, half = dict(list(every.items())[: turns.scaled(len(every), scale, 5)]), hostile_texts.of(size // 2)
    figures = [_worst(name, read, whole, half, turns.scaled(ROUNDS, scale)) for name, read in READERS.items()]
    return Result("hostile", tuple(figures), (f"{len(whole)} texts of {size:,} characters, each against its half.",))


def _worst(name: str, read: Read, whole: dict[str, str], half: dict[str, str], rounds: int) -> Figure:
    figures = [_figure(f"{name}, worst text: {text}", read, whole[text], half[text], rounds) for text in whole]
    long = [each for each in figures if each.our_value >= LEAST_SECONDS]
    return max(long or figures, key=lambda figure: figure.ratio)


def _figure(what: str, read: Read, whole: str, half: str, rounds: int) -> Figure:
    ours, peer = turns.taken([lambda: read(whole), lambda: read(half)], rounds, warm=0)
    return Figure(what, "s", ours, peer, "half of the text", GOAL)


def _guarded(text: str) -> object:
    facts = GuardFacts(
        texts=(Text("title", text[:200]), Text("body", text)),
        guidelines=Guidelines(forbidden=PHRASES, required=("bread",), claims=("best",), disclaimers=("none",)),
        sources=(Source("not_1", "t", text),),
        private=("Staff Pay 2024",),
        voice=Voice("x"),
    )
    return guard.judged(facts)


def _drawn(text: str) -> object:
    piece = {"medium": "blog", "variants": [{"label": "A", "content": {"title": "t", "body": text}}]}
    return desk.page(piece, (1, 1), (), 80, True)


READERS: dict[str, Read] = {
    "the guard": _guarded,
    "a difference": lambda text: differences.between(text, text[::-1] + "x"),
    "a page of HTML": html.read,
    "plain text of Markdown": plain_text.of,
    "HTML of Markdown": lambda text: markup.parser().render(text),
}
