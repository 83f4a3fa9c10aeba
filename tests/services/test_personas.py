"""Personas and campaigns: checked, versioned, archived, one default."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from regrow.domain import personas as rules
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import campaigns, personas
from regrow.store.tables.personas import Persona
from tests.homes import Tenant


def test_settings_not_given_are_the_defaults(alice: Tenant) -> None:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Mabel", voice={"blog": {"tone": "lively"}})
    voice = rules.voice_for(row.name, row.voice, row.guidelines, "blog")
    assert (voice.tone, voice.words, voice.persona) == ("lively", 800, "Mabel")


def test_every_persona_can_write_an_email(alice: Tenant) -> None:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Mabel", voice={"blog": {"tone": "lively"}})
        own = personas.create(session, alice.owner, "Ada", voice={"email": {"words": 120, "language": "de"}})
    voice = rules.voice_for(row.name, row.voice, row.guidelines, "email")
    assert (voice.words, voice.hashtags, voice.tone) == (250, 0, "plain")
    set_up = rules.voice_for(own.name, own.voice, own.guidelines, "email")
    assert (set_up.words, set_up.language, set_up.sentence_words) == (120, "de", 16)
    stored_before_email = {medium: held for medium, held in row.voice.items() if medium != "email"}
    assert rules.voice_for(row.name, stored_before_email, row.guidelines, "email") == voice


@pytest.mark.parametrize(
    "voice",
    [
        {"blog": {"tone": "shouting"}},
        {"blog": {"words": 0}},
        {"blog": {"words": True}},
        {"blog": {"has_emoji": "yes"}},
        {"blog": {"colour": 1}},
        {"telegram": {}},
        {"blog": "plain"},
        {"blog": {"words": 10**30}},
    ],
)
def test_bad_settings_are_named(alice: Tenant, voice: dict[str, Any]) -> None:
    with pytest.raises(errors.Invalid) as caught, alice.writing() as session:
        personas.create(session, alice.owner, "Mabel", voice=voice)
    assert "voice." in caught.value.detail


@pytest.mark.parametrize("guidelines", [{"avoid": "all"}, {"avoid": [""]}, {"avoid": [1]}, {"love": []}])
def test_bad_guidelines_are_named(alice: Tenant, guidelines: dict[str, Any]) -> None:
    with pytest.raises(errors.Invalid) as caught, alice.writing() as session:
        personas.create(session, alice.owner, "Mabel", guidelines=guidelines)
    assert "guidelines." in caught.value.detail


def test_there_is_always_one_default(alice: Tenant) -> None:
    with alice.writing() as session:
        mabel = personas.create(session, alice.owner, "Mabel", is_default=True)
    with alice.reading() as session:
        assert session.scalars(select(Persona.id).where(Persona.is_default)).all() == [mabel.id]
        assert personas.chosen(session, None).id == mabel.id
    with pytest.raises(errors.Conflict), alice.writing() as session:
        personas.archive(session, alice.owner, mabel.id)
    with pytest.raises(errors.Conflict), alice.writing() as session:
        personas.change(session, alice.owner, mabel.id, None, {"is_default": False})


def test_whoever_is_second_is_told(alice: Tenant) -> None:
    with alice.writing() as session:
        row = campaigns.create(session, alice.owner, "Spring")
    with alice.writing() as session:
        campaigns.change(session, alice.owner, row.id, 1, {"name": "Spring sale"})
    with pytest.raises(errors.Stale), alice.writing() as session:
        campaigns.change(session, alice.owner, row.id, 1, {"name": "Easter"})
    with alice.writing() as session:
        changed = campaigns.change(session, alice.owner, row.id, 2, {"name": "Easter"})
    assert changed.version == 3


def test_archived_things_are_not_used_any_more(alice: Tenant) -> None:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Mabel")
        personas.archive(session, alice.owner, row.id)
        personas.archive(session, alice.owner, row.id)
    with pytest.raises(errors.Conflict), alice.reading() as session:
        personas.chosen(session, row.id)
    with pytest.raises(errors.Conflict), alice.writing() as session:
        personas.change(session, alice.owner, row.id, None, {"name": "Ada"})


def test_strangers_and_viewers(alice: Tenant, charlie: Tenant) -> None:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Mabel")
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        personas.change(session, charlie.owner, row.id, None, {"name": "mine"})
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        personas.create(session, alice.actor(Role.VIEWER), "Eve")
