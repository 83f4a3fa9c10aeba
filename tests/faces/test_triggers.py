"""Triggers over HTTP: exactly as contracts have them, with what is out served until somebody approves what is new."""

from __future__ import annotations

import math
from typing import Any

import pytest

from regrow.services import publishing
from regrow.store.tables.content import Piece
from tests import published
from tests import triggers as made
from tests.faces.conftest import Face, is_problem
from tests.triggers import Out
from tests.vaults import wait_for

PLAIN = {"trigger_condition": "likes", "trigger_comparison": "<", "trigger_value": 5}
SHOWN = {"trigger_condition", "trigger_comparison", "trigger_value", "trigger_prompt", "id", "status", "set_by"}
SHOWN |= {"set_at", "failures", "retry_at", "task_id"}


def place(out: Out) -> str:
    return f"/api/content/pieces/{out.piece_id}/trigger"


@pytest.fixture(scope="module")
def calm(face: Face) -> Out:
    """A piece that is out and whose numbers are good."""
    out = made.out(face.alice)
    made.tell(face.alice, out, {"A": {"likes": 50}, "B": {"likes": 60}})
    return out


def test_a_trigger_is_put_shown_and_deleted(face: Face, calm: Out) -> None:
    answer = face.call("PUT", place(calm), "editor", json={**PLAIN, "trigger_prompt": "shorter"})
    assert answer.status_code == 200, answer.text
    trigger = answer.json()["trigger"]
    assert set(trigger) == SHOWN
    assert {name: trigger[name] for name in PLAIN} == PLAIN
    assert (trigger["trigger_prompt"], trigger["status"], trigger["task_id"]) == ("shorter", "set", None)
    read = face.call("GET", f"/api/content/pieces/{calm.piece_id}", "viewer").json()
    assert read["trigger"] == trigger
    listed = [each for each in face.call("GET", "/api/triggers").json()["items"] if each["piece_id"] == calm.piece_id]
    assert listed == [{**trigger, "piece_id": calm.piece_id}]
    again = face.call("DELETE", place(calm), "editor")
    assert (again.status_code, again.json()["trigger"]) == (200, None)
    assert face.call("DELETE", place(calm), "editor").status_code == 200
    told = face.call("GET", "/api/triggers/history", params={"piece_id": calm.piece_id}).json()["items"]
    assert [each["kind"] for each in told][-2:] == ["set", "cleared"]


@pytest.mark.parametrize("metric", "likes comments shares saves clicks impressions reach views engagement_rate".split())
@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "=="])
def test_every_metric_and_comparison_of_the_contract_is_taken(
    face: Face, calm: Out, metric: str, comparison: str
) -> None:
    body = {"trigger_condition": metric, "trigger_comparison": comparison, "trigger_value": 1.5}
    assert face.call("PUT", place(calm), json=body).json()["trigger"]["trigger_value"] == 1.5
    face.call("DELETE", place(calm))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"trigger_value": "5"}, "trigger_value"),
        ({"trigger_value": -1}, "trigger_value"),
        ({"trigger_value": None}, "trigger_value"),
        ({"trigger_value": True}, "trigger_value"),
        ({"trigger_value": 1e17}, "trigger_value"),
        ({"trigger_value": [5]}, "trigger_value"),
        ({"trigger_condition": "applause"}, "trigger_condition"),
        ({"trigger_condition": ""}, "trigger_condition"),
        ({"trigger_condition": 5}, "trigger_condition"),
        ({"trigger_comparison": "!="}, "trigger_comparison"),
        ({"trigger_comparison": "less"}, "trigger_comparison"),
        ({"trigger_prompt": "x" * 2_001}, "trigger_prompt"),
        ({"trigger_prompt": 7}, "trigger_prompt"),
        ({"trigger_prompt": "a\u0001b"}, "trigger_prompt"),
        ({"trigger_metric": "likes"}, "trigger_metric"),
    ],
)
def test_what_is_off_is_named_with_its_rule(face: Face, calm: Out, changes: dict[str, Any], field: str) -> None:
    answer = face.call("PUT", place(calm), json={**PLAIN, **changes})
    assert is_problem(answer, 400)
    assert field in answer.text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(face: Face, calm: Out, value: str) -> None:
    text = f'{{"trigger_condition": "likes", "trigger_comparison": "<", "trigger_value": {value}}}'
    answer = face.call("PUT", place(calm), content=text, headers={"content-type": "application/json"})
    assert is_problem(answer, 400)
    assert not math.isfinite(float(value))


@pytest.mark.parametrize("missing", sorted(PLAIN))
def test_what_is_missing_is_named(face: Face, calm: Out, missing: str) -> None:
    answer = face.call("PUT", place(calm), json={name: PLAIN[name] for name in PLAIN if name != missing})
    assert is_problem(answer, 400)
    assert missing in answer.text


