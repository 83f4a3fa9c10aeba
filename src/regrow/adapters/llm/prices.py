"""What a call cost by our own dated list of prices; a model that is not on it has no known cost."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow.adapters.llm.candidates import Candidate

LISTS = Path(__file__).parent / "pricelists"

_SNAPSHOT_DATE = re.compile(r"-20\d\d-[01]\d-[0-3]\d$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, which is the same number as millionths of a dollar per token."""

    input: float
    cached_input: float
    output: float
    up_to_input_tokens: int | None = None


def cost_micros(candidate: Candidate, input_tokens: int, cached_tokens: int, output_tokens: int) -> int | None:
    """Millionths of a US dollar, rounded up; None for a model not listed or a server that is not the vendor's."""
    price = price_of(candidate)
    if price is None or (price.up_to_input_tokens is not None and input_tokens > price.up_to_input_tokens):
        return None
    cached = min(cached_tokens, input_tokens)
    cost = (input_tokens - cached) * price.input + cached * price.cached_input + output_tokens * price.output
    return math.ceil(round(cost, 6))


def price_of(candidate: Candidate) -> Price | None:
    """The list price of a model, also under the name of one of its dated snapshots."""
    if not candidate.is_own_service:
        return None
    listed = price_list(candidate.provider)["models"]
    entry = listed.get(candidate.model) or listed.get(_SNAPSHOT_DATE.sub("", candidate.model))
    return Price(**entry) if entry else None


@functools.cache
def price_list(provider: str) -> dict[str, Any]:
    """The newest price list of a provider: `as_of`, `source`, `currency`, `unit` and `models`."""
    newest = max(LISTS.glob(f"{provider}.*.toml"), key=lambda path: path.name)
    return tomllib.loads(newest.read_text(encoding="utf-8"))
