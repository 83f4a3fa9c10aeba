"""Texts that a person labelled good or bad, as tables or lines of JSON hold them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regrow.kit import errors

GOOD = ("good", "yes", "1", "true", "pass")
BAD = ("bad", "no", "0", "false", "fail")
MOST = 1_000
LONGEST = 100_000
"""Characters of one text."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Without a persona, the one that is asked for."""

    text: str
    is_good: bool
    persona_id: str = ""


def read(text: str) -> tuple[Labelled, ...]:
    """CSV with a heading, or JSON Lines, each with `text` and `label` and perhaps `persona`; Invalid names what is off.

    Both labels must be there: with one alone nothing can be compared.
    """
    rows = _lines(text) if text.lstrip().startswith("{") else _table(text)
    found: list[Labelled] = []
    problems: list[str] = []
    for number, row in rows:
        try:
            found.append(_labelled(row))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
        if len(found) > MOST:
            problems.append(f"there are more than {MOST:,} texts: take a random part of them")
            break
    if not problems and {each.is_good for each in found} != {True, False}:
        problems = ["there must be texts with the label good and texts with the label bad"]
    if problems:
        raise errors.Invalid("; ".join(problems[:5]), "bad_labels", problems=problems[:100])
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _table(text: str) -> Iterator[tuple[int, Any]]:
    # Fields longer than the module's own limit are read all the same, and refused with their line.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        names = [str(name).strip().lower() for name in reader.fieldnames or ()]
        if not {"text", "label"} <= set(names):
            raise errors.Invalid("the first line must name the columns text and label", "bad_labels")
        reader.fieldnames = names
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise errors.Invalid(f"line {reader.line_num}: this is no CSV: {error}", "bad_labels") from None


def _labelled(row: Any) -> Labelled:
    if not isinstance(row, Mapping):
        raise ValueError("an object with text and label is needed")
    text, label, persona = row.get("text"), row.get("label"), row.get("persona") or ""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("it has no text")
    if len(text) > LONGEST:
        raise ValueError(f"its text is longer than {LONGEST:,} characters")
    word = str(label).strip().lower()
    if word not in (*GOOD, *BAD):
        raise ValueError(f"its label is none of good, bad, yes, no, 1 and 0 but {word[:20]!r}")
    if not isinstance(persona, str):
        raise ValueError("its persona is no id")
    return Labelled(text, word in GOOD, persona.strip())
