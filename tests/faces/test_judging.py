"""The judge over HTTP: a version that waits for it, any text, its doubt in the queue, and a judge that fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from regrow.testing.openai_server import OpenAIServer
from tests.faces.conftest import Face, is_problem, opened

PATIENCE_SECONDS = 60
KEY = "sk-test-judge-http"
GOOD = "Weigh the flour, let the dough rest for an hour, and bake it hot."
POOR = "This revolutionary, seamless dough rests by itself. Bake it hot."


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[KEY]) as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def face(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model: OpenAIServer
) -> Iterator[Face]:
    """A workspace that names a judge."""
    more = {"openai_api_key": SecretStr(KEY), "openai_base_url": model.base_url}
    with opened(request.param, tmp_path_factory.mktemp("home"), **more) as face:
        set_judge(face, "openai:strict")
        yield face


def set_judge(face: Face, named: str) -> None:
    answer = face.call("PATCH", f"/api/workspaces/{face.alice.id}", json={"settings": {"models.judge": named}})
    assert answer.status_code == 200, answer.text


def piece(face: Face, id: str) -> dict[str, Any]:
    found: dict[str, Any] = face.call("GET", f"/api/content/pieces/{id}").json()
    return found


def judged(face: Face, id: str) -> dict[str, Any]:
    """The guard of a piece, once its judge has ended."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        guard: dict[str, Any] = piece(face, id)["guard"]
        if guard["judge"] != "pending":
            return guard
        time.sleep(0.05)
    raise AssertionError(f"the judge of {id} did not end")


def calls_about(model: OpenAIServer, text: str) -> int:
    """Calls so far. Runs of other tests may still be in the air: only those about this text count."""
    return sum(text in each.user for each in list(model.asked))


def post(face: Face) -> str:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1}
    (found,) = face.made("/api/content/generate", asked)["pieces"]
    return str(found["id"])


