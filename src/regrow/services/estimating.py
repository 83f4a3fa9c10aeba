"""What judging texts will cost, so that it can be told before it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regrow.domain import budgets, functions
from regrow.domain.brand import judging as rules
from regrow.domain.prices import Price
from regrow.domain.writing import Writer
from regrow.services import judging
from regrow.store.tenancy import Session

TOKENS_ANSWERED = 80
"""Of one answer to one question, rather too many."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What judging texts will take: calls, credits, and millionths of a US dollar at the dearest candidate, None when
    a price is not known.
    """

    models: str
    calls: int
    credits: int
    micros: int | None


def estimate(session: Session, writer: Writer, texts: Sequence[str]) -> Estimate:
    """Rather too much than too little; Conflict without a judge."""
    judging.refuse_without(session)
    models_named = judging.named(session)
    prices = [writer.price(name) for name in writer.named(models_named)]
    costs = [None if price is None else _cost(price, texts) for price in prices]
    micros = None if None in costs else max(cost or 0 for cost in costs)
    credits = functions.JUDGE.price(0, 1, 1) * len(texts)
    return Estimate(models_named, rules.SAMPLES * len(texts), credits, micros)


def _cost(price: Price, texts: Sequence[str]) -> int | None:
    """Of all samples; an answer takes some tokens for each criterion."""
    written = len(rules.CRITERIA) * TOKENS_ANSWERED
    each = [
        price.micros(budgets.PROMPT_TOKENS + len(text) // budgets.CHARACTERS_PER_TOKEN, 0, written) for text in texts
    ]
    return None if None in each else rules.SAMPLES * sum(cost or 0 for cost in each)
