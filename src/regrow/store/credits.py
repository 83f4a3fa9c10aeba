"""The ledger: conditional updates, so that no race takes the balance below zero."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from regrow.kit import ids, pages
from regrow.store.tables.credits import CreditAccount, CreditEntry, CreditHold
from regrow.store.tenancy import Session


def account(session: Session) -> CreditAccount:
    return session.scalars(select(CreditAccount)).one()


def take(session: Session, amount: int) -> bool:
    """Lowers the balance, unless it is too low; an unlimited account is never lowered."""
    done = session.execute(
        update(CreditAccount)
        .where(CreditAccount.is_unlimited.is_(False), CreditAccount.balance >= amount)
        .values(balance=CreditAccount.balance - amount)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return bool(done.rowcount)  # type: ignore[attr-defined]


def give(session: Session, amount: int) -> None:
    session.execute(
        update(CreditAccount)
        .values(balance=CreditAccount.balance + amount)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def hold(session: Session, task_id: str) -> CreditHold | None:
    return session.scalars(select(CreditHold).where(CreditHold.task_id == task_id)).first()


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
    session.expire_all()
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
