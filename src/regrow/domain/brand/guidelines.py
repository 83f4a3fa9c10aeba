"""What a persona must and must not say."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from regrow.domain import prose
from regrow.kit import errors

MOST_ENTRIES = 200
WORD_CHARACTERS, PHRASE_CHARACTERS = 100, 300


@dataclass(frozen=True, slots=True)
class Guidelines:
    """Lists of words and phrases: liked and shunned ones, phrases that must or must not stand in every text, words of
    claims that need a source, disclaimers of which one must stand where a claim does, names of competitors, and the
    line that discloses how the text was made.
    """

    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    disclaimers: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    disclosure: tuple[str, ...] = ()


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Guidelines))
LONGEST: dict[str, int] = {
    name: PHRASE_CHARACTERS if name in ("required", "forbidden", "disclaimers", "disclosure") else WORD_CHARACTERS
    for name in NAMES
}
_WANTED = ("required", "use", "disclaimers", "disclosure")
_UNWANTED = ("forbidden", "avoid", "competitors")
"""What stands in a wanted list may hold nothing of an unwanted one: such a text could never pass."""


def of(stored: Mapping[str, Any]) -> Guidelines:
    """Guidelines from a persona's stored JSON; what is not set is empty."""
    return Guidelines(**{name: tuple(stored.get(name, ())) for name in NAMES})


def complete(stored: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every list by its name, those that were never set as empty ones."""
    return {name: list(stored.get(name, ())) for name in NAMES}


def checked(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every list, tidied and each entry once; Invalid names all that is off, contradictions too."""
    problems = [f"guidelines.{str(name)[:60]}: unknown, use {', '.join(NAMES)}" for name in given if name not in NAMES]
    done: dict[str, list[str]] = {}
    for name in NAMES:
        found = given.get(name, [])
        if not _is_list(found, LONGEST[name]):
            problems.append(
                f"guidelines.{name}: a list of at most {MOST_ENTRIES} words or phrases of 1 to {LONGEST[name]} "
                "characters"
            )
            found = []
        done[name] = _once(found)
    problems += _contradictions(done)
    if problems:
        raise errors.Invalid("; ".join(problems[:20]), "bad_guidelines", problems=problems[:100])
    return done


def _is_list(found: Any, longest: int) -> bool:
    return isinstance(found, list | tuple) and len(found) <= MOST_ENTRIES and all(_is_entry(e, longest) for e in found)


def _is_entry(entry: Any, longest: int) -> bool:
    if not isinstance(entry, str) or not 0 < len(tidy := _tidy(entry)) <= longest:
        return False
    return all(unicodedata.category(character) not in ("Cc", "Cs") for character in tidy)


def _tidy(entry: str) -> str:
    return " ".join(entry.split())


def _once(entries: Sequence[str]) -> list[str]:
    """Each entry as it was first written, whatever case it is repeated in."""
    found: dict[str, str] = {}
    for entry in entries:
        found.setdefault(_tidy(entry).casefold(), _tidy(entry))
    return list(found.values())


def _contradictions(lists: Mapping[str, Sequence[str]]) -> Iterator[str]:
    padded = {name: [(entry, f" {' '.join(prose.words(entry))} ") for entry in lists[name]] for name in NAMES}
    for unwanted, wanted in itertools.product(_UNWANTED, _WANTED):
        for (shunned, told), (entry, held) in itertools.product(padded[unwanted], padded[wanted]):
            # As whole words; what has no letters or digits, such as an emoji, as it is.
            if told in held if told.strip() else shunned in entry:
                yield (
                    f"guidelines.{wanted}: {entry[:60]!r} holds {shunned[:60]!r}, which stands in {unwanted}: "
                    "take it out of one of the two"
                )
