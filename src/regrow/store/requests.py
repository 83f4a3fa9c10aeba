"""Answers already given, by the idempotency key of the request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from regrow.kit import errors
from regrow.store.tables.requests import AnsweredRequest
from regrow.store.tenancy import Session


def claim(session: Session, id: str, digest: str, at: datetime) -> AnsweredRequest:
    """Takes the key for this request; Conflict (`request_running`) when another transaction just did."""
    row = AnsweredRequest(id=id, digest=digest, at=at)
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise errors.Conflict(
            "a request with this Idempotency-Key is being answered right now: repeat it in a moment", "request_running"
        ) from None
    return row


def forget(session: Session, id: str) -> None:
    session.execute(delete(AnsweredRequest).where(AnsweredRequest.id == id))


def purge(session: Session, before: datetime, id: str | None = None) -> None:
    """Drops answers from before this time, or the one of this id if it is that old."""
    old = delete(AnsweredRequest).where(AnsweredRequest.at < before)
    if id is not None:
        old = old.where(AnsweredRequest.id == id)
    session.execute(old.execution_options(synchronize_session=False))