def edit(face: Face, id: str, body: str) -> dict[str, Any]:
    answer = face.call("PATCH", f"/api/content/pieces/{id}", "editor", json={"body": body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_generated_changed_restored_and_checked_again_is_judged(face: Face) -> None:
    id = post(face)
    assert judged(face, id)["method"] == "rules+judge"
    assert edit(face, id, POOR)["guard"]["judge"] == "pending"
    bad = judged(face, id)
    assert (bad["passed"], bad["voice_score"]) == (False, 0.0)
    refused = face.call("POST", f"/api/content/pieces/{id}/approve", "reviewer", json={})
    assert is_problem(refused, 409, "guard_failed")
    restored = face.call("POST", f"/api/content/pieces/{id}/restore", "editor", json={"version": 1})
    assert restored.json()["guard"]["judge"] == "pending"
    assert judged(face, id)["passed"] is True
    again = face.call("POST", f"/api/content/pieces/{id}/guard", "editor")
    assert again.json()["guard"]["judge"] == "pending"
    assert judged(face, id)["judge"] == "done"
    new = face.call("POST", f"/api/content/pieces/{id}/regenerate", "editor", json={}).json()
    assert judged(face, new["id"])["judge"] == "done"


def test_the_run_of_a_judge_tells_its_progress_and_what_it_used(face: Face) -> None:
    id = post(face)
    task_id = judged(face, id)["judge_task_id"]
    told = face.call("GET", f"/api/task-progress/{task_id}/").json()
    assert (told["function"], told["phase"], told["status"]) == ("judge", "DONE", "success")
    used = face.call("GET", "/api/usage", params={"task_id": task_id}).json()["items"]
    assert [each["function"] for each in used] == ["judge"] * 6


def test_approval_while_the_judge_is_at_it(face: Face, model: OpenAIServer) -> None:
    id = post(face)
    judged(face, id)
    model.faults.append("slow-600s")
    edit(face, id, GOOD)
    refused = face.call("POST", f"/api/content/pieces/{id}/approve", "reviewer", json={})
    assert is_problem(refused, 409, "judge_pending")
    body = {"override": True, "reason": "It is wanted now"}
    assert is_problem(face.call("POST", f"/api/content/pieces/{id}/approve", "reviewer", json=body), 403)
    approved = face.call("POST", f"/api/content/pieces/{id}/approve", json=body)
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")


def test_doubt_is_shown_in_the_queue_and_skipped_in_bulk(face: Face, model: OpenAIServer) -> None:
    campaign = face.made("/api/campaigns", {"name": "Spring"})["id"]
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1, "campaign_id": campaign}
    (made,) = face.made("/api/content/generate", asked)["pieces"]
    judged(face, made["id"])
    set_judge(face, "openai:fault-judge-one-no")
    edit(face, made["id"], GOOD)
    assert judged(face, made["id"])["needs_person"] is True
    set_judge(face, "openai:strict")
    queue = face.call("GET", "/api/review", params={"campaign_id": campaign}).json()["items"]
    assert [each["guard"]["needs_person"] for each in queue] == [True]
    bulk = face.call("POST", f"/api/campaigns/{campaign}/approve", "reviewer").json()
    assert bulk["approved"] == []
    assert "a person" in bulk["skipped"][0]["reason"]
    approved = face.call("POST", f"/api/content/pieces/{made['id']}/approve", "reviewer", json={})
    assert approved.json()["status"] == "approved"


def test_any_text_is_judged_when_that_is_asked_for(face: Face, model: OpenAIServer) -> None:
    before = calls_about(model, "Loaf number nine")
    text = f"Loaf number nine. {POOR}"
    plain = face.call("POST", "/api/guard", "editor", json={"text": text, "medium": "social"}).json()
    assert (plain["method"], plain["judge"], calls_about(model, "Loaf number nine")) == ("rules", "none", before)
    assert "voice_score" not in plain
    found = face.call("POST", "/api/guard", "editor", json={"text": text, "medium": "social", "judge": True})
    assert found.status_code == 200, found.text
    verdict = found.json()
    assert (verdict["method"], verdict["passed"], verdict["voice_score"]) == ("rules+judge", False, 0.0)
    assert {each["quote"] for each in verdict["findings"]} == {"revolutionary"}
    assert calls_about(model, "Loaf number nine") == before + 3
    later = face.call("POST", "/api/guard?wait=false", "editor", json={"text": GOOD, "judge": True})
    assert later.status_code == 202
    assert later.json()["status_url"].startswith("/api/task-progress/")


def test_a_judge_that_fails_leaves_any_text_to_the_rules(face: Face) -> None:
    set_judge(face, "openai:fault-401")
    try:
        found = face.call("POST", "/api/guard", "editor", json={"text": GOOD, "medium": "social", "judge": True}).json()
        assert (found["method"], found["judge"], found["passed"]) == ("rules", "failed", True)
        assert "key" in found["judge_detail"]
        set_judge(face, "")
        refused = face.call("POST", "/api/guard", "editor", json={"text": GOOD, "judge": True})
        assert is_problem(refused, 409, "no_judge")
    finally:
        set_judge(face, "openai:strict")


def test_a_repeated_request_is_judged_once(face: Face, model: OpenAIServer) -> None:
    before = calls_about(model, "Loaf number ten")
    asked = {"json": {"text": f"Loaf number ten. {GOOD}", "judge": True}, "headers": {"Idempotency-Key": "judge-once"}}
    first, second = (face.call("POST", "/api/guard", "editor", **asked) for _ in range(2))
    assert first.json() == second.json()
    assert calls_about(model, "Loaf number ten") == before + 3


def test_a_budget_keeps_a_judge_without_a_price_from_being_asked(face: Face, model: OpenAIServer) -> None:
    before = calls_about(model, "Loaf number eleven")
    id = post(face)
    judged(face, id)
    workspace = f"/api/workspaces/{face.alice.id}"
    face.call("PATCH", workspace, json={"settings": {"budget_usd_per_month_cents": 100}})
    try:
        edit(face, id, f"Loaf number eleven. {GOOD}")
        found = judged(face, id)
    finally:
        face.call("PATCH", workspace, json={"settings": {"budget_usd_per_month_cents": 0}})
    assert (found["judge"], found["method"], calls_about(model, "Loaf number eleven")) == ("failed", "rules", before)
    assert "no price is known" in found["judge_detail"]
