"""What a request for a regeneration must say, and every way in which it may be wrong, told at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain.circuits.guardrails import GENERATED_BY
from regrow.kit import errors

NAMES = ("ab_test_id", "losing_variant_id", "circuit_execution_id", "termination_reason")
NUMBERS = ("confidence_score", "performance_delta")
REQUIRED = (*NAMES, *NUMBERS)
OPTIONAL = ("regeneration_instructions", "generated_by")
LONGEST: Mapping[str, int] = {
    **dict.fromkeys(NAMES, 200),
    "termination_reason": 4_000,
    "regeneration_instructions": 2_000,
}
"""Characters."""
LARGEST_DELTA = 1e9
CODE = "bad_regeneration"


@dataclass(frozen=True, slots=True)
class Request:
    """`performance_delta` is in whatever unit the caller counts in; its sign is what matters."""

    ab_test_id: str
    losing_variant_id: str
    circuit_execution_id: str
    termination_reason: str
    confidence_score: float
    performance_delta: float
    regeneration_instructions: str = ""
    generated_by: str = "automated"


def read(body: Any) -> Request:
    """The request in a JSON body; Invalid names all that is missing in one sentence, then each field that is off."""
    if not isinstance(body, Mapping):
        raise errors.Invalid("body: must be an object with the fields of a regeneration", CODE)
    given = {name: value for name, value in body.items() if value is not None}
    problems = [told for told in (missing(given, REQUIRED),) if told]
    problems += [told for name, value in given.items() if (told := _problem(name, value))]
    if problems:
        raise errors.Invalid("; ".join(problems), CODE)
    values: dict[str, Any] = {name: float(value) if name in NUMBERS else value for name, value in given.items()}
    return Request(**values)


def missing(given: Mapping[str, Any], required: tuple[str, ...]) -> str:
    """Names everything that is not there, in the order in which it is documented; empty when all is."""
    absent = [name for name in required if given.get(name) is None]
    return f"Missing required fields: {', '.join(absent)}" if absent else ""


def _problem(name: str, value: Any) -> str:
    if name in LONGEST:
        return _text_problem(name, value)
    if name in NUMBERS:
        return _number_problem(name, value)
    if name == "generated_by":
        return "" if value in GENERATED_BY else f"generated_by: must be one of {', '.join(GENERATED_BY)}"
    return f"{str(name)[:60]}: unknown field, use {', '.join((*REQUIRED, *OPTIONAL))}"


def _text_problem(name: str, value: Any) -> str:
    is_empty_fine = name in OPTIONAL
    if not isinstance(value, str) or not (value.strip() or is_empty_fine):
        return f"{name}: must be a {'text' if is_empty_fine else 'non-empty string'}"
    if len(value) > LONGEST[name]:
        return f"{name}: must have at most {LONGEST[name]} characters, this has {len(value)}"
    return ""


def _number_problem(name: str, value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if name == "confidence_score":
        return "" if is_number and 0 <= value <= 1 else "confidence_score: must be a number from 0 to 1"
    return "" if is_number and abs(value) <= LARGEST_DELTA else "performance_delta: must be a number"
