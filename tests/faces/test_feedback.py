"""Feedback over HTTP: given, listed, summed up, and what rated pieces had in common."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.faces.conftest import Face, is_problem

PLACE = "/api/feedback"
RATING = {"id", "piece_id", "piece_version", "rating", "comment", "by", "at"}


def pieces_of(face: Face, count: int = 2) -> list[dict[str, Any]]:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": count}
    found: list[dict[str, Any]] = face.made("/api/content/generate", asked)["pieces"]
    return found


def rate(face: Face, piece_id: str, rating: str, role: str = "editor", **more: Any) -> dict[str, Any]:
    return face.made(PLACE, {"piece_id": piece_id, "rating": rating, **more}, role)


def test_giving_feedback(face: Face) -> None:
    piece = pieces_of(face)[0]
    made = face.call("POST", PLACE, "editor", json={"piece_id": piece["id"], "rating": "good", "comment": "Opens well"})
    assert made.status_code == 201
    assert made.headers["location"] == f"{PLACE}?piece_id={piece['id']}"
    body = made.json()
    assert body.keys() == {*RATING, "summary", "context"}
    assert (body["piece_id"], body["piece_version"], body["rating"]) == (piece["id"], 1, "good")
    assert body["comment"] == "Opens well"
    assert body["at"].endswith("Z")
    counts = {"excellent": 0, "good": 1, "acceptable": 0, "poor": 0, "unacceptable": 0}
    assert body["summary"] == {"rating": "good", "people": 1, "counts": counts}
    assert body["context"] == {"id": piece["context_id"], "validation": "approved", "confidence": "validated"}
    context = face.call("GET", f"/api/contexts/{piece['context_id']}").json()
    assert (context["validation"], context["confidence"]) == ("approved", "validated")
    keys = {key["id"] for key in face.call("GET", "/api/keys", params={"limit": 200}).json()["items"]}
    assert body["by"] in keys


@pytest.mark.parametrize(
    ("rating", "validation", "confidence"),
    [
        ("excellent", "approved", "validated"),
        ("good", "approved", "validated"),
        ("acceptable", "conditionally_approved", "confident"),
        ("poor", "rejected", "uncertain"),
        ("unacceptable", "rejected", "uncertain"),
    ],
)
def test_the_mapping_of_the_contract(
    face: Face, generation: dict[str, Any], rating: str, validation: str, confidence: str
) -> None:
    piece = generation["pieces"][0]
    context = rate(face, piece["id"], rating)["context"]
    assert context == {"id": piece["context_id"], "validation": validation, "confidence": confidence}
    shown = face.call("GET", f"/api/contexts/{piece['context_id']}").json()
    assert (shown["validation"], shown["confidence"]) == (validation, confidence)


def test_changing_ones_mind_and_several_people(face: Face) -> None:
    piece = pieces_of(face)[0]["id"]
    before = len(face.call("GET", "/api/audit", params={"subject_id": piece}).json()["items"])
    first = rate(face, piece, "poor", "editor", comment="dull")
    assert rate(face, piece, "poor", "editor", comment="dull")["id"] == first["id"]
    second = rate(face, piece, "excellent", "editor")
    third = rate(face, piece, "good", "reviewer", comment="better")
    assert (second["summary"]["people"], third["summary"]["people"]) == (1, 2)
    assert third["summary"]["rating"] == "good"
    found = face.call("GET", PLACE, "viewer", params={"piece_id": piece}).json()
    assert [each["id"] for each in found["items"]] == [third["id"], second["id"], first["id"]]
    assert all(each.keys() == RATING for each in found["items"])
    assert found["summary"] == third["summary"]
    assert found["next_cursor"] is None
    audits = face.call("GET", "/api/audit", params={"subject_id": piece}).json()["items"]
    assert len(audits) == before + 3
    assert {each["action"] for each in audits} == {"feedback.given"}
    assert "dull" not in str(audits)


def test_two_keys_of_one_member_are_one_person(face: Face) -> None:
    piece = pieces_of(face)[0]["id"]
    member = face.made("/api/members", {"name": "Bob", "role": "editor"})["id"]
    for name in ("laptop", "phone"):
        face.keys[name] = face.made("/api/keys", {"name": name, "role": "editor", "member_id": member})["api_key"]
    first, second = rate(face, piece, "poor", "laptop"), rate(face, piece, "good", "phone")
    assert (first["by"], second["by"]) == (member, member)
    assert (second["summary"]["rating"], second["summary"]["people"]) == ("good", 1)


def test_lists_go_on_from_a_cursor(face: Face) -> None:
    piece = pieces_of(face)[0]["id"]
    made = [rate(face, piece, rating)["id"] for rating in ("poor", "good", "excellent")]
    first = face.call("GET", PLACE, params={"piece_id": piece, "limit": 2}).json()
    rest = face.call("GET", PLACE, params={"piece_id": piece, "limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert rest["next_cursor"] is None
    every = face.call("GET", PLACE, params={"limit": 2}).json()
    assert ([each["id"] for each in every["items"]], every["summary"]) == (made[:0:-1], None)


def test_rated_pieces_and_what_they_had_in_common(face: Face) -> None:
    home = face.home.found(f"Rated on {face.home.engine.dialect.name}")
    face.keys["fresh"] = home.api_key
    empty = face.call("GET", f"{PLACE}/rated", "fresh", params={"rating": "low"}).json()
    assert (empty["items"], empty["next_cursor"]) == ([], None)
    assert empty["in_common"] == [
        "Too little to compare: rate at least two pieces high and two low. So far 0 high and 0 low."
    ]
    pieces = _generated(face, "fresh")
    blog, *social = pieces
    for piece in social:
        rate(face, piece["id"], "good" if piece["meta"]["platform"] != "x" else "acceptable", "fresh", comment="short")
    rate(face, blog["id"], "poor", "fresh", comment="long")
    other = _generated(face, "fresh")[0]
    rate(face, other["id"], "unacceptable", "fresh")
    high, low = (
        face.call("GET", f"{PLACE}/rated", "fresh", params={"rating": side}).json() for side in ("high", "low")
    )
    assert high["items"][0].keys() == {"piece", "summary", "comments"}
    expected = [piece["id"] for piece in reversed(social) if piece["meta"]["platform"] != "x"]
    assert [each["piece"]["id"] for each in high["items"]] == expected
    assert [each["piece"]["id"] for each in low["items"]] == [other["id"], blog["id"]]
    assert low["items"][1]["piece"] == face.call("GET", f"/api/content/pieces/{blog['id']}", "fresh").json()
    assert low["items"][1]["summary"]["rating"] == "poor"
    assert [each["comment"] for each in low["items"][1]["comments"]] == ["long"]
    assert low["items"][0]["comments"] == []
    assert "All 4 highly rated pieces are social posts; none of the 2 poorly rated ones is." in high["in_common"]
    assert "Both poorly rated pieces are blog articles; none of the 4 highly rated ones is." in low["in_common"]
    page = face.call("GET", f"{PLACE}/rated", "fresh", params={"limit": 3}).json()
    after = {"limit": 3, "cursor": page["next_cursor"]}
    rest = face.call("GET", f"{PLACE}/rated", "fresh", params=after).json()
    assert [each["piece"]["id"] for each in (*page["items"], *rest["items"])] == expected
    assert rest["next_cursor"] is None
    assert page["in_common"] == rest["in_common"] == high["in_common"]


def _generated(face: Face, role: str) -> list[dict[str, Any]]:
    from tests.faces.conftest import SUBJECT

    made = [
        face.made("/api/notes", {"title": f"Bread {number}", "body": text}, role)["id"]
        for number, text in enumerate(SUBJECT)
    ]
    topic = face.made("/api/topics", {"note_ids": made, "title": "Bread at home"}, role)["id"]
    found: list[dict[str, Any]] = face.made("/api/content/generate", {"topic_id": topic}, role)["pieces"]
    return found


def test_a_stranger_rates_and_reads_nothing(face: Face) -> None:
    piece = pieces_of(face)[0]["id"]
    rate(face, piece, "good", comment="secret words")
    told = {
        face.call("POST", PLACE, "stranger", json={"piece_id": id, "rating": "poor"}).text.replace(id, "ID")
        for id in (piece, "pie_0000000000")
    }
    assert len(told) == 1
    for id in (piece, "pie_0000000000"):
        assert is_problem(face.call("POST", PLACE, "stranger", json={"piece_id": id, "rating": "poor"}), 404)
        assert is_problem(face.call("GET", PLACE, "stranger", params={"piece_id": id}), 404)
    assert "secret words" not in face.call("GET", PLACE, "stranger").text
    assert face.call("GET", f"{PLACE}/rated", "stranger").json()["items"] == []
    assert face.call("GET", PLACE, params={"piece_id": piece}).json()["summary"]["people"] == 1


def test_viewers_rate_nothing(face: Face, generation: dict[str, Any]) -> None:
    wanted = {"piece_id": generation["pieces"][1]["id"], "rating": "good"}
    assert is_problem(face.call("POST", PLACE, "viewer", json=wanted), 403, "role_too_low")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"rating": "great"}, "body.rating"),
        ({"rating": "GOOD"}, "body.rating"),
        ({"rating": 5}, "body.rating"),
        ({"rating": None}, "body.rating"),
        ({"rating": ["good"]}, "body.rating"),
        ({"comment": "x" * 2_001}, "body.comment"),
        ({"comment": "x" * 1_000_000}, "body.comment"),
        ({"comment": "a\x00b"}, "body.comment"),
        ({"comment": 7}, "body.comment"),
        ({"comment": None}, "body.comment"),
        ({"piece_id": 12}, "body.piece_id"),
        ({"piece_id": ""}, "body.piece_id"),
        ({"piece_id": "p" * 61}, "body.piece_id"),
        ({"more": True}, "body.more"),
    ],
)
def test_bad_feedback_is_told(face: Face, generation: dict[str, Any], change: dict[str, Any], at: str) -> None:
    piece = generation["pieces"][2]["id"]
    answer = face.call("POST", PLACE, json={"piece_id": piece, "rating": "good", **change})
    assert is_problem(answer, 400, "bad_request")
    assert [problem["at"] for problem in answer.json()["problems"]] == [at]
    assert len(answer.text) < 2_000
    assert face.call("GET", PLACE, params={"piece_id": piece}).json()["items"] == []


def test_an_unknown_rating_is_answered_with_the_five(face: Face, generation: dict[str, Any]) -> None:
    answer = face.call("POST", PLACE, json={"piece_id": generation["pieces"][2]["id"], "rating": "great"})
    for rating in ("excellent", "good", "acceptable", "poor", "unacceptable"):
        assert f"'{rating}'" in answer.json()["detail"]


@pytest.mark.parametrize("missing", ["piece_id", "rating"])
def test_what_is_missing_is_told(face: Face, missing: str) -> None:
    body = {"piece_id": "pie_0000000000", "rating": "good"}
    del body[missing]
    answer = face.call("POST", PLACE, json=body)
    assert [problem["at"] for problem in answer.json()["problems"]] == [f"body.{missing}"]


@pytest.mark.parametrize("query", ["rating=middling", "limit=0", "limit=201", "cursor=%21", "side=high"])
def test_bad_pages_are_told(face: Face, query: str) -> None:
    assert is_problem(face.call("GET", f"{PLACE}/rated?{query}"), 400)


def test_a_repeated_request_is_answered_as_before(face: Face) -> None:
    piece = pieces_of(face)[0]["id"]
    headers = {"Idempotency-Key": f"rate-{piece}"}
    body = {"piece_id": piece, "rating": "good"}
    first = face.call("POST", PLACE, json=body, headers=headers)
    rate(face, piece, "poor", "owner")
    again = face.call("POST", PLACE, json=body, headers=headers)
    assert (again.status_code, again.text) == (201, first.text)
    assert len(face.call("GET", PLACE, params={"piece_id": piece}).json()["items"]) == 2
    other = face.call("POST", PLACE, json={**body, "rating": "poor"}, headers=headers)
    assert is_problem(other, 422, "idempotency_key_reused")


def test_people_who_rate_at_the_same_time_are_all_kept(face: Face) -> None:
    piece = pieces_of(face)[0]
    start = threading.Barrier(2)
    answers: list[int] = []

    def work(role: str, ratings: tuple[str, ...]) -> None:
        start.wait()
        for rating in ratings:
            body = {"piece_id": piece["id"], "rating": rating}
            answers.append(face.call("POST", PLACE, role, json=body).status_code)

    said = {"editor": ("poor", "good", "poor", "good"), "reviewer": ("good", "poor", "good", "excellent")}
    threads = [threading.Thread(target=work, args=each) for each in said.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 8
    found = face.call("GET", PLACE, params={"piece_id": piece["id"]}).json()
    assert len(found["items"]) == 8
    assert (found["summary"]["rating"], found["summary"]["people"]) == ("good", 2)
    context = face.call("GET", f"/api/contexts/{piece['context_id']}").json()
    assert (context["validation"], context["confidence"]) == ("approved", "validated")


def test_pages_cost_the_same_however_many_there_are(face: Face) -> None:
    for piece in pieces_of(face, 5):
        for role in ("editor", "reviewer", "owner"):
            rate(face, piece["id"], "excellent", role, comment="said")
    for path, most in ((PLACE, 3), (f"{PLACE}/rated", 12)):
        few, many = (_statements(face, f"{path}?limit={limit}") for limit in (1, 200))
        assert 2 <= few == many <= most, path


def _statements(face: Face, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if threading.current_thread().name.startswith("AnyIO"):  # the application's threads, not the engine's
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert face.call("GET", path).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len([text for text in seen if text.lstrip().upper().startswith("SELECT") and "set_config" not in text])
