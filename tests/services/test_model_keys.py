"""Model keys: sealed, rotated, forgotten, and each workspace's own."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from regrow.adapters.sealing import FernetSealer
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import model_keys
from regrow.store import tenancy
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.model_keys import ModelKey
from tests.homes import Tenant

SECRET = "sk-0123456789-abcdefgh-WXYZ"
SEALER = FernetSealer("k" * 40, None)


def added(alice: Tenant, secret: str = SECRET, provider: str = "openai") -> str:
    with alice.writing() as session:
        return model_keys.create(session, alice.owner, SEALER, provider, "main", secret).id


def in_force(alice: Tenant, provider: str = "openai") -> str | None:
    with alice.reading() as session:
        return model_keys.secret_of(session, SEALER, provider)


def test_a_key_is_sealed_and_shown_by_its_end_only(alice: Tenant) -> None:
    id = added(alice)
    with alice.reading() as session:
        row = session.scalars(select(ModelKey)).one()
        stored = repr({column.name: getattr(row, column.name) for column in row.__table__.columns})
        noted = repr([(each.action, each.subject_id, each.detail) for each in session.scalars(select(AuditRow))])
    assert (row.id, row.last_four, row.provider) == (id, "WXYZ", "openai")
    assert SECRET not in stored + noted
    assert "model_key.created" in noted
    assert in_force(alice) == SECRET
    assert in_force(alice, "anthropic") is None


def test_the_newest_key_counts_and_an_older_one_takes_its_place_again(alice: Tenant) -> None:
    added(alice, "first-key-0123456789")
    newer = added(alice, "second-key-0123456789")
    assert in_force(alice) == "second-key-0123456789"
    with alice.writing() as session:
        row = model_keys.archive(session, alice.owner, newer)
        assert model_keys.archive(session, alice.owner, newer).archived_at == row.archived_at
    assert in_force(alice) == "first-key-0123456789"
    with alice.reading() as session:
        forgotten = session.scalars(select(ModelKey).where(ModelKey.id == newer)).one()
        assert forgotten.sealed == ""


def test_a_key_that_cannot_be_read_is_named_and_nothing_is_resealed(alice: Tenant) -> None:
    lost = added(alice, "first-key-0123456789")
    other = FernetSealer("n" * 40, None)
    with alice.writing() as session:
        model_keys.create(session, alice.owner, other, "openai", "newer", SECRET)
    with pytest.raises(errors.Unavailable, match=f"openai key {lost}: .* REGROW_SECRET_KEY") as refused:
        with alice.writing() as session:
            model_keys.reseal(session, alice.owner, other)
    assert (refused.value.code, refused.value.is_permanent) == ("sealed_otherwise", True)
    with alice.writing() as session:
        model_keys.archive(session, alice.owner, lost)
        assert model_keys.reseal(session, alice.owner, other) == 1


def test_a_stranger_has_other_keys(alice: Tenant, charlie: Tenant) -> None:
    id = added(alice)
    assert in_force(charlie) is None
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        model_keys.archive(session, charlie.owner, id)
    assert in_force(alice) == SECRET


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.REVIEWER])
def test_only_owners_add_archive_and_reseal(alice: Tenant, role: Role) -> None:
    id = added(alice)
    with alice.writing() as session:
        with pytest.raises(errors.Forbidden):
            model_keys.create(session, alice.actor(role), SEALER, "openai", "n", SECRET)
        with pytest.raises(errors.Forbidden):
            model_keys.archive(session, alice.actor(role), id)
        with pytest.raises(errors.Forbidden):
            model_keys.reseal(session, alice.actor(role), SEALER)


@pytest.mark.parametrize("secret", ["short", "two words and more", "schlüssel-0123456789", "x" * 501, "tab\there-0123"])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(alice: Tenant, secret: str) -> None:
    with pytest.raises(errors.Invalid) as refused, alice.writing() as session:
        model_keys.create(session, alice.owner, SEALER, "openai", "n", secret)
    assert refused.value.code == "bad_model_key"
    assert secret not in refused.value.detail


@pytest.mark.parametrize("provider", ["offline", "acme", ""])
def test_a_provider_without_keys_is_refused(alice: Tenant, provider: str) -> None:
    with pytest.raises(errors.Invalid) as refused, alice.writing() as session:
        model_keys.create(session, alice.owner, SEALER, provider, "n", SECRET)
    assert refused.value.code == "bad_provider"


def test_a_short_key_shows_nothing_of_itself(alice: Tenant) -> None:
    added(alice, "tiny-key-1")
    with alice.reading() as session:
        assert session.scalars(select(ModelKey)).one().last_four == ""


def test_keys_are_sealed_anew_when_the_secret_key_changes(alice: Tenant) -> None:
    added(alice)
    added(alice, "claude-key-0123456789", "anthropic")
    both, new = FernetSealer(f"{'n' * 40},{'k' * 40}", None), FernetSealer("n" * 40, None)
    with pytest.raises(errors.Unavailable), alice.reading() as session:
        model_keys.secret_of(session, new, "openai")
    with alice.writing() as session:
        assert model_keys.reseal(session, alice.owner, both) == 2
    with alice.reading() as session:
        assert model_keys.secret_of(session, new, "openai") == SECRET
        assert model_keys.secret_of(session, new, "anthropic") == "claude-key-0123456789"


def test_the_home_gives_the_entered_workspace_its_own_key(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        model_keys.create(session, alice.owner, FernetSealer("h" * 40, None), "openai", "n", SECRET)
    alice.home.sealer = FernetSealer("h" * 40, None)
    assert alice.home._model_key("openai") is None
    with tenancy.workspace(alice.id):
        assert alice.home._model_key("openai") == SECRET
    with tenancy.workspace(charlie.id):
        assert alice.home._model_key("openai") is None
    with tenancy.system():
        assert alice.home._model_key("openai") is None
