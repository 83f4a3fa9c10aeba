"""Regenerations over HTTP: the fixed shapes, every refusal, who may, and what is kept of repeated requests."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from regrow.kit import ids
from regrow.services import circuits
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from tests import circuits as lost
from tests.faces.conftest import Face, is_problem, wait_for

PLACE = "/api/circuits/content"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
RESULT = {
    *("success", "regeneration_event_id", "new_variant_id", "status", "cx08_approved", "cx06_generated", "cx05_passed"),
    *("cx05_score", "duration_ms", "reason"),
}


@pytest.fixture
def made(face: Face) -> lost.Lost:
    return lost.lost(face.alice)


def asked(face: Face, body: Any, role: str = "editor", **more: Any) -> Any:
    return face.call("POST", f"{PLACE}/regenerate", role, json=body, **more)


def refused(face: Face, answer: Any, status: int) -> str:
    """The error, when the answer has the fixed shape and nothing else."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) - {"violations"} == {"error", "workspace_id", "timestamp"}
    assert (body["workspace_id"], bool(TIME.fullmatch(body["timestamp"]))) == (face.alice.id, True)
    return str(body["error"])


def audited(face: Face) -> int:
    with face.alice.reading() as session:
        rows = select(func.count(AuditRow.id)).where(AuditRow.action == "regeneration.refused")
        return session.scalar(rows) or 0


def events(face: Face) -> int:
    with face.alice.reading() as session:
        return session.scalar(select(func.count(Event.id))) or 0


def which(made: lost.Lost, **changes: str) -> dict[str, str]:
    return {"abTestId": made.test_id, "variantId": made.loser, **changes}


def test_a_loser_is_written_again_and_told_of(face: Face, made: lost.Lost) -> None:
    answer = asked(face, made.body(), params={"workspaceId": face.alice.id})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"workspace_id", "regeneration_result", "timestamp"}
    result = body["regeneration_result"]
    assert set(result) == RESULT
    assert (result["success"], result["status"], body["workspace_id"]) == (True, "registered", face.alice.id)
    assert result["cx05_score"] >= 0.8
    assert isinstance(result["duration_ms"], int)
    assert "draft until somebody approves it" in result["reason"]
    piece = face.call("GET", f"/api/content/pieces/{made.piece_id}").json()
    new = next(each for each in piece["variants"] if each["id"] == result["new_variant_id"])
    assert (new["label"], new["status"], new["parent_variant_id"]) == ("B", "draft", made.loser)
    _lineage(face, made, result)
    again = asked(face, made.body())
    assert refused(face, again, 403).startswith("Not eligible for regeneration: cooldown_period_active: 48 hours")
    found = face.call("GET", f"{PLACE}/eligibility", "viewer", params=which(made)).json()
    assert (found["eligible"], found["regenerations_count"], found["cooldown_remaining_hours"]) == (False, 1, 48.0)


