"""What a trigger's run writes: everything at once, beside what is out; or nothing, and the trigger stands as before."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from regrow.domain import likeness
from regrow.kit import errors
from regrow.services import experiments, pieces, runs
from regrow.store import audit
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store import runs as run_store
from regrow.store.tables.content import Generation, Piece, PieceVersion
from regrow.store.tables.regenerating import Try
from regrow.testing import openai_analyst, openai_answers
from regrow.testing.openai_server import OpenAIServer
from tests import judges
from tests import triggers as made
from tests.homes import Tenant

alice, server = judges.alice, judges.server
"""Offline unless a test names a model; the server on loopback is there for those that do."""


@pytest.fixture(autouse=True)
def _no_judge(alice: Tenant) -> None:
    judges.judge(alice, "")


@pytest.mark.parametrize("medium", ["blog", "social", "email"])
def test_new_versions_of_every_label_wait_beside_what_is_out(alice: Tenant, medium: str) -> None:
    out = made.low(alice, medium)
    before = made.variants(alice, out)
    run = made.fired(alice, out)
    done = run.done()
    assert made.statuses(alice, out) == made.LIVE_AND_NEW
    new = made.variants(alice, out)[2:]
    assert [row.parent_variant_id for row in new] == [row.id for row in before]
    assert done["variant_ids"] == [row.id for row in new]
    for row in new:
        assert likeness.most(row.content["body"], [old.content["body"] for old in before]) < likeness.MOST_SIMILAR
    assert [row.content for row in made.variants(alice, out)[:2]] == [row.content for row in before]
    piece = made.piece(alice, out)
    assert (piece.status, piece.version, piece.origin) == ("draft", 2, "offline-extractive")
    assert (piece.guard or {})["passed"] is done["guard_passed"] is True
    assert made.stands(alice, out) is None
    with alice.reading() as session:
        version = session.get_one(PieceVersion, (out.piece_id, 2))
        generation = session.get_one(Generation, piece.generation_id)
        assert session.scalars(select(Try.task_id)).all() == []
    assert (version.how, version.by, generation.status) == ("trigger", f"write_{medium}", "draft")
    assert version.provenance["trigger"] == {
        "trigger_id": done["trigger_id"],
        "task_id": run.task_id,
        "condition": "likes < 5",
        "triggered": ["A"],
    }
    assert made.calls_of(alice, run.task_id) == ["analyse", f"write_{medium}"]


def test_the_analysis_is_told_with_the_run_and_kept_out_of_the_audit(alice: Tenant) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    analysis = run.done()["analysis"]
    assert set(analysis) == {"root_cause", "ab_comparison", "strategy", "written_by", "model", "facts"}
    assert (analysis["written_by"], analysis["model"]) == ("template", "offline-extractive")
    assert analysis["facts"][0] == "The condition was likes < 5. It was met by A."
    assert "62 percent below B" in analysis["ab_comparison"]
    assert made.piece(alice, out).provenance["analysis"]["root_cause"] == analysis["root_cause"]
    with alice.reading() as session:
        rows = audit.page(session, 100).items
    told = [row for row in rows if row.subject_id in (run.task_id, out.piece_id)]
    assert {"trigger.done", "piece.rewritten"} <= {row.action for row in told}
    assert not any("root_cause" in str(row.detail) for row in rows)
    assert [row.kind for row in made.history(alice, out)] == ["set", "fired", "written"]


def test_what_is_usual_is_that_of_other_posts_of_the_same_kind(alice: Tenant) -> None:
    made.usual(alice, 5, likes=12, reach=400)
    for other in (made.out(alice, platform="mastodon"), made.out(alice, "blog")):
        made.tell(alice, other, {"A": {"likes": 900, "reach": 900}})
    out = made.low(alice)
    analysis = made.fired(alice, out).done()["analysis"]
    assert (
        "Usual here (social on x) is likes 12, the median of 5 posts; A is 75 percent below that."
        in (analysis["facts"])
    )
    assert "Fewer people saw it than usual (reach)" in analysis["root_cause"]


def test_it_fires_once_and_can_be_set_anew(alice: Tenant) -> None:
    out = made.low(alice)
    made.fired(alice, out).done()
    assert made.check(alice) == {"checked": 0, "triggered": [], "skipped": []}
    made.put(alice, out)
    assert [each["reason"].split(":")[0] for each in made.check(alice)["skipped"]] == ["not_out"]


def test_a_declared_winner_is_kept_and_the_other_label_gets_a_challenger(alice: Tenant) -> None:
    out = made.low(alice)
    made.crown(alice, out, "A")
    winner = made.variants(alice, out)[0]
    done = made.fired(alice, out).done()
    assert made.statuses(alice, out) == [("A", 1, "winner"), ("B", 1, "loser"), ("B", 2, "draft")]
    assert (made.variants(alice, out)[0].content, made.variants(alice, out)[2].parent_variant_id) == (
        winner.content,
        out.variants["B"],
    )
    assert "A was declared the winner of a test and stays as it is." in done["analysis"]["facts"]


def test_where_one_label_was_selected_only_that_one_is_written_anew(alice: Tenant) -> None:
    piece_id = made.written(alice)
    with alice.writing() as session:
        pieces.select(session, alice.owner, piece_id, "B")
    out = made.published(alice, piece_id)
    made.tell(alice, out, {"B": {"likes": 1}})
    made.put(alice, out)
    made.fired(alice, out).done()
    assert made.statuses(alice, out) == [("A", 1, "draft"), ("B", 1, "live"), ("B", 2, "draft")]


def test_running_experiments_of_the_piece_end_inconclusive(alice: Tenant) -> None:
    out = made.low(alice, "blog")
    with alice.writing() as session:
        asked = {"piece_id": out.piece_id, "source": "outside", "minimum_hours": 24}
        first = experiments.create(session, alice.owner, {**asked, "metric": "click_rate"}).id
        second = experiments.create(session, alice.owner, {**asked, "metric": "read_rate"}).id
    done = made.fired(alice, out).done()
    assert done["ended_experiments"] == [first, second]
    with alice.reading() as session:
        assert {experiments.found(session, id).status for id in (first, second)} == {"inconclusive"}
        decided = experiment_store.newest_evaluation(session, [first])[first]
    assert {row.decision for row in decided} == {"inconclusive"}
    assert made.statuses(alice, out) == made.LIVE_AND_NEW


def test_the_new_texts_pass_the_guard_or_it_says_why_not(alice: Tenant) -> None:
    out = made.low(alice)
    with alice.writing() as session:
        piece = session.get_one(Piece, out.piece_id)
        persona = session.get_one(Generation, piece.generation_id).persona_id
    alice.raw(f"""UPDATE personas SET guidelines = '{{"required": ["leviathan"]}}' WHERE id = '{persona}'""")
    done = made.fired(alice, out).done()
    assert done["guard_passed"] is False
    assert made.statuses(alice, out) == made.LIVE_AND_NEW
    with pytest.raises(errors.Conflict) as caught, alice.writing() as session:
        pieces.approve(session, alice.owner, out.piece_id)
    assert caught.value.code == "guard_failed"


def test_where_there_is_a_judge_it_is_asked_about_the_new_version(alice: Tenant) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    judges.judge(alice, "openai:strict")
    done = run.done()
    assert done["judging"] == [judges.guard(alice, out.piece_id)["judge_task_id"]]
    assert judges.judged(alice, out.piece_id)["method"] == "rules+judge"


def test_a_model_is_told_facts_and_texts_in_frames_and_the_writer_its_analysis(
    alice: Tenant, server: OpenAIServer
) -> None:
    out = made.low(alice, prompt="lead with the number of hours")
    for function in ("analyse", "write_social"):
        made.model(alice, function, "openai:quick")
    done = made.fired(alice, out).done()
    analysis = done["analysis"]
    assert (analysis["written_by"], analysis["model"]) == ("model", "openai:quick")
    analyst, writer = list(server.asked)[-2:]
    assert openai_analyst.facts(analyst.user) == tuple(analysis["facts"])
    assert "What the person who set the trigger wants\n\nlead with the number of hours" in analyst.user
    for row in made.variants(alice, out)[:2]:
        assert f"text {row.label}>>>\n{row.content['body']}" in analyst.user
        assert row.content["body"] in {text for _p, text in openai_answers.material("", writer.user).replaced}
    assert f"analysis>>>\nRoot cause: {analysis['root_cause']}" in writer.user
    assert 'The frame labelled "analysis" says how these texts did' in writer.system
    assert "lead with the number of hours" in writer.user
    assert made.statuses(alice, out) == made.LIVE_AND_NEW


def test_without_a_trigger_the_writer_is_told_of_no_analysis(alice: Tenant, server: OpenAIServer) -> None:
    made.model(alice, "write_social", "openai:quick")
    made.written(alice)
    (asked,) = server.asked
    assert "analysis" not in asked.system + asked.user


def test_a_run_that_ended_is_not_ended_again(alice: Tenant) -> None:
    out = made.low(alice)
    run = made.fired(alice, out)
    run.done()
    assert run.finish() == "ended before"
    assert made.statuses(alice, out) == made.LIVE_AND_NEW
    with alice.reading() as session:
        end = run_store.last(session, run.task_id)
        assert (end.status if end else "", runs.outcome(session, run.task_id) is not None) == ("success", True)
        assert len(content_store.versions(session, [out.piece_id])) == 2
