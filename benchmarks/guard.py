"""All rule checks of the guard on an article of 2,000 words, against lower-casing and splitting the same words."""

from __future__ import annotations

import random

from benchmarks import linked_notes, turns
from benchmarks.figures import Figure, Result, only_told
from regrow.domain.brand import guard
from regrow.domain.brand.checks import republished
from regrow.domain.brand.findings import GuardFacts, Published, Text
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.writing import Source, Voice

WORDS, ROUNDS = 2_000, 15
OUT, SENTENCE = 20, 14
REPEATS = 200
"""Passes of the peer in one round, so that it takes about as long as ours and load hits both alike."""
GOAL = 400.0


def run(scale: float = 1.0) -> Result:
    """In one process, in turns; the guard has a persona's guidelines, sources and published texts to compare with."""
    article = _article(random.Random(1), turns.scaled(WORDS, scale, 50))
    facts = GuardFacts(
        texts=(Text("title", "What a bakery learns"), Text("body", article)),
        voice=Voice("x", words=WORDS),
        guidelines=Guidelines(forbidden=("cheap", "game changer"), avoid=("very",), competitors=("Acme Bread",)),
        sources=(Source("not_1", "Bread", article),),
        private=("Staff Pay 2024", "Lease Renewal 2025"),
        published=_published(article),
    )

    def bare() -> None:
        for _ in range(REPEATS):
            article.lower().split()

    ours, peer = turns.taken([lambda: guard.judged(facts), bare], turns.scaled(ROUNDS, scale, 3))
    ours, peer = (tuple(each * 1_000 for each in one) for one in (ours, tuple(each / REPEATS for each in peer)))
    what = f"the guard's rules on {len(article.split()):,} words"
    return Result(
        "guard",
        (
            Figure(what, "ms", ours, peer, "lower() and split() of the same words", GOAL),
            only_told(what, "ms", ours, (50.0,), "50 ms"),
        ),
        (f"{len(guard.GUARD_CHECKS)} checks, {OUT} published texts to compare with.",),
    )


def _article(dice: random.Random, words: int) -> str:
    """Sentences in paragraphs under headings, with a figure here and there."""
    told: list[str] = []
    while sum(len(each.split()) for each in told) < words:
        body = dice.choices(linked_notes.WORDS, k=SENTENCE)
        told.append(f"The {' '.join(body)} took {dice.randrange(10, 90)} minutes.")
        if len(told) % 5 == 0:
            told.append(f"\n\n## {' '.join(dice.choices(linked_notes.WORDS, k=3)).capitalize()}\n\n")
    return " ".join(told)


def _published(article: str) -> tuple[Published, ...]:
    words = article.split()
    kept = (" ".join(words[: len(words) // (number + 2)]) for number in range(OUT))
    return tuple(Published(f"piece {number}", republished.shingles_of(text)) for number, text in enumerate(kept))
