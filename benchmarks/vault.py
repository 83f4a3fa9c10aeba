"""A vault written by rule: the same notes each time, with the length, links, tags and front matter of real ones."""

from __future__ import annotations

import random
from pathlib import Path

SUBJECTS = {
    "bread": "dough oven steam crust crumb starter flour salt hydration loaf rye wheat gluten fold rest score",
    "garden": "soil compost seed bed mulch frost root stem slug bean squash trellis water shade pruning harvest",
    "wood": "plane chisel grain joint tenon glue clamp bench saw board sanding finish oil knot mortise square",
    "cycling": "chain gear brake cable rim spoke tyre pedal saddle climb cadence route pannier lamp puncture hub",
    "radio": "antenna band signal noise coil tuner ground wave relay mast coax meter licence beacon repeater drift",
    "sewing": "thread seam needle hem fabric pattern bobbin dart pleat lining button zip bias facing yoke cuff",
}
VERBS = "keeps shows takes changes slows helps needs holds loses gains explains follows replaces settles".split()
GLUE = (
    "because the {a} {v} the {b} before the {c} is ready",
    "and the {a} {v} more than one {b} in a cold week",
    "so a good {c} rarely {v} without a second {a}",
    "while every {b} {v} its own {c} when the {a} is old",
    "although nobody measured how the {c} {v} the {a}",
)
OPENERS = ("The {a}", "A plain {b}", "My last {c}", "Each {a} of the second batch", "Whoever owns a {b}", "This {c}")
PER_FOLDER = 90
"""Notes in one folder; most links stay in it."""


def write(folder: Path, notes: int, seed: int = 20) -> int:
    """Writes that many notes of 300 to 700 words below `folder`; gives back the bytes written."""
    dice = random.Random(seed)
    written = 0
    for number in range(notes):
        place = folder / f"{_subject(number)}-{number // PER_FOLDER:03}"
        place.mkdir(parents=True, exist_ok=True)
        text = note(dice, number, notes)
        written += (place / f"{name(number)}.md").write_text(text, encoding="utf-8")
    return written


def name(number: int) -> str:
    """The file name of a note, without its ending."""
    words = SUBJECTS[_subject(number)].split()
    return f"{words[number % len(words)]} {words[number // 7 % len(words)]} {number:05}"


def note(dice: random.Random, number: int, notes: int) -> str:
    """The text of one note."""
    words = SUBJECTS[_subject(number)].split()
    parts = [_front(dice, number), f"# {name(number).capitalize()}\n"]
    left = dice.randint(300, 700)
    while left > 0:
        if dice.random() < 0.25:
            parts.append(f"## On {dice.choice(words)} and {dice.choice(words)}\n")
        sentences = [_sentence(dice, words, number, notes) for _ in range(dice.randint(3, 7))]
        parts.append(" ".join(sentences) + "\n")
        left -= sum(len(sentence.split()) for sentence in sentences)
    if dice.random() < 0.4:
        parts.append("\n".join(f"- {_sentence(dice, words, number, notes)}" for _ in range(4)) + "\n")
    if dice.random() < 0.1:
        parts.append("```\nweight = 500\nwater = weight * 0.7\n```\n")
    return "\n".join(parts)


def _subject(number: int) -> str:
    return list(SUBJECTS)[number // PER_FOLDER % len(SUBJECTS)]


def _front(dice: random.Random, number: int) -> str:
    if dice.random() > 0.7:
        return ""
    words = SUBJECTS[_subject(number)].split()
    tags = ", ".join(dice.sample(words, 3))
    alias = f"aliases: [{dice.choice(words)} note {number}]\n" if dice.random() < 0.3 else ""
    return f"---\ntags: [{tags}]\ncreated: 2024-{number % 12 + 1:02}-{number % 28 + 1:02}\n{alias}---\n"


def _sentence(dice: random.Random, words: list[str], number: int, notes: int) -> str:
    a, b, c = dice.sample(words, 3)
    told = {"a": a, "b": b, "c": c}
    opener = dice.choice(OPENERS).format(**told)
    text = f"{opener} {dice.choice(VERBS)} the {dice.choice(words)} {dice.choice(GLUE)}"
    text = text.format(**told, v=dice.choice(VERBS))
    chance = dice.random()
    if chance < 0.10:
        text += f", as [[{name(_neighbour(dice, number, notes))}]] tells"
    elif chance < 0.12:
        text += f", see [[{name(_neighbour(dice, number, notes))}|the other note]]"
    elif chance < 0.15:
        text += f" #{dice.choice(words)}"
    elif chance < 0.17:
        text += " (**12 %** more than *last year*)"
    return text + "."


def _neighbour(dice: random.Random, number: int, notes: int) -> int:
    if dice.random() < 0.8:
        start = number // PER_FOLDER * PER_FOLDER
        return min(start + dice.randrange(PER_FOLDER), notes - 1)
    return dice.randrange(notes)
