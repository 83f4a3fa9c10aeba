"""What an analysis may say: three short texts without orders and addresses, with no numbers but those of the facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from regrow.domain.prose import orders
from regrow.domain.writing import Analysis, Brief
from regrow.kit import errors

PARTS: tuple[str, ...] = tuple(field.name for field in fields(Analysis))
_NUMBER = re.compile(r"\d+(?:[.,'\u2019\u00a0\u202f]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,'\u2019\u00a0\u202f]\d{3})+(?:\.\d+)?")
_SPELLED = re.compile(
    r"\b(?:(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|"
    r"thousands?|millions?|billions?|dozens?)\b",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ADDRESS = re.compile(r"://|\bwww\.|\b(?:mailto|javascript|data):|\S@\S", re.IGNORECASE)
_ACT = re.compile(
    r"\b(?:approve|publish|delete|override)\w*\s+(?:it|this|that|them|these|the|now|immediately|at once)\b",
    re.IGNORECASE,
)


def parsed(brief: Brief, output: Mapping[str, Any]) -> Analysis:
    """A checked analysis; Invalid with every problem."""
    missing = [name for name in PARTS if name not in output]
    if missing:
        raise errors.Invalid(f"the analysis lacks {', '.join(missing)}", "invalid_output")
    made = Analysis(*(output[name] for name in PARTS))
    if found := problems(made, brief):
        raise errors.Invalid("; ".join(found), "invalid_output")
    return made


def problems(made: Analysis, brief: Brief) -> tuple[str, ...]:
    """Everything that keeps it from being taken, in words a model can act on."""
    known = numbers(brief.measured.facts if brief.measured else ())
    found: list[str] = []
    for field in fields(made):
        text = getattr(made, field.name)
        if not isinstance(text, str):
            found.append(f"{field.name} must be text")
            continue
        found += _lengths(field.name, text, field.metadata)
        found += _strange(field.name, text)
        if invented := sorted({each for each in _NUMBER.findall(text) if values(each).isdisjoint(known)}):
            found.append(f"{field.name} names {', '.join(invented[:5])}, which is none of the numbers of the facts")
        if spelled := sorted({each.lower() for each in _SPELLED.findall(text)}):
            found.append(f"{field.name} spells out {', '.join(spelled[:5])}: use the figures of the facts")
    return tuple(found)


def _lengths(name: str, text: str, limits: Mapping[str, Any]) -> Iterator[str]:
    length = len(text.strip())
    if not limits["min_length"] <= length <= limits["max_length"]:
        yield f"{name} has {length} characters, {limits['min_length']} to {limits['max_length']} are wanted"


def _strange(name: str, text: str) -> Iterator[str]:
    """It is handed on to whoever writes the new text, so nothing in it may act."""
    if _CONTROL.search(text):
        yield f"{name} holds a control character; leave it out"
    if _ADDRESS.search(text):
        yield f"{name} holds an address; leave it out"
    if orders.is_order_to_model(text) or _ACT.search(text):
        yield f"{name} gives an order; say only why and what to write differently"


def numbers(facts: Iterable[str]) -> frozenset[str]:
    """Every number in the facts, by value."""
    return frozenset(value for fact in facts for each in _NUMBER.findall(fact) for value in values(each))


def values(written: str) -> frozenset[str]:
    """What a number may mean: `1,240` is 1240 or 1.24, `3.50` is 3.5."""
    found = {_canonical(written.replace(",", "."))} if written.count(",") + written.count(".") <= 1 else {written}
    if _THOUSANDS.fullmatch(written):
        found.add(_canonical(re.sub(r"[,'\u2019\u00a0\u202f]", "", written)))
    return frozenset(found)


def _canonical(written: str) -> str:
    whole, point, rest = written.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if point and rest else "")


def told(made: Analysis) -> str:
    """The analysis as material for whoever writes the new text."""
    return "\n\n".join(f"{name.replace('_', ' ').capitalize()}: {text}" for name, text in asdict(made).items())