@pytest.mark.parametrize("way", ["GET /api/check_trigger/", "GET /api/check_trigger", "POST /api/triggers/check"])
def test_a_check_fires_and_its_task_tells_the_analysis(face: Face, way: str) -> None:
    out = made.low(face.alice)
    method, path = way.split()
    campaign = face.made("/api/campaigns", {"name": "c"})["id"]
    with face.alice.writing() as session:
        session.get_one(Piece, out.piece_id).campaign_id = campaign
    more = {"params": {"campaign_id": campaign}} if method == "GET" else {"json": {"campaign_id": campaign}}
    answer = face.call(method, path, "editor", **more)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (found,) = body["triggered"]
    assert (body["checked"], body["skipped"]) == (1, [])
    assert set(found) == {"piece_id", "triggered_variants", "metrics", "task_id"}
    assert (found["piece_id"], found["triggered_variants"]) == (out.piece_id, ["A"])
    assert found["metrics"]["A"] == {"likes": 3, "reach": 120, "engagement_rate": 2.5}
    assert wait_for(face.alice, found["task_id"]).status == "success"
    told = face.call("GET", f"/api/task-progress/{found['task_id']}/").json()
    assert {"root_cause", "ab_comparison", "strategy"} <= set(told["result"]["analysis"])
    piece = face.call("GET", f"/api/content/pieces/{out.piece_id}").json()
    assert (piece["status"], piece["trigger"], piece["version"]) == ("draft", None, 2)
    assert [(each["label"], each["version"], each["status"]) for each in piece["variants"]] == [
        ("A", 2, "draft"),
        ("B", 2, "draft"),
    ]
    told = face.call("GET", f"/api/content/pieces/{out.piece_id}/history").json()["items"]
    assert [(each["version"], each["how"]) for each in told] == [(1, "written"), (2, "trigger")]


def test_without_metrics_it_is_skipped_in_the_very_word_of_the_contract(face: Face) -> None:
    out = made.out(face.alice)
    made.put(face.alice, out)
    skipped = face.call("GET", "/api/check_trigger/", params={"campaign_id": ""}).json()["skipped"]
    assert {"piece_id": out.piece_id, "reason": "no_metrics"} in skipped
    face.call("DELETE", place(out))


def test_an_unknown_campaign_is_not_found(face: Face) -> None:
    assert is_problem(face.call("GET", "/api/check_trigger/", params={"campaign_id": "cam_nobody"}), 404)
    assert is_problem(face.call("POST", "/api/triggers/check", json={"campaign_id": "cam_nobody"}), 404)
    assert is_problem(face.call("POST", "/api/triggers/check", json={"campaign": "x"}), 400)


def test_a_repeated_check_gives_the_first_answer_again(face: Face) -> None:
    out = made.low(face.alice)
    headers = {"Idempotency-Key": "check-once"}
    first = face.call("POST", "/api/triggers/check", headers=headers).json()
    assert [each["piece_id"] for each in first["triggered"]] == [out.piece_id]
    assert face.call("POST", "/api/triggers/check", headers=headers).json() == first
    assert wait_for(face.alice, first["triggered"][0]["task_id"]).status == "success"


def test_the_site_serves_what_is_out_until_somebody_approves_what_is_new(face: Face) -> None:
    press = published.press(face.alice)
    piece_id = made.written(face.alice, "blog", variants=1)
    with face.alice.writing() as session:
        planned = publishing.publish(
            session, face.alice.owner, face.home.outside, piece_id, press.channel_id, None
        ).posts
    assert face.call("POST", f"/api/posts/{planned[0].id}/move").status_code == 200
    post = face.call("GET", f"/api/posts/{planned[0].id}").json()
    assert post["status"] == "published", post
    page = f"/s/{press.slug}/{post['slug']}"
    before = face.client.get(page)
    assert before.status_code == 200
    out = Out(piece_id, {"A": post["variant_id"]}, {"A": post["id"]})
    made.tell(face.alice, out, {"A": {"views": 3}})
    made.put(face.alice, out, "views < 5")
    (found,) = [e for e in face.call("GET", "/api/check_trigger/").json()["triggered"] if e["piece_id"] == piece_id]
    assert wait_for(face.alice, found["task_id"]).status == "success"
    after = face.client.get(page)
    assert (after.status_code, after.text) == (200, before.text)
    piece = face.call("GET", f"/api/content/pieces/{piece_id}").json()
    assert (piece["status"], piece["variants"][0]["status"]) == ("draft", "draft")
    assert piece["body"] not in after.text
