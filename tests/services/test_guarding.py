"""The guard at work: every new version has a verdict on its very text, and approval never goes without one."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import generations, guarding, notes, personas, pieces, regenerating, versions
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store.tables.content import Generation, Piece
from regrow.store.tables.notes import Note
from tests import tries
from tests.homes import Tenant


def made(alice: Tenant, **more: Any) -> list[Piece]:
    asked = {"topic_id": tries.topic(alice), "media": ["social"], "social_count": 1, **more}
    done = tries.begun(alice, generations.ask, **asked).done()
    with alice.reading() as session:
        return content_store.pieces_of(session, [done["generation_id"]])


@pytest.fixture
def piece_id(alice: Tenant) -> str:
    """A post in two variants."""
    return made(alice)[0].id


def edit(alice: Tenant, id: str, body: str, label: str = "A") -> dict[str, Any]:
    with alice.writing() as session:
        row = versions.edit(session, alice.owner, id, None, {label: {"body": body}})
        assert row.guard is not None
        return row.guard


def rule(alice: Tenant, **guidelines: list[str]) -> None:
    """Sets lists of the default persona's guidelines."""
    with alice.writing() as session:
        row = personas.chosen(session, None)
        row.guidelines = {**row.guidelines, **guidelines}


def piece(alice: Tenant, id: str) -> Piece:
    with alice.reading() as session:
        return session.get_one(Piece, id)


def failures(alice: Tenant, id: str) -> list[dict[str, Any]]:
    with alice.reading() as session:
        rows = audit.page(session, 100, subject_id=id).items
    return [row.detail for row in rows if row.action == "piece.guard_failed"]


def test_what_is_written_has_a_verdict(alice: Tenant) -> None:
    found = made(alice, media=["blog", "social", "email"], social_count=3)
    assert len(found) == 5
    assert {(each.guard or {}).get("passed") for each in found} == {True}
    assert {(each.guard or {}).get("method") for each in found} == {"rules"}
    assert all(failures(alice, each.id) == [] for each in found)


def test_what_fails_is_kept_as_a_draft_with_its_findings(alice: Tenant) -> None:
    rule(alice, forbidden=["dough"], required=["by hand"])
    found = made(alice)[0]
    assert found.guard is not None
    assert (found.status, found.guard["passed"]) == ("draft", False)
    assert found.guard["score"] <= 0.79
    missing = [each["label"] for each in found.guard["findings"] if each["check"] == "required_words"]
    assert missing == ["A", "B"]
    told = failures(alice, found.id)
    assert [each["score"] for each in told] == [found.guard["score"]]
    assert "required_words" in told[0]["checks"]


def test_a_text_by_hand_is_judged_in_the_same_transaction(alice: Tenant, piece_id: str) -> None:
    verdict = edit(alice, piece_id, "Dear [insert name], the loaf is back.")
    assert verdict["passed"] is False
    assert {(each["label"], each["quote"]) for each in verdict["findings"]} == {("A", "[insert name]")}
    assert piece(alice, piece_id).guard == verdict
    with pytest.raises(errors.Conflict) as caught, alice.writing() as session:
        pieces.approve(session, alice.owner, piece_id)
    assert caught.value.code == "guard_failed"
    assert edit(alice, piece_id, "Dear reader, the loaf is back.")["passed"] is True
    assert len(failures(alice, piece_id)) == 1
    with alice.writing() as session:
        assert pieces.approve(session, alice.owner, piece_id).status == "approved"


def test_the_other_variant_still_counts(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, "Lorem ipsum.", "B")
    verdict = edit(alice, piece_id, "The loaf is back.", "A")
    assert [(each["label"], each["check"]) for each in verdict["findings"]] == [("B", "placeholders")]


def test_a_restored_text_is_judged_by_the_guidelines_as_they_are_now(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, "The marvellous loaf is back.")
    edit(alice, piece_id, "The plain loaf is back.")
    rule(alice, forbidden=["marvellous"])
    with alice.writing() as session:
        restored = versions.restore(session, alice.owner, piece_id, 2)
        assert restored.guard is not None
        assert [each["quote"] for each in restored.guard["findings"]] == ["marvellous"]


def test_what_is_written_again_is_judged(alice: Tenant, piece_id: str) -> None:
    rule(alice, required=["never to be found in it"])
    done = tries.begun(alice, regenerating.ask_piece, piece_id).done()
    new = piece(alice, done["piece_ids"][0])
    assert new.guard is not None
    assert (new.status, new.guard["passed"]) == ("draft", False)


@pytest.mark.parametrize("word", ["by hand", ""])
def test_what_is_older_than_the_guard_is_judged_at_approval(alice: Tenant, piece_id: str, word: str) -> None:
    with alice.writing() as session:
        session.get_one(Piece, piece_id).guard = None
    rule(alice, required=[word] if word else [])
    if not word:
        with alice.writing() as session:
            assert pieces.approve(session, alice.owner, piece_id).status == "approved"
        assert (piece(alice, piece_id).guard or {})["passed"] is True
        return
    with pytest.raises(errors.Conflict), alice.writing() as session:
        pieces.approve(session, alice.owner, piece_id)
    with alice.writing() as session:
        told = pieces.approve_drafts(session, alice.owner, [piece_id])
        assert [each.reason for each in told.skipped] == [pieces.GUARD_FAILED]
    with alice.writing() as session:
        approved = pieces.approve(session, alice.owner, piece_id, "It is a quotation", override=True)
        assert approved.status == "approved"


