"""Money: what a workspace's models have cost this month, and a refusal before a call that the budget does not cover."""

from __future__ import annotations

from datetime import datetime

from regrow.domain import budgets
from regrow.domain import workspaces as rules
from regrow.domain.writing import Call, Writer
from regrow.kit import clock
from regrow.store import runs, workspaces
from regrow.store.tenancy import Session


def refuse_beyond(session: Session, writer: Writer, call: Call) -> None:
    """Raises when the workspace has a budget and the call's price is unknown, or would go beyond it.

    Runs under way count when they end, so as many calls as run at once may each be the last one.
    """
    budget = rules.setting(workspaces.settings(session).values, budgets.SETTING)
    if not budget:
        return
    now = clock.now()
    budgets.refuse(
        budgets.Facts(
            budget_cents=budget,
            spent_micros=spent_micros(session, writer, now),
            prices={name: writer.price(name) for name in writer.named(call.models)},
            input_tokens=budgets.input_tokens(call.brief) + len(call.wording.text) // budgets.CHARACTERS_PER_TOKEN,
            output_tokens=call.max_output_tokens,
            seconds_left=max(1, int((_next_month(now) - now).total_seconds())),
        )
    )


def spent_micros(session: Session, writer: Writer, now: datetime) -> int:
    """Millionths of a US dollar since the first of this month (UTC), failed and broken-off attempts included."""
    known, unmeasured = runs.costs_since(session, _month(now))
    prices = {name: writer.price(name) for name in {f"{each.provider}:{each.model}" for each in unmeasured}}
    return budgets.spent(known, unmeasured, prices)


def _month(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(now: datetime) -> datetime:
    is_december = now.month == 12
    return _month(now).replace(year=now.year + is_december, month=1 if is_december else now.month + 1)
