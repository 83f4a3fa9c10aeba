"""The ledger: conditional updates, so that no race takes the balance below zero."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from regrow.domain import credits as rules
from regrow.kit import ids, pages
from regrow.store.tables.credits import CreditAccount, CreditEntry, CreditHold
from regrow.store.tenancy import Session

_ACCOUNT = select(CreditAccount).execution_options(populate_existing=True)
_HOLD = select(CreditHold).where(CreditHold.task_id == bindparam("task_id")).execution_options(populate_existing=True)


def account(session: Session) -> CreditAccount:
    """As the database has it now, since conditional updates go past what the session has read."""
    return session.scalars(_ACCOUNT).one()


def take(session: Session, amount: int) -> bool:
    """Lowers the balance, unless it is too low; an unlimited account is never lowered."""
    done = session.execute(
        update(CreditAccount)
        .where(CreditAccount.is_unlimited.is_(False), CreditAccount.balance >= amount)
        .values(balance=CreditAccount.balance - amount)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def give(session: Session, amount: int, most: int = rules.MOST_CREDITS) -> bool:
    """Raises the balance, unless it would pass `most`."""
    done = session.execute(
        update(CreditAccount)
        .where(CreditAccount.balance <= most - amount)
        .values(balance=CreditAccount.balance + amount)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def hold(session: Session, task_id: str) -> CreditHold | None:
    return session.scalars(_HOLD, {"task_id": task_id}).first()


def held_total(session: Session) -> int:
    """Credits set aside for runs that have not ended; holds of an unlimited budget count nothing."""
    wanted = select(func.coalesce(func.sum(CreditHold.amount), 0))
    held = session.scalar(wanted.where(CreditHold.status == "held", CreditHold.is_unlimited.is_(False)))
    return int(held or 0)


def end_hold(session: Session, task_id: str, status: str) -> CreditHold | None:
    """Marks the hold as ended and gives it back; None when it had ended already or never was."""
    done = session.execute(
        update(CreditHold)
        .where(CreditHold.task_id == task_id, CreditHold.status == "held")
        .values(status=status)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return None
    return hold(session, task_id)


def enter(
    session: Session, actor_id: str, kind: str, amount: int, what_for: str, at: datetime, task_id: str | None = None
) -> None:
    session.add(
        CreditEntry(
            id=ids.new("ent"),
            task_id=task_id,
            kind=kind,
            amount=amount,
            balance=account(session).balance,
            what_for=what_for,
            actor_id=actor_id,
            at=at,
        )
    )


def ledger(session: Session, limit: int, after: str | None = None) -> pages.Page[CreditEntry]:
    """Newest first."""
    wanted = select(CreditEntry).order_by(CreditEntry.id.desc()).limit(limit + 1)
    if after:
        wanted = wanted.where(CreditEntry.id < after)
    return pages.cut(session.scalars(wanted).all(), limit, lambda row: row.id)
