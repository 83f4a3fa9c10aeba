"""What models cost, and whether a month's money still covers one more call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrow.domain.prices import Price
from regrow.domain.writing import Brief
from regrow.kit import errors

SETTING = "budget_usd_per_month_cents"
MICROS_PER_CENT = 10_000
CHARACTERS_PER_TOKEN = 4
PROMPT_TOKENS = 3_000
"""What a template adds to the material of a brief, about."""


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Tokens, partly estimated, of attempts at one model whose cost nobody told."""

    provider: str
    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A budget in whole cents, what of it is spent, and what the next call may need.

    `prices` are those of the candidates by name, None where one is not known.
    """

    budget_cents: int
    spent_micros: int
    prices: Mapping[str, Price | None]
    input_tokens: int
    output_tokens: int
    seconds_left: int


def refuse(facts: Facts) -> None:
    """Raises when a call may not be made: Conflict `price_unknown`, or LimitReached `budget_reached`.

    Zero cents mean no budget. The dearest candidate decides, because any of them may be the one that answers.
    """
    if not facts.budget_cents:
        return
    costs = {name: _cost(price, facts) for name, price in facts.prices.items()}
    unknown = sorted(name for name, cost in costs.items() if cost is None)
    if unknown:
        raise errors.Conflict(
            f"{', '.join(unknown)}: no price is known for such a call, and the workspace has a budget: add a price "
            f"list in prices/ of the home, name another model, or set {SETTING} to 0",
            "price_unknown",
        )
    needed = max((cost for cost in costs.values() if cost is not None), default=0)
    if needed and facts.spent_micros + needed > facts.budget_cents * MICROS_PER_CENT:
        raise errors.LimitReached(
            f"this month's budget of {_dollars(facts.budget_cents * MICROS_PER_CENT)} may not cover the call: "
            f"{_dollars(facts.spent_micros)} are spent, and it may cost {_dollars(needed)}; raise {SETTING}, name a "
            "cheaper model, or wait for next month",
            "budget_reached",
            facts.seconds_left,
        )


def spent(known_micros: int, unmeasured: Sequence[Unmeasured], prices: Mapping[str, Price | None]) -> int:
    """What is spent in millionths of a dollar: what was told, and an estimate where an attempt broke off.

    Attempts at models without a price are left out: a budget lets none be made.
    """
    total = known_micros
    for each in unmeasured:
        price = prices.get(f"{each.provider}:{each.model}")
        if price is not None:
            total += math.ceil(each.input_tokens * price.input + each.output_tokens * price.output)
    return total


def input_tokens(brief: Brief) -> int:
    """How many tokens the prompt for a brief comes to, about and rather too many."""
    texts = [brief.topic_title, brief.topic_summary, brief.instructions]
    texts += [text for source in brief.sources for text in (source.title, source.text)]
    texts += [earlier.text for earlier in (*brief.replaced, *brief.tried)]
    texts += [text for _name, text in (brief.examined.texts if brief.examined else ())]
    texts += [brief.analysis, *_measured(brief)]
    return PROMPT_TOKENS + sum(map(len, texts)) // CHARACTERS_PER_TOKEN


def _measured(brief: Brief) -> list[str]:
    if brief.measured is None:
        return []
    return [*brief.measured.facts, *(text for _label, text in brief.measured.texts), brief.measured.wish]


def _cost(price: Price | None, facts: Facts) -> int | None:
    return price.micros(facts.input_tokens, 0, facts.output_tokens) if price is not None else None


def _dollars(micros: int) -> str:
    return f"${micros / 1_000_000:.2f}"
