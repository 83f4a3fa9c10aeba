"""The budget: grants, holds on it before work, and their settlement after."""

from __future__ import annotations

from regrow.domain import credits as rules
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.store import audit, credits
from regrow.store.tables.credits import CreditAccount, CreditHold
from regrow.store.tenancy import Session


def open_account(session: Session, actor: Actor, is_unlimited: bool) -> None:
    session.add(CreditAccount(id=ids.new("acc"), balance=0, is_unlimited=is_unlimited))
    session.flush()


def grant(session: Session, actor: Actor, amount: int, what_for: str) -> CreditAccount:
    """Adds credits. The first grant ends an unlimited budget: from then on the balance counts."""
    actor.must(Role.OWNER)
    account = credits.account(session)
    if account.is_unlimited:
        account.is_unlimited = False
        session.flush()
    if not credits.give(session, amount):
        raise errors.Invalid(f"a balance holds at most {rules.MOST_CREDITS} credits", "too_many_credits")
    credits.enter(session, actor.id, "grant", amount, what_for, clock.now())
    audit.add(session, actor, "credits.granted", credits.account(session).id, amount=amount)
    return credits.account(session)


def hold(session: Session, actor: Actor, task_id: str, amount: int, what_for: str) -> None:
    """Sets credits aside for one run, all or nothing. Raises TooMuchCost with the balance left."""
    is_unlimited = credits.account(session).is_unlimited
    if not is_unlimited and not credits.take(session, amount):
        left = credits.account(session).balance
        raise errors.TooMuchCost(
            f"{what_for} costs {amount} credits and {left} are left: an owner can grant more, or ask for less text"
        )
    now = clock.now()
    session.add(CreditHold(task_id=task_id, amount=amount, is_unlimited=is_unlimited, status="held", at=now))
    credits.enter(session, actor.id, "hold", 0 if is_unlimited else -amount, what_for, now, task_id)


def settle(session: Session, actor: Actor, task_id: str, charge: int, what_for: str) -> None:
    """Ends the hold of a run: takes `charge` of it for good, at most all of it, and gives the rest back."""
    ended = credits.end_hold(session, task_id, "charged" if charge else "released")
    if ended is None:
        return
    back = 0 if ended.is_unlimited else ended.amount - min(charge, ended.amount)
    if back:
        credits.give(session, back, 2 * rules.MOST_CREDITS)
    credits.enter(session, actor.id, "charge" if charge else "release", back, what_for, clock.now(), task_id)


def held(session: Session, task_id: str) -> CreditHold | None:
    return credits.hold(session, task_id)
