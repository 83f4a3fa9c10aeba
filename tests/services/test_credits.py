"""The budget: never below zero, however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy import select, update

from regrow.domain.workspaces import Role
from regrow.kit import errors, ids
from regrow.services import credits
from regrow.store import credits as ledger
from regrow.store import database
from regrow.store.tables.credits import CreditAccount, CreditEntry
from tests.homes import Tenant


def _balance(tenant: Tenant) -> int:
    with tenant.reading() as session:
        return ledger.account(session).balance


@pytest.fixture
def funded(alice: Tenant) -> Tenant:
    with alice.writing() as session:
        credits.grant(session, alice.owner, 10, "to begin with")
    return alice


def test_a_grant_ends_the_unlimited_budget(alice: Tenant) -> None:
    with alice.reading() as session:
        assert ledger.account(session).is_unlimited
    with alice.writing() as session:
        credits.grant(session, alice.owner, 10, "to begin with")
    with alice.reading() as session:
        account = ledger.account(session)
    assert (account.balance, account.is_unlimited) == (10, False)


def test_a_hold_is_charged_or_given_back(funded: Tenant) -> None:
    kept, lost = ids.new("run"), ids.new("run")
    with funded.writing() as session:
        credits.hold(session, funded.owner, kept, 4, "a text")
        credits.hold(session, funded.owner, lost, 5, "a text")
    assert _balance(funded) == 1
    with funded.writing() as session:
        credits.settle(session, funded.owner, kept, 3, "a text")
        credits.settle(session, funded.owner, lost, 0, "a text")
    assert _balance(funded) == 7


def test_settling_twice_changes_nothing(funded: Tenant) -> None:
    task = ids.new("run")
    with funded.writing() as session:
        credits.hold(session, funded.owner, task, 4, "a text")
    for _ in range(3):
        with funded.writing() as session:
            credits.settle(session, funded.owner, task, 0, "a text")
    assert _balance(funded) == 10


def test_too_little_is_refused_whole(funded: Tenant) -> None:
    with pytest.raises(errors.TooMuchCost) as caught, funded.writing() as session:
        credits.hold(session, funded.owner, ids.new("run"), 11, "a long text")
    assert "10 are left" in caught.value.detail
    assert _balance(funded) == 10


def test_racing_holds_never_overdraw(funded: Tenant) -> None:
    def ask(_: int) -> bool:
        try:
            with funded.writing() as session:
                credits.hold(session, funded.owner, ids.new("run"), 1, "a text")
        except errors.TooMuchCost:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        won = sum(threads.map(ask, range(40)))
    assert won == 10
    assert _balance(funded) == 0


def test_the_database_itself_keeps_the_balance(funded: Tenant) -> None:
    with pytest.raises((sa.exc.IntegrityError, errors.RegrowError)), funded.writing() as session:
        session.execute(update(CreditAccount).values(balance=-1))


def test_the_ledger_adds_up_and_only_grows(funded: Tenant) -> None:
    task = ids.new("run")
    with funded.writing() as session:
        credits.hold(session, funded.owner, task, 6, "a text")
    with funded.writing() as session:
        credits.settle(session, funded.owner, task, 6, "a text")
    with funded.reading() as session:
        entries = session.scalars(select(CreditEntry).order_by(CreditEntry.id)).all()
    assert sum(entry.amount for entry in entries) == _balance(funded) == 4
    assert all(entry.what_for for entry in entries)
    table = "credit_entries"
    for statement in (f"UPDATE {table} SET amount = 0", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"):
            funded.raw(statement)


def test_only_owners_grant(alice: Tenant) -> None:
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        credits.grant(session, alice.actor(Role.REVIEWER), 10, "for me")


def test_a_balance_has_an_end(alice: Tenant) -> None:
    with pytest.raises(errors.Invalid), alice.writing() as session:
        credits.grant(session, alice.owner, 2_000_000_000, "all of it")


def test_what_a_failed_transaction_held_is_free_again(funded: Tenant) -> None:
    def hold_and_fail() -> None:
        with database.writing(funded.home.engine, funded.id) as session:
            credits.hold(session, funded.owner, ids.new("run"), 4, "a text")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hold_and_fail()
    assert _balance(funded) == 10
