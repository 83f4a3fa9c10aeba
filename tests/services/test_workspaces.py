"""Founding workspaces, their people, keys and settings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, secrets
from regrow.services import keys, members, workspaces
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.keys import ApiKey
from regrow.store.tables.members import Member
from regrow.wiring import Home
from tests.homes import Tenant, tenant


def _who(alice: Tenant, key: str) -> Actor | None:
    with alice.reading() as session:
        return keys.actor_of(session, key)


def test_a_founded_workspace_has_all_it_needs(alice: Tenant) -> None:
    actor = _who(alice, alice.api_key)
    assert actor is not None
    assert (actor.workspace_id, actor.role) == (alice.id, Role.OWNER)
    with alice.reading() as session:
        actions = set(session.scalars(select(AuditRow.action)))
    assert {"workspace.created", "member.created", "key.created", "persona.created"} <= actions


def test_the_key_itself_is_stored_nowhere(alice: Tenant) -> None:
    with alice.reading() as session:
        row = session.scalars(select(ApiKey)).one()
        stored = repr({column.name: getattr(row, column.name) for column in ApiKey.__table__.columns})
    secret = alice.api_key.rpartition(".")[2]
    assert secret not in stored
    assert row.digest == secrets.digest(alice.api_key)
    assert secret.startswith(row.prefix.removeprefix("rk.…"))


def test_a_name_is_taken_once(home: Home) -> None:
    tenant(home, "North Wind")
    with pytest.raises(errors.Conflict) as caught:
        tenant(home, "north  wind!")
    assert caught.value.code == "workspace_exists"
    assert len(home.everyone()) == 1


@pytest.mark.parametrize("key", ["", "rk.x.y", "rk.ws_0000000000000000000000.short", "nonsense", "rk..", "a" * 5_000])
def test_what_is_no_key_opens_nothing(alice: Tenant, key: str) -> None:
    assert _who(alice, key) is None


def test_a_key_does_not_open_another_workspace(alice: Tenant, charlie: Tenant) -> None:
    assert _who(charlie, alice.api_key) is None


def test_revoked_and_expired_keys_stop_working(alice: Tenant) -> None:
    with alice.writing() as session:
        made = keys.create(session, alice.owner, "soon", Role.VIEWER, expires_at=clock.now() + timedelta(hours=1))
    assert _who(alice, made.secret) is not None
    with alice.writing() as session:
        row = session.get(ApiKey, made.row.id)
        assert row is not None
        row.expires_at = clock.now() - timedelta(seconds=1)
    assert _who(alice, made.secret) is None
    with alice.writing() as session:
        first = session.scalars(select(ApiKey).where(ApiKey.role == Role.OWNER)).one()
        keys.archive(session, alice.owner, first.id)
    assert _who(alice, alice.api_key) is None


def test_a_key_cannot_outrank_its_member(alice: Tenant) -> None:
    with alice.writing() as session:
        bob = members.create(session, alice.owner, "Bob", Role.EDITOR)
    with pytest.raises(errors.Invalid), alice.writing() as session:
        keys.create(session, alice.owner, "too much", Role.OWNER, member_id=bob.id)
    with alice.writing() as session:
        made = keys.create(session, alice.owner, "fine", Role.EDITOR, member_id=bob.id)
    with alice.writing() as session:
        members.change(session, alice.owner, bob.id, None, {"role": Role.VIEWER})
    assert _who(alice, made.secret) is None


def test_the_last_owner_stays(alice: Tenant) -> None:
    with alice.reading() as session:
        owner = session.scalars(select(Member)).one()
    with pytest.raises(errors.Conflict), alice.writing() as session:
        members.archive(session, alice.owner, owner.id)
    with pytest.raises(errors.Conflict), alice.writing() as session:
        members.change(session, alice.owner, owner.id, None, {"role": Role.VIEWER})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER])
def test_only_owners_manage_people(alice: Tenant, role: Role) -> None:
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        members.create(session, alice.actor(role), "Eve", Role.OWNER)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        keys.create(session, alice.actor(role), "mine", Role.OWNER)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        workspaces.archive(session, alice.actor(role), alice.id)


def test_an_archived_workspace_lets_nobody_in(alice: Tenant) -> None:
    with alice.writing() as session:
        workspaces.archive(session, alice.owner, alice.id)
    assert _who(alice, alice.api_key) is None


def test_settings_are_checked(alice: Tenant) -> None:
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"regenerations_per_day": 9})
    with pytest.raises(errors.Invalid) as caught, alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"regenerations_per_day": -1, "colour": "red"})
    assert "regenerations_per_day" in caught.value.detail
    assert "colour" in caught.value.detail


def test_somebody_elses_workspace_is_not_found(alice: Tenant, charlie: Tenant) -> None:
    with pytest.raises(errors.NotFound), charlie.reading() as session:
        workspaces.own(session, charlie.owner, alice.id)