def test_judging_again_takes_the_guidelines_as_they_are_now(alice: Tenant, piece_id: str) -> None:
    rule(alice, required=["by hand"])
    assert (piece(alice, piece_id).guard or {})["passed"] is True
    with alice.writing() as session:
        again = guarding.again(session, alice.actor(Role.EDITOR), piece_id)
        assert (again.status, (again.guard or {})["passed"]) == ("draft", False)
    rule(alice, required=[])
    with alice.writing() as session:
        assert (guarding.again(session, alice.owner, piece_id).guard or {})["passed"] is True


def test_only_editors_judge_and_only_what_is_theirs(alice: Tenant, charlie: Tenant, piece_id: str) -> None:
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        guarding.again(session, alice.actor(Role.VIEWER), piece_id)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        guarding.check_text(session, alice.actor(Role.VIEWER), guarding.Loose({"body": "A loaf."}))
    for id in (piece_id, "pie_unknown"):
        with pytest.raises(errors.NotFound), charlie.writing() as session:
            guarding.again(session, charlie.owner, id)


def test_figures_of_notes_that_became_private_have_no_source(alice: Tenant, piece_id: str) -> None:
    verdict = edit(alice, piece_id, "Give the dough seventy percent of water, or 81.")
    assert [each["quote"] for each in verdict["findings"]] == ["81"]
    with alice.writing() as session:
        generation = session.get_one(Generation, piece(alice, piece_id).generation_id)
        for note_id in generation.cluster_note_ids:
            session.get_one(Note, note_id).is_private = True
    verdict = edit(alice, piece_id, "Give the dough 70 percent of water.")
    assert [each["quote"] for each in verdict["findings"]] == ["70"]


def test_titles_of_private_notes_are_kept_out(alice: Tenant, charlie: Tenant, piece_id: str) -> None:
    for tenant, title in ((alice, "Landlord Quarrel 2024"), (charlie, "Secret Oven Plans")):
        with tenant.writing() as session:
            notes.create(session, tenant.owner, title, "Not for anyone.", ["private"])
    verdict = edit(alice, piece_id, "After the Landlord Quarrel 2024 we made secret oven plans.")
    found = [(each["check"], each["quote"]) for each in verdict["findings"]]
    assert ("private_notes", "Landlord Quarrel 2024") in found
    assert ("private_notes", "secret oven plans") not in found


def test_what_went_out_before_is_told(alice: Tenant, piece_id: str) -> None:
    with alice.writing() as session:
        pieces.approve(session, alice.owner, piece_id)
    again = made(alice)[0]
    assert again.guard is not None
    findings = [each for each in again.guard["findings"] if each["check"] == "published_before"]
    assert [each["label"] for each in findings] == ["A", "B"]
    assert piece_id in findings[0]["how"]
    assert again.guard["passed"] is True


def test_its_own_earlier_text_is_no_repetition(alice: Tenant, piece_id: str) -> None:
    with alice.writing() as session:
        pieces.approve(session, alice.owner, piece_id)
    with alice.writing() as session:
        assert (guarding.again(session, alice.owner, piece_id).guard or {})["findings"] == []


def test_any_text_is_checked_against_a_persona(alice: Tenant) -> None:
    with alice.writing() as session:
        persona = personas.create(session, alice.owner, "Bäcker", voice={"blog": {"language": "de"}})
        persona.guidelines = {"forbidden": ["billig"]}
        loose = guarding.Loose({"body": "Das billige Brot liegt im Regal."}, persona_id=persona.id)
        found = guarding.check_text(session, alice.owner, loose)
        first = found["findings"][0]
        assert (first["check"], first["quote"], first["start"]) == ("forbidden_words", "billige", 4)
        assert guarding.check_text(session, alice.owner, guarding.Loose({"body": "A loaf."}))["passed"] is True
        with pytest.raises(errors.NotFound):
            guarding.check_text(session, alice.owner, guarding.Loose({"body": "A loaf."}, persona_id="per_unknown"))


def test_the_number_of_queries_does_not_grow(alice: Tenant) -> None:
    asked: list[int] = []
    for count in (1, 6):
        work = tries.begun(alice, generations.ask, topic_id=tries.topic(alice), media=["social"], social_count=count)
        work.write()
        statements: list[str] = []

        def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any, told: list[str] = statements) -> None:
            told.append(statement)

        sa.event.listen(alice.home.engine, "before_cursor_execute", heard)
        work.finish()
        sa.event.remove(alice.home.engine, "before_cursor_execute", heard)
        asked.append(len(statements))
    assert asked[0] == asked[1]
