"""Whether learned features tell authors apart: `python -m benchmarks.quality.voice FOLDER FOLDER ...`.

Each folder holds one author's texts. Every file is held back once; all others are learned from, and the file goes to
the nearest author by Burrows's Delta (see regrow.domain.brand.authorship). The last line is one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regrow.adapters.sources import own_texts
from regrow.domain.brand import authorship
from regrow.domain.brand.authorship import Delta, Sample

FEWEST_WORDS = 100
_Z = 1.959964


def samples(folder: Path, language: str) -> list[Sample]:
    """One for each file that holds enough text, in the order of the names."""
    own = own_texts.found([folder])
    texts = list(own.texts(lambda sizes: list(sizes)))
    return [authorship.sample([text], language) for text in texts if len(text.split()) >= FEWEST_WORDS]


def judged(known: Mapping[str, Sequence[Sample]]) -> list[tuple[str, str]]:
    """The author of each file, and the one it was given to while it was held back; authors need two files."""
    found = []
    for name, own in known.items():
        for held, sample in enumerate(own if len(own) > 1 else ()):
            others = {**known, name: [each for place, each in enumerate(own) if place != held]}
            found.append((name, Delta(others).nearest(sample)))
    return found


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Wilson's 95 percent interval (Wilson 1927) of a share."""
    share, square = hits / tries, _Z * _Z
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    reach = _Z * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries)) / (1 + square / tries)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def measured(folders: Sequence[Path], language: str) -> dict[str, Any]:
    """Accuracy over all files and per author, with the interval and what guessing would give."""
    known = {str(folder): samples(folder, language) for folder in folders}
    known = {name: own for name, own in known.items() if own}
    pairs = judged(known) if len(known) > 1 else []
    if not pairs:
        raise SystemExit(f"give at least two folders with two texts of {FEWEST_WORDS} words or more each")
    hits = sum(author == given for author, given in pairs)
    low, high = interval(hits, len(pairs))
    authors = {
        Path(name).name: {
            "files": sum(author == name for author, _ in pairs),
            "right": sum(author == given == name for author, given in pairs),
        }
        for name in known
    }
    return {
        "benchmark": "voice",
        "authors": len(known),
        "held_back": len(pairs),
        "right": hits,
        "accuracy": round(hits / len(pairs), 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "by_chance": round(1 / len(known), 4),
        "by_author": authors,
    }


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Tell authors apart by what is learned of their texts.")
    parser.add_argument("folders", nargs="+", type=Path, help="one folder of texts per author")
    parser.add_argument("--language", default="en", help="the language of the texts, for pronouns")
    given = parser.parse_args(words)
    found = measured(given.folders, given.language)
    print(f"{found['right']} of {found['held_back']} held-back texts went to their author.")
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
