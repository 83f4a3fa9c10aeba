"""A persona learns from texts: stored with when and from how much, applied when asked, edited, and forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from regrow.domain import functions, suggestions
from regrow.domain.brand import voice
from regrow.domain.brand.voice import Learned
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import generations, learning, personas
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.personas import Persona
from tests.domain.test_brand_voice import GERMAN, HAROLD, INES
from tests.homes import Tenant

FOUND = learning.from_all(INES)


def taught(alice: Tenant, found: Learned = FOUND, **more: Any) -> Persona:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Ines", voice={"blog": {"tone": "lively"}})
        return personas.learn(session, alice.owner, row.id, None, found, **more)


def test_what_was_learned_is_kept_with_when_and_from_how_much_and_never_the_texts(alice: Tenant) -> None:
    id = taught(alice).id
    with alice.reading() as session:
        row = personas.referred(session, id)
        assert row.learned is not None
        assert voice.of(row.learned) == FOUND
        assert (row.learned["words"], row.learned["texts"], row.learned["medium"]) == (FOUND.words, 6, None)
        assert row.learned["at"].endswith("Z")
        assert len(row.learned["digest"]) == 64
        assert row.version == 2
        stored = json.dumps(row.learned, ensure_ascii=False)
        kept = json.dumps(FOUND.examples, ensure_ascii=False)
        for text in INES:
            for paragraph in text.split("\n\n")[1:]:
                known = json.dumps(paragraph, ensure_ascii=False)[1:-1]
                assert known not in stored.replace(kept[1:-1], "")
        told = session.scalars(select(AuditRow).where(AuditRow.action == "persona.learned")).one()
        assert told.detail == {"words": FOUND.words, "texts": 6, "digest": FOUND.digest}


def test_settings_stay_until_the_suggestions_are_accepted(alice: Tenant) -> None:
    row = taught(alice)
    with alice.reading() as session:
        before = personas.referred(session, row.id).voice
    assert (before["blog"]["person"], before["blog"]["sentence_words"]) == ("second", 20)
    with alice.writing() as session:
        after = personas.learn(session, alice.owner, row.id, 2, FOUND, is_applied=True).voice
    assert (after["blog"]["person"], after["blog"]["sentence_words"], after["blog"]["tone"]) == ("first", 7, "lively")
    assert after["social"]["reading_level"] == after["blog"]["reading_level"] == 3
    assert [after[medium]["words"] for medium in after] == [before[medium]["words"] for medium in before]
    assert [after[medium]["hashtags"] for medium in after] == [before[medium]["hashtags"] for medium in before]


def test_a_named_medium_takes_its_length_and_hashtags_and_leaves_the_others(alice: Tenant) -> None:
    row = taught(alice, medium="blog", is_applied=True)
    assert row.voice["blog"]["words"] == FOUND.features.text_words
    assert row.voice["blog"]["hashtags"] == 0
    assert row.voice["email"]["person"] == "second"
    assert row.voice["social"] == {**personas.rules.DEFAULT_VOICE["social"]}
    with pytest.raises(errors.Invalid, match="unknown medium 'radio'"):
        taught(alice, medium="radio")


def test_suggestions_are_within_what_settings_allow_and_emoji_and_hashtags_count() -> None:
    loud = "We baked 🎉 all day long and it was good. Nobody slept at all! #bread #fun #oven\n\n" * 30
    found = learning.from_all([loud])
    wanted = suggestions.suggested(found, {})
    assert (wanted["social"]["hashtags"], wanted["social"]["has_emoji"]) == (10, True)
    assert "hashtags" not in wanted["blog"]
    assert suggestions.applied({}, wanted)["social"]["sentence_words"] >= 6
    german = suggestions.suggested(learning.from_all([GERMAN]), {"blog": {"language": "de"}})
    assert german["email"]["language"] == "de"
    assert "language" not in german["blog"]
    changed = suggestions.changes({"blog": {"words": 1}}, {"blog": {"words": 2, "tone": "plain"}})
    assert changed == [("blog.words", 1, 2), ("blog.tone", None, "plain")]


def test_learning_again_replaces_what_was_learned(alice: Tenant) -> None:
    row = taught(alice)
    with alice.writing() as session:
        again = learning.keep(session, alice.owner, row.id, learning.from_all(HAROLD), learning.Asked())
    assert again.learned_before is not None
    assert voice.of(again.learned_before) == FOUND
    assert again.row.learned is not None
    assert again.row.learned["features"]["sentence_mean"] > 25


def test_examples_are_edited_and_nothing_else(alice: Tenant) -> None:
    row = taught(alice)
    with alice.writing() as session:
        changed = personas.change(session, alice.owner, row.id, 2, {"learned": {"examples": ["My own pick."]}})
    assert changed.learned is not None
    assert (changed.learned["examples"], changed.learned["words"], changed.version) == (
        ["My own pick."],
        FOUND.words,
        3,
    )
    for bad in ({"examples": ["a@example.org"]}, {"words": 1}, {"examples": [], "words": 1}, None, []):
        with pytest.raises(errors.Invalid, match="learned"), alice.writing() as session:
            personas.change(session, alice.owner, row.id, None, {"learned": bad})


def test_forgetting_takes_it_away_and_leaves_the_settings(alice: Tenant) -> None:
    row = taught(alice, is_applied=True)
    with pytest.raises(errors.Stale), alice.writing() as session:
        personas.forget(session, alice.owner, row.id, 1)
    with alice.writing() as session:
        gone = personas.forget(session, alice.owner, row.id, 2)
        assert (gone.learned, gone.voice["blog"]["person"], gone.version) == (None, "first", 3)
        assert personas.forget(session, alice.owner, row.id).version == 3
    with pytest.raises(errors.Conflict, match="let it learn from texts first"), alice.writing() as session:
        personas.change(session, alice.owner, row.id, None, {"learned": {"examples": []}})


def test_a_persona_without_settings_learns_and_a_brief_then_holds_its_habits(alice: Tenant) -> None:
    with alice.writing() as session:
        row = personas.create(session, alice.owner, "Bare")
        alice_row = session.get_one(Persona, row.id)
        alice_row.voice, alice_row.guidelines = {}, {}
    with alice.writing() as session:
        row = personas.learn(session, alice.owner, row.id, None, FOUND, is_applied=True)
        said = generations.Said("Bread", "", (), "", 2, ())
        voice_now = generations.briefed(said, row, functions.BY_MEDIUM["blog"]).voice
    assert voice_now.habits is not None
    assert voice_now.habits.examples == FOUND.examples
    assert any("7 words on average" in sentence for sentence in voice_now.habits.told)
    assert not any("Learned from" in sentence for sentence in voice_now.habits.told)
    assert (voice_now.person, voice_now.reading_level) == ("first", 3)


def test_too_little_stores_nothing(alice: Tenant) -> None:
    row = taught(alice)
    with pytest.raises(errors.Invalid, match="too little"):
        learning.from_all(["Just three words"])
    with alice.reading() as session:
        assert personas.referred(session, row.id).version == 2


@pytest.mark.parametrize("language", ["", "english", "e", "de-", "<script>"])
def test_a_language_is_a_code(language: str) -> None:
    with pytest.raises(errors.Invalid, match="no code such as en"):
        learning.from_all(INES, language)


def test_of_much_text_in_hand_each_has_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    real = voice.shares
    monkeypatch.setattr(voice, "shares", lambda sizes: real(sizes, 6_000))
    found = learning.from_all(INES)
    assert (found.is_cut, found.texts, found.characters) == (True, 6, 6_000)
    assert not FOUND.is_cut


def test_a_persona_is_found_by_id_or_by_the_one_name(alice: Tenant, charlie: Tenant) -> None:
    id = taught(alice).id
    with alice.reading() as session:
        assert personas.referred(session, id).id == personas.referred(session, "Ines").id == id
        with pytest.raises(errors.NotFound):
            personas.referred(session, "Nobody")
    taught(alice)
    with alice.reading() as session, pytest.raises(errors.Conflict, match="several"):
        personas.referred(session, "Ines")
    with charlie.reading() as session, pytest.raises(errors.NotFound):
        personas.referred(session, id)


def test_viewers_strangers_and_archived_ones_do_not_learn(alice: Tenant, charlie: Tenant) -> None:
    id = taught(alice).id
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        personas.learn(session, alice.actor(Role.VIEWER), id, None, FOUND)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        personas.forget(session, alice.actor(Role.VIEWER), id)
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        personas.learn(session, charlie.owner, id, None, FOUND)
    with pytest.raises(errors.Stale), alice.writing() as session:
        personas.learn(session, alice.owner, id, 1, FOUND)
    with alice.writing() as session:
        personas.archive(session, alice.owner, id)
    with pytest.raises(errors.Conflict), alice.writing() as session:
        personas.learn(session, alice.owner, id, None, FOUND)
    with pytest.raises(errors.Conflict), alice.reading() as session:
        learning.refuse_unfit(session, alice.owner, id, learning.Asked())