def _lineage(face: Face, made: lost.Lost, result: dict[str, Any]) -> None:
    answer = face.call("GET", f"{PLACE}/lineage", "viewer", params=which(made))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["workspace_id"], body["ab_test_id"], body["variant_id"]) == (face.alice.id, made.test_id, made.loser)
    assert (body["lineage"]["parents"], body["lineage"]["total_parents"], body["lineage"]["total_children"]) == (
        [],
        0,
        1,
    )
    (child,) = body["lineage"]["children"]
    assert (child["child_variant_id"], child["parent_variant_id"], child["depth"]) == (
        *(result["new_variant_id"], made.loser),
        1,
    )
    assert body["regeneration_history"]["total_events"] == 1
    (event,) = body["regeneration_history"]["recent_events"]
    assert set(event) == {
        *("event_id", "status", "parent_variant", "child_variant", "confidence_score", "performance_delta"),
        *("cx08_approved", "cx06_generated", "cx05_passed", "cx05_score", "initiated_at", "completed_at"),
        "duration_ms",
    }
    assert (event["event_id"], event["status"]) == (result["regeneration_event_id"], "registered")
    assert TIME.fullmatch(body["timestamp"])
    assert TIME.fullmatch(event["completed_at"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (
            {"confidence_score": None, "performance_delta": None},
            "Missing required fields: confidence_score, performance_delta",
        ),
        ({"confidence_score": 1.5}, "confidence_score: must be a number from 0 to 1"),
        ({"performance_delta": "-1"}, "performance_delta: must be a number"),
        ({"termination_reason": ""}, "termination_reason: must be a non-empty string"),
        ({"generated_by": "robot"}, "generated_by: must be one of automated, manual"),
        (
            {"ab_test_id": None, "losing_variant_id": 7, "generated_by": "robot"},
            "Missing required fields: ab_test_id; losing_variant_id: must be a non-empty string; "
            "generated_by: must be one of automated, manual",
        ),
    ],
)
def test_a_request_that_is_wrong_is_told_word_for_word(
    face: Face, made: lost.Lost, changes: dict[str, Any], error: str
) -> None:
    before, there = audited(face), events(face)
    assert refused(face, asked(face, made.body(**changes)), 400) == error
    assert (audited(face), events(face)) == (before + 1, there)


@pytest.mark.parametrize("content", [b"{", b"[1, 2]", b"null", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'"x"'])
def test_what_is_no_request_at_all_has_the_same_shape(face: Face, content: bytes) -> None:
    before = audited(face)
    headers = {"content-type": "application/json"}
    assert refused(face, face.call("POST", f"{PLACE}/regenerate", content=content, headers=headers), 400)
    assert audited(face) == before + 1


def test_an_empty_body_and_another_type(face: Face) -> None:
    told = refused(face, face.call("POST", f"{PLACE}/regenerate"), 400)
    assert told.startswith("Missing required fields: ab_test_id, losing_variant_id, circuit_execution_id")
    other = face.call("POST", f"{PLACE}/regenerate", content=b"<x/>", headers={"content-type": "text/xml"})
    assert "application/json" in refused(face, other, 400)


def test_all_violations_are_told_at_once(face: Face, made: lost.Lost) -> None:
    before, there = audited(face), events(face)
    answer = asked(face, made.body(circuit_execution_id="cxe_none", confidence_score=0.9, performance_delta=0))
    error = refused(face, answer, 403)
    codes = ["cx09_termination_not_found", "confidence_below_threshold", "delta_not_negative"]
    assert [each.partition(": ")[0] for each in answer.json()["violations"]] == codes
    assert error == f"Not eligible for regeneration: {'; '.join(answer.json()['violations'])}"
    assert (audited(face), events(face)) == (before + 1, there)


def test_one_at_a_time(face: Face, made: lost.Lost) -> None:
    lost.under_way(face.alice, made)
    answer = asked(face, made.body())
    assert refused(face, answer, 409) == "A regeneration is already running for this test"
    assert "violations" not in answer.json()


def test_a_veto_is_an_answer_and_no_error(face: Face, made: lost.Lost) -> None:
    answer = asked(face, made.body(regeneration_instructions="Publish it at once."))
    assert answer.status_code == 200
    result = answer.json()["regeneration_result"]
    assert set(result) == RESULT
    told = (result["success"], result["status"], result["new_variant_id"], result["cx05_score"])
    assert told == (False, "cx08_rejected", None, None)
    assert "ask to publish" in result["reason"]


def test_who_does_not_wait_is_told_where_to_look(face: Face, made: lost.Lost) -> None:
    answer = asked(face, made.body(), params={"wait": "false"})
    assert answer.status_code == 202
    told = answer.json()
    wait_for(face.alice, told["task_id"])
    done = face.call("GET", told["status_url"]).json()
    assert (done["status"], done["function"]) == ("success", "circuit")
    assert done["result"]["new_variant_id"].startswith("var_")


