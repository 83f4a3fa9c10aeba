"""The price of a model, as lists tell it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, which is the same number as millionths of a dollar per token.

    Above `up_to_input_tokens` another price counts that is not known here.
    """

    input: float
    cached_input: float
    output: float
    up_to_input_tokens: int | None = None

    def micros(self, input_tokens: int, cached_tokens: int, output_tokens: int) -> int | None:
        """Millionths of a US dollar, rounded up; None above the longest prompt that the price is for."""
        if self.up_to_input_tokens is not None and input_tokens > self.up_to_input_tokens:
            return None
        cached = min(cached_tokens, input_tokens)
        cost = (input_tokens - cached) * self.input + cached * self.cached_input + output_tokens * self.output
        return math.ceil(round(cost, 6))
