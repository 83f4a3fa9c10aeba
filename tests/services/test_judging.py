"""The judge at work: asked about every new version, and its verdict kept with that version."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from regrow import wiring
from regrow.domain.brand import judging as rules
from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import guarding, judging, pieces, regenerating, versions, workspaces
from regrow.store import audit, runs
from regrow.store import content as content_store
from regrow.store.tables.runs import Run
from regrow.testing.openai_server import OpenAIServer
from regrow.testing.vendor_servers import AnthropicServer
from tests import judges, tries
from tests.homes import Tenant
from tests.judges import GOOD, KEY, POOR, approve, at, edit, generated, guard, judge, judged, refused, under_way

alice, piece_id, server = judges.alice, judges.piece_id, judges.server


def test_without_a_judge_only_the_rules_speak(alice: Tenant, server: OpenAIServer) -> None:
    for named in ("", "offline:extractive"):
        judge(alice, named)
        done = generated(alice)
        assert "judging" not in done
        with alice.reading() as session:
            (row,) = content_store.pieces_of(session, [done["generation_id"]])
            assert session.scalars(select(Run.id).where(Run.function == "judge")).all() == []
        found = row.guard or {}
        assert (found["method"], found["judge"], found["needs_person"]) == ("rules", "none", False)
        assert "voice_score" not in found
        assert approve(alice, row.id) == "approved"
    assert server.calls == 0


def test_every_new_version_is_judged(alice: Tenant, piece_id: str) -> None:
    """Generated, changed by hand, restored, written again, and asked for once more."""
    assert (guard(alice, piece_id)["judge"], guard(alice, piece_id)["method"]) == ("pending", "rules")
    assert judged(alice, piece_id)["method"] == "rules+judge"
    assert edit(alice, piece_id, GOOD)["judge"] == "pending"
    assert judged(alice, piece_id)["voice_score"] == 1.0
    with alice.writing() as session:
        assert (versions.restore(session, alice.owner, piece_id, 1).guard or {})["judge"] == "pending"
    assert judged(alice, piece_id)["judge"] == "done"
    with alice.writing() as session:
        assert (guarding.again(session, alice.owner, piece_id).guard or {})["judge"] == "pending"
    assert judged(alice, piece_id)["judge"] == "done"
    again = tries.begun(alice, regenerating.ask_piece, piece_id).done()
    (new,) = again["piece_ids"]
    assert again["judging"] == [guard(alice, new)["judge_task_id"]]
    assert judged(alice, new)["method"] == "rules+judge"


def test_three_samples_of_each_variant_each_in_an_order_of_its_own(
    alice: Tenant, piece_id: str, server: OpenAIServer
) -> None:
    found = judged(alice, piece_id)
    assert server.calls == rules.SAMPLES * 2
    orders = []
    for asked in server.asked:
        names = [each for each in rules.BY_NAME if f"- {each}: " in asked.system]
        orders.append(tuple(sorted(names, key=lambda name, told=asked.system: told.index(f"- {name}: "))))  # type: ignore[misc]
        assert set(names) >= {"voice", "faithful", "concrete", "clear", "honest"}
        assert asked.system.count("\n- voice: ") == 1
    assert len(set(orders)) > 1
    run = at(alice, found["judge_task_id"])
    assert orders[0] == rules.shuffled(sorted(orders[0]), run.request["seed"], "A.1")
    assert {len(each["votes"]) for each in found["criteria"]} == {3}
    assert {each["label"] for each in found["criteria"]} == {"A", "B"}
    assert found["judges"] == ["openai:strict"]


def test_what_the_judge_finds_is_quoted_and_can_be_fixed(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, POOR)
    found = judged(alice, piece_id)
    assert (found["score"], found["passed"], found["needs_person"]) == (0.5, False, False)
    assert (found["rule_score"], found["judge_score"], found["voice_score"]) == (1.0, 0.5, 0.5)
    finding = next(each for each in found["findings"] if each["check"] == "judge_honest")
    assert (finding["label"], finding["quote"], finding["start"]) == ("A", "revolutionary", POOR.index("revolutionary"))
    assert finding["how"]
    assert refused(alice, piece_id) == "guard_failed"
    assert approve(alice, piece_id, "It is a quotation", True, role=Role.OWNER) == "approved"


def test_a_hard_rule_vetoes_whatever_the_judge_says(alice: Tenant, piece_id: str) -> None:
    edit(alice, piece_id, f"{GOOD} Dear [insert name].")
    found = judged(alice, piece_id)
    assert (found["judge_score"], found["passed"]) == (1.0, False)
    assert found["score"] <= 0.79


def test_approval_waits_for_the_judge_or_for_an_owner(alice: Tenant, piece_id: str) -> None:
    assert refused(alice, piece_id) == "judge_pending"
    with alice.writing() as session:
        done = pieces.approve_drafts(session, alice.owner, [piece_id])
        assert [each.reason for each in done.skipped] == [pieces.JUDGE_PENDING]
    with pytest.raises(errors.Forbidden):
        approve(alice, piece_id, "no time", True)
    assert approve(alice, piece_id, "no time", True, role=Role.OWNER) == "approved"
    with alice.reading() as session:
        rows = [row for row in audit.page(session, 100, subject_id=piece_id).items if row.action == "piece.approved"]
    assert (rows[0].detail["override"], rows[0].detail["reason"]) == (True, "no time")
    assert judged(alice, piece_id)["judge"] == "done"


def test_doubt_goes_to_a_person(alice: Tenant, piece_id: str, server: OpenAIServer) -> None:
    """One criterion of five or six is a plain no: between 0.75 and 0.85."""
    server.faults.extend(["judge-one-no"] * 6)
    found = judged(alice, piece_id)
    assert found["needs_person"] is True
    assert 0.75 <= found["judge_score"] <= 0.85
    with alice.writing() as session:
        done = pieces.approve_drafts(session, alice.owner, [piece_id])
        assert [each.reason for each in done.skipped] == [pieces.NEEDS_PERSON]
    assert approve(alice, piece_id) == "approved"


def test_disagreement_goes_to_a_person(alice: Tenant, piece_id: str, server: OpenAIServer) -> None:
    server.faults.extend(["judge-yes", "judge-no", "judge-yes"] * 2)
    found = judged(alice, piece_id)
    assert (found["passed"], found["needs_person"]) == (True, True)
    assert any("spread from yes to no" in each for each in found["doubts"])


def test_a_verdict_belongs_to_its_version(alice: Tenant, piece_id: str, server: OpenAIServer) -> None:
    late = under_way(alice, piece_id)
    late.write()
    pending = edit(alice, piece_id, GOOD)
    late.finish()
    assert guard(alice, piece_id) == pending
    assert tries.status(alice, late.task_id) == "failed"
    later = under_way(alice, piece_id)
    edit(alice, piece_id, POOR)
    calls = server.calls
    later.write()
    later.finish()
    assert server.calls == calls, "a version that is gone is not paid for"
    assert judged(alice, piece_id)["judge_score"] == 0.5


def test_checking_again_while_the_judge_is_at_it_begins_no_second_run(alice: Tenant, piece_id: str) -> None:
    before = guard(alice, piece_id)["judge_task_id"]
    with alice.writing() as session:
        assert (guarding.again(session, alice.owner, piece_id).guard or {})["judge_task_id"] == before
    assert judged(alice, piece_id)["judge"] == "done"


def test_another_family_than_the_writers_judges(alice: Tenant, server: OpenAIServer) -> None:
    """The post is written by one vendor's model and judged by the other's, which is named second."""
    with AnthropicServer(keys=[KEY]) as other:
        made = alice.home.settings.model_copy(
            update={"anthropic_api_key": SecretStr(KEY), "anthropic_base_url": other.base_url}
        )
        home = wiring.open_home(made)
        try:
            both = Tenant(home, alice.id, alice.api_key)
            with both.writing() as session:
                named = {"models": "openai:gpt-5-mini", "models.judge": "openai:strict,anthropic:strict"}
                workspaces.change(session, both.owner, both.id, None, named)
            task_id = generated(both)["judging"][0]
            found = judged(both, at(both, task_id).request["piece_id"])
        finally:
            home.close()
        assert (found["judges"], other.calls) == (["anthropic:strict"], 6)
        assert server.calls == 1


def test_any_text_is_judged_and_not_kept(alice: Tenant) -> None:
    loose = guarding.Loose({"body": POOR})
    run = tries.begun(alice, guarding.ask_text, loose)
    assert at(alice, run.task_id).request["contents"]["A"]["body"] == POOR
    with alice.reading() as session, pytest.raises(errors.Conflict):
        judging.verdict_of(session, run.task_id)
    run.done()
    with alice.reading() as session:
        found = judging.verdict_of(session, run.task_id)
        assert runs.last(session, run.task_id).status == "success"  # type: ignore[union-attr]
    assert (found["method"], found["judge_score"], found["voice_score"]) == ("rules+judge", 0.5, 0.5)
    assert at(alice, run.task_id).request["contents"] == {}
    assert "faithful" not in {each["criterion"] for each in found["criteria"]}


def test_any_text_whose_judge_fails_has_the_verdict_of_the_rules(alice: Tenant, server: OpenAIServer) -> None:
    server.faults.append("401")
    run = tries.begun(alice, guarding.ask_text, guarding.Loose({"body": GOOD}))
    run.write()
    run.finish()
    with alice.reading() as session:
        found = judging.verdict_of(session, run.task_id)
    assert (found["method"], found["judge"], found["passed"]) == ("rules", "failed", True)
    assert at(alice, run.task_id).request["contents"] == {}
    judge(alice, "")
    with pytest.raises(errors.Conflict) as caught, alice.writing() as session:
        guarding.ask_text(session, alice.owner, guarding.Loose({"body": GOOD}))
    assert caught.value.code == "no_judge"
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        guarding.ask_text(session, alice.actor(Role.VIEWER), guarding.Loose({"body": GOOD}))
