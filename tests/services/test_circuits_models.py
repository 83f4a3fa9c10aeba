"""Regenerations by models on loopback: good ones, useless ones, and ones that go against what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regrow.services import circuit_replays
from regrow.store import runs as run_store
from regrow.testing.openai_server import OpenAIServer
from tests import circuits as lost
from tests import homes
from tests.homes import Tenant

KEY = "sk-test-circuits"
BAD = ["fault-same", "fault-same-as-last", "fault-empty", "fault-orders", "fault-malformed", "fault-wrong-labels"]
"""The parent unchanged, the winner's text, nothing, an order to publish, half an answer, another label."""


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        yield running


@pytest.fixture
def alice(database_kind: str, tmp_path: Path, server: OpenAIServer) -> Iterator[Tenant]:
    """Her installation writes offline; which models regenerate, review and judge is set by each test."""
    with homes.with_models(database_kind, tmp_path / "home", server.base_url, KEY) as found:
        yield found


def agrees(alice: Tenant, event_id: str) -> bool:
    with alice.reading() as session:
        return circuit_replays.replay(session, event_id).is_same


@pytest.mark.parametrize("medium", ["blog", "social", "email"])
def test_a_model_writes_it_again_from_what_the_test_showed(alice: Tenant, server: OpenAIServer, medium: str) -> None:
    made = lost.lost(alice, medium)
    lost.setting(alice, models__regenerate_variant="openai:quick")
    run = lost.under_way(alice, made, regeneration_instructions="Lead with the number.")
    done = run.done()
    assert done["status"] in ("registered", "cx05_failed"), done
    assert (done["cx08_approved"], done["cx06_generated"]) == (True, True)
    assert server.calls == 1
    (asked,) = server.asked
    body = str(lost.variant(alice, made.loser).content["body"])
    for told in ("replaced 1", "why it lost", lost.REASON, "Lead with the number.", body[:60]):
        assert told in asked.user, told
    assert "replaced 2" in asked.user
    event = run.event()
    assert event.cx06_generation_result is not None
    assert event.cx06_generation_result["template"] == "regenerate_variant"
    assert agrees(alice, event.id)


@pytest.mark.parametrize("model", BAD)
def test_what_is_no_new_text_fails_and_leaves_no_variant(alice: Tenant, server: OpenAIServer, model: str) -> None:
    made = lost.lost(alice)
    lost.setting(alice, models__regenerate_variant=f"openai:{model}")
    run = lost.under_way(alice, made)
    done = run.done()
    assert (done["success"], done["status"], done["new_variant_id"]) == (False, "failed", None), done
    assert (done["cx08_approved"], done["cx06_generated"], done["cx05_passed"]) == (True, False, False)
    assert done["cx05_score"] is None
    assert len(done["reason"]) > 20
    assert lost.variant(alice, made.loser).status == "loser"
    with alice.reading() as session:
        end = run_store.last(session, run.task_id)
        assert end is not None
        assert (end.phase, end.status) == ("DONE", "failed")
    assert agrees(alice, run.event_id)


@pytest.mark.parametrize("model", ["fault-500", "fault-401", "fault-429-120", "fault-drop-stream", "fault-quota"])
def test_a_model_that_is_away_ends_it_and_is_asked_once(alice: Tenant, server: OpenAIServer, model: str) -> None:
    made = lost.lost(alice)
    lost.setting(alice, models__regenerate_variant=f"openai:{model}")
    done = lost.under_way(alice, made).done()
    assert (done["success"], done["status"], done["cx06_generated"]) == (False, "failed", False)
    assert server.calls == 1
    lost.setting(alice, models__regenerate_variant="")
    assert lost.under_way(alice, made).done()["success"]


def test_a_model_may_object_and_nothing_is_written(alice: Tenant, server: OpenAIServer) -> None:
    made = lost.lost(alice)
    lost.setting(alice, models__review="openai:fault-veto")
    run = lost.under_way(alice, made, regeneration_instructions="Shorter.")
    done = run.done()
    assert (done["status"], done["cx08_approved"], done["cx06_generated"]) == ("cx08_rejected", False, False)
    assert done["reason"] == "the reviewing model: It would lose again: ask for another angle."
    assert server.calls == 1
    (asked,) = server.asked
    assert "instructions" in asked.user
    assert "Shorter." in asked.user
    assert agrees(alice, run.event_id)


def test_a_model_that_does_not_object_lets_it_go_on(alice: Tenant, server: OpenAIServer) -> None:
    lost.setting(alice, models__review="openai:quick")
    run = lost.under_way(alice, lost.lost(alice))
    assert run.done()["success"], run.result()
    signal = run.event().cx08_approval_signal or {}
    assert signal["opinion"]["veto"] is False
    assert (server.calls, agrees(alice, run.event_id)) == (1, True)


def test_what_the_rules_refuse_is_not_asked_of_any_model(alice: Tenant, server: OpenAIServer) -> None:
    lost.setting(alice, models__review="openai:quick")
    done = lost.under_way(alice, lost.lost(alice), regeneration_instructions="Publish it now.").done()
    assert (done["status"], server.calls) == ("cx08_rejected", 0)


@pytest.mark.parametrize("model", ["fault-500", "fault-empty", "fault-unsaid-veto", "fault-ignores-schema"])
def test_a_reviewer_that_fails_ends_it(alice: Tenant, server: OpenAIServer, model: str) -> None:
    lost.setting(alice, models__review=f"openai:{model}")
    done = lost.under_way(alice, lost.lost(alice)).done()
    assert (done["success"], done["status"], done["cx08_approved"]) == (False, "failed", False)
    assert server.calls >= 1


def test_an_offline_reviewer_is_none(alice: Tenant, server: OpenAIServer) -> None:
    lost.setting(alice, models__review="offline:extractive")
    assert lost.under_way(alice, lost.lost(alice)).done()["success"]
    assert server.calls == 0


def test_a_judge_is_asked_after_the_rules_and_may_refuse(alice: Tenant, server: OpenAIServer) -> None:
    made, other = lost.lost(alice), lost.lost(alice)
    lost.setting(alice, models__judge="openai:strict")
    run = lost.under_way(alice, made)
    done = run.done()
    assert server.calls == 3
    assert done["status"] in ("registered", "cx05_failed")
    found = run.event().cx05_validation_result or {}
    assert found["method"] == "rules+judge"
    assert len(found["judge"]["judges"]) == 1
    assert agrees(alice, run.event_id)
    lost.setting(alice, models__judge="openai:fault-500")
    failed = lost.under_way(alice, other).done()
    assert (failed["status"], failed["cx06_generated"], failed["cx05_passed"]) == ("failed", True, False)
    assert failed["new_variant_id"] is None
