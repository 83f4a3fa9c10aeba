"""The budget ledger: one balance, holds on it, and every entry that moved it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class CreditAccount(Scoped, Base):
    __tablename__ = "credit_accounts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    balance: Mapped[int]
    is_unlimited: Mapped[bool]

    __table_args__ = (CheckConstraint("balance >= 0", name="not_below_zero"), Index(None, "workspace_id", unique=True))


class CreditHold(Scoped, Base):
    """Credits set aside for one run until it ends; `status` is held, charged or released."""

    __tablename__ = "credit_holds"
    task_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[int]
    is_unlimited: Mapped[bool]
    status: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "status"),)


class CreditEntry(Scoped, Base):
    """`amount` is what the balance changed by; a charge is what a hold took for good."""

    __tablename__ = "credit_entries"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    task_id: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int]
    balance: Mapped[int]
    what_for: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "workspace_id", "task_id"))
