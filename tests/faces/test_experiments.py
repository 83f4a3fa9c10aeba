"""Experiments over HTTP, exactly as contracts have them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest

from regrow.kit import clock
from tests import visits as seen
from tests.faces.conftest import Face, is_problem

SVG = "{http://www.w3.org/2000/svg}"


def begun(face: Face, **more: Any) -> dict[str, Any]:
    shown = seen.piece(face.alice)
    asked = {"piece_id": shown.piece_id, "metric": "click_rate", "kind": "proportion", "minimum_hours": 24, **more}
    return face.made("/api/experiments", asked, "editor")


def batch(made: dict[str, Any], number: int, counts: dict[str, tuple[int, int]]) -> dict[str, Any]:
    ids = {arm["label"]: arm["variant_id"] for arm in made["arms"]}
    at = clock.iso(clock.now() - timedelta(days=5) + timedelta(hours=number))
    arms = [{"variant_id": ids[label], "exposures": n, "conversions": x} for label, (n, x) in counts.items()]
    return {"batch_id": f"b{number}", "at": at, "arms": arms}


def tell(face: Face, made: dict[str, Any], hours: int, a: int = 40, b: int = 20) -> None:
    for number in range(hours):
        said = batch(made, number, {"A": (400, a), "B": (400, b)})
        answer = face.call("POST", f"/api/experiments/{made['id']}/observations", "editor", json=said)
        assert (answer.status_code, answer.json()) == (200, {"accepted": True, "duplicate": False})


def test_from_the_beginning_to_a_decision(face: Face) -> None:
    made = begun(face)
    assert made["status"] == "running"
    assert {"id", "piece_id", "arms", "status"} <= made.keys()
    assert [(arm["label"], arm["share"]) for arm in made["arms"]] == [("A", 0.5), ("B", 0.5)]
    tell(face, made, 30)
    answer = face.call("POST", f"/api/experiments/{made['id']}/evaluate", "editor")
    found = answer.json()
    assert (answer.status_code, found["experiment_id"]) == (200, made["id"])
    by_label = {each["label"]: each for each in found["decisions"]}
    keys = "circuit_execution_id variant_id label decision confidence delta delta_low delta_high delta_shrunk evidence"
    assert set(f"{keys} n needed srm reason method".split()) <= by_label["B"].keys()
    assert (by_label["B"]["decision"], by_label["A"]["decision"]) == ("terminate", "promote")
    assert by_label["B"]["srm"].keys() == {"e_value", "flagged"}
    assert face.call("POST", f"/api/experiments/{made['id']}/evaluate", "editor").json() == found
    read = face.call("GET", f"/api/experiments/{made['id']}", "viewer").json()
    assert (read["status"], read["batches"], len(read["series"])) == ("concluded", 30, 2)
    assert read["series"][0]["points"][-1]["n"] == 30 * 400
    listed = face.call("GET", "/api/experiments", params={"piece_id": made["piece_id"]}).json()
    assert listed["items"] == [read]


def test_a_repeated_batch_and_a_changed_one(face: Face) -> None:
    made = begun(face)
    place = f"/api/experiments/{made['id']}/observations"
    said = batch(made, 1, {"A": (10, 1), "B": (10, 2)})
    assert face.call("POST", place, json=said).json()["duplicate"] is False
    assert face.call("POST", place, json=said).json() == {"accepted": True, "duplicate": True}
    said["arms"][0]["conversions"] = 2
    assert is_problem(face.call("POST", place, json=said), 409, "batch_differs")


@pytest.mark.parametrize(
    "change",
    [
        {"exposures": 1, "conversions": 2},
        {"exposures": -1, "conversions": 0},
        {"exposures": 10**12, "conversions": 0},
        {"exposures": 1.5, "conversions": 0},
        {"exposures": 1},
        {"exposures": 1, "conversions": 0, "n": 1},
        {"n": 1, "sum": 1.0, "sum_squares": 1.0},
        {"variant_id": "var_unknown", "exposures": 1, "conversions": 0},
    ],
    ids=str,
)
def test_bad_counts_are_400(face: Face, change: dict[str, Any]) -> None:
    made = begun(face)
    said = batch(made, 1, {"A": (10, 1)})
    said["arms"] = [{"variant_id": said["arms"][0]["variant_id"], **change}]
    answer = face.call("POST", f"/api/experiments/{made['id']}/observations", json=said)
    assert is_problem(answer, 400)
    assert answer.json()["problems"]


def test_the_future_is_400(face: Face) -> None:
    made = begun(face)
    said = {**batch(made, 1, {"A": (10, 1)}), "at": clock.iso(clock.now() + timedelta(hours=1))}
    answer = face.call("POST", f"/api/experiments/{made['id']}/observations", json=said)
    assert is_problem(answer, 400, "bad_observation")


def test_means_are_told_as_sums(face: Face) -> None:
    made = begun(face, metric="read_time", kind="mean")
    arms = [{"variant_id": arm["variant_id"], "n": 400, "sum": 40_000.0, "sum_squares": 5e6} for arm in made["arms"]]
    said = {**batch(made, 1, {}), "arms": arms}
    assert face.call("POST", f"/api/experiments/{made['id']}/observations", json=said).status_code == 200
    found = face.call("POST", f"/api/experiments/{made['id']}/evaluate").json()
    assert [each["n"] for each in found["decisions"]] == [400, 400]
    assert "100.00 of read time each" in found["decisions"][0]["reason"]


def test_a_decision_made_elsewhere(face: Face) -> None:
    made = begun(face)
    place = f"/api/experiments/{made['id']}/decisions"
    said = {"variant_id": made["arms"][1]["variant_id"], "decision": "terminate", "confidence": 0.97, "delta": -0.2}
    said |= {"evidence": "randomised", "reason": "They said so.", "source": "acme"}
    assert is_problem(face.call("POST", place, "editor", json=said), 403)
    answer = face.call("POST", place, "reviewer", json=said)
    assert answer.status_code == 201
    assert answer.json()["circuit_execution_id"].startswith("cxe_")
    listed = face.call("GET", place, "viewer").json()["items"]
    assert [(each["source"], each["is_applied"]) for each in listed] == [("acme", True)]
    assert is_problem(face.call("POST", place, "reviewer", json={**said, "confidence": 2}), 400, "bad_decision")


def test_arms_change_with_a_version(face: Face) -> None:
    made = begun(face)
    place, b = f"/api/experiments/{made['id']}", made["arms"][1]["variant_id"]
    stale = face.call("PATCH", place, json={"remove_variant_id": b}, headers={"If-Match": '"v9"'})
    assert is_problem(stale, 412)
    answer = face.call("PATCH", place, "editor", json={"remove_variant_id": b}, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v2"')
    assert answer.json()["note"].startswith("B left")
    assert [arm["outcome"] for arm in answer.json()["arms"]] == ["", "left"]
    ended = face.call("POST", f"{place}/end", "editor").json()
    assert ended["status"] == "inconclusive"


def test_the_picture_has_a_title_a_description_and_no_script(face: Face) -> None:
    made = begun(face)
    for hours in (0, 5):
        tell(face, made, hours)
        answer = face.call("GET", f"/api/experiments/{made['id']}/chart.svg", "viewer")
        assert answer.headers["content-type"] == "image/svg+xml"
        root = ET.fromstring(answer.text)
        assert (root.findtext(f"{SVG}title") or "").startswith("click rate of 2 variants")
        assert "A: " in (root.findtext(f"{SVG}desc") or "")
        assert len(root.findall(f"{SVG}polyline")) == (2 if hours else 0)
        assert "<script" not in answer.text


def test_a_replay_is_the_same(face: Face) -> None:
    made = begun(face)
    tell(face, made, 3)
    face.call("POST", f"/api/experiments/{made['id']}/evaluate")
    found = face.call("GET", f"/api/experiments/{made['id']}/replay", "viewer").json()
    assert (found["is_same"], found["batches"], len(found["decisions"])) == (True, 3, 2)


def test_a_piece_that_is_still_a_draft_can_be_held_against_itself(face: Face, generation: dict[str, Any]) -> None:
    piece = generation["pieces"][0]
    made = face.made("/api/experiments", {"piece_id": piece["id"], "metric": "click_rate", "kind": "proportion"})
    assert [arm["variant_id"] for arm in made["arms"]] == [each["id"] for each in piece["variants"]]
    assert made["minimum_hours"] == (168 if piece["medium"] == "blog" else 24)
    again = face.call("POST", "/api/experiments", json={"piece_id": piece["id"], "metric": "click_rate"})
    assert is_problem(again, 409, "experiment_running")