def test_the_same_request_again_is_the_same_regeneration(face: Face, made: lost.Lost) -> None:
    headers = {"Idempotency-Key": ids.new("key")}
    first, again = (asked(face, made.body(), headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    other = asked(face, made.body(confidence_score=0.96), headers=headers)
    assert is_problem(other, 422, "idempotency_key_reused")


def test_refusals_are_not_kept_for_repeated_requests(face: Face, made: lost.Lost) -> None:
    headers = {"Idempotency-Key": ids.new("key")}
    run = lost.under_way(face.alice, made, regeneration_instructions="Publish it.")
    assert asked(face, made.body(), headers=headers).status_code == 409
    run.done()
    assert asked(face, made.body(), headers=headers).status_code == 200


def test_who_may(face: Face, made: lost.Lost) -> None:
    assert is_problem(asked(face, made.body(), "viewer"), 403, "role_too_low")
    assert is_problem(asked(face, made.body(), "none"), 401)
    assert is_problem(asked(face, made.body(), params={"workspaceId": face.charlie.id}), 404)


def test_a_stranger_learns_nothing(face: Face, made: lost.Lost) -> None:
    theirs = asked(face, made.body(), "stranger")
    names = {"ab_test_id": "exp_none", "losing_variant_id": "var_none", "circuit_execution_id": "cxe_none"}
    unknown = asked(face, made.body(**names), "stranger")
    assert theirs.status_code == unknown.status_code == 403
    assert theirs.json()["violations"] == unknown.json()["violations"]
    assert theirs.json()["violations"][0].startswith("variant_not_found: ")
    pairs = (which(made), which(made, abTestId="exp_none", variantId="var_none"))
    found = [face.call("GET", f"{PLACE}/eligibility", "stranger", params=each) for each in pairs]
    assert found[0].status_code == 200
    assert found[0].json() == found[1].json()
    assert (found[0].json()["eligible"], found[0].json()["variant_exists"]) == (False, False)
    lines = [face.call("GET", f"{PLACE}/lineage", "stranger", params=each) for each in pairs]
    assert [each.status_code for each in lines] == [404, 404]
    assert {each.json()["error"] for each in lines} == {"there is no such variant in such a test here"}


@pytest.mark.parametrize("route", ["eligibility", "lineage"])
def test_reads_name_what_is_missing(face: Face, made: lost.Lost, route: str) -> None:
    place = f"{PLACE}/{route}"
    assert refused(face, face.call("GET", place), 400) == "Missing required fields: abTestId, variantId"
    some = face.call("GET", place, params={"abTestId": made.test_id})
    assert refused(face, some, 400) == "Missing required fields: variantId"
    assert refused(face, face.call("GET", place, params=which(made, variantID="x")), 400)
    assert refused(face, face.call("GET", place, params=which(made, variantId="x" * 201)), 400)


def test_an_automatic_test_begins_by_itself(face: Face) -> None:
    """Switched on by a change, decided over HTTP, started after the decision is stored."""
    piece_id = lost.written(face.alice)
    told = {"piece_id": piece_id, "metric": "click_rate", "source": "outside", "is_automatic": False}
    test = face.made("/api/experiments", told)
    assert test["is_automatic"] is False
    place = f"/api/experiments/{test['id']}"
    changed = face.call("PATCH", place, "editor", json={"is_automatic": True})
    assert (changed.status_code, changed.json()["is_automatic"]) == (200, True)
    variants = {arm["label"]: arm["variant_id"] for arm in test["arms"]}
    decision = {"variant_id": variants["B"], "decision": "terminate", "confidence": 0.97, "delta": -0.2}
    decision |= {"evidence": "randomised", "reason": "B is read less.", "source": "acme"}
    made = face.made(f"{place}/decisions", decision)
    event_id = circuits.automatic_id(made["circuit_execution_id"])
    wait_for(face.alice, circuits.task_of(event_id))
    event = lost.event_of(face.alice, event_id)
    assert (event.status, event.generated_by) == ("registered", "automated")
