"""Changes by hand, restores, comparisons and histories over HTTP, and the queue of what waits for a decision."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import httpx2
import pytest

from tests.faces.conftest import Face, is_problem


@pytest.fixture(scope="module")
def made(face: Face) -> dict[str, Any]:
    return face.made("/api/content/generate", {"topic_id": face.topic(), "social_count": 1})


def post(face: Face) -> dict[str, Any]:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1}
    found: dict[str, Any] = face.made("/api/content/generate", asked)["pieces"][0]
    return found


def patched(face: Face, id: str, body: dict[str, Any], version: int | None = None, **more: Any) -> httpx2.Response:
    headers = {} if version is None else {"If-Match": f'"v{version}"'}
    return face.call("PATCH", f"/api/content/pieces/{id}", "editor", json=body, headers=headers, **more)


def restored(face: Face, id: str, body: Any, **more: Any) -> httpx2.Response:
    return face.call("POST", f"/api/content/pieces/{id}/restore", "editor", json=body, **more)


def test_a_change_by_hand(face: Face) -> None:
    piece = post(face)
    answer = patched(face, piece["id"], {"body": "By hand.", "hashtags": ["bread"]}, 1)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v2"')
    changed = answer.json()
    assert (changed["id"], changed["version"], changed["origin"]) == (piece["id"], 2, "person")
    assert changed["variants"][0]["content"]["hashtags"] == ["bread"]
    assert (changed["variants"][0]["version"], changed["variants"][1]) == (2, piece["variants"][1])
    assert changed["provenance"]["sources"] == piece["provenance"]["sources"]
    told = face.call("GET", f"/api/content/pieces/{piece['id']}/history", "viewer").json()["items"]
    assert [(each["version"], each["body"]) for each in told] == [(1, piece["body"]), (2, "By hand.")]
    assert [each["how"] for each in told] == ["written", "edited"]


def test_several_variants_at_once_and_one_by_its_label(face: Face) -> None:
    piece = post(face)
    both = patched(face, piece["id"], {"variants": {"A": {"body": "One."}, "B": {"body": "Two."}}}).json()
    assert [variant["content"]["body"] for variant in both["variants"]] == ["One.", "Two."]
    one = patched(face, piece["id"], {"label": "B", "body": "Three."}).json()
    assert [variant["content"]["body"] for variant in one["variants"]] == ["One.", "Three."]
    assert [variant["version"] for variant in one["variants"]] == [2, 3]


def test_a_stale_change_is_told_and_changes_nothing(face: Face) -> None:
    piece = post(face)
    patched(face, piece["id"], {"body": "First."}, 1)
    assert is_problem(patched(face, piece["id"], {"body": "Second."}, 1), 412, "stale")
    assert is_problem(restored(face, piece["id"], {"version": 1}, headers={"If-Match": '"v1"'}), 412, "stale")
    place = f"/api/content/pieces/{piece['id']}"
    for decision in ("approve", "reject"):
        answer = face.call("POST", f"{place}/{decision}", "reviewer", headers={"If-Match": '"v1"'})
        assert is_problem(answer, 412, "stale")
    assert face.call("GET", place).json()["body"] == "First."
    assert face.call("POST", f"{place}/approve", "reviewer", headers={"If-Match": '"v2"'}).status_code == 200


def test_of_twenty_editors_one_is_first_and_all_are_told(face: Face) -> None:
    piece = post(face)
    told: list[tuple[int, str]] = []

    def one(number: int) -> None:
        answer = patched(face, piece["id"], {"body": f"By editor {number}."}, 1)
        told.append((answer.status_code, f"By editor {number}."))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(status for status, _ in told) == {200: 1, 412: 19}
    now = face.call("GET", f"/api/content/pieces/{piece['id']}").json()
    assert (200, now["body"]) in told


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"title": "No post has one"}, "variants.A.title"),
        ({"body": ""}, "variants.A.body"),
        ({"label": "Z", "body": "x"}, "variants.Z"),
        ({"body": "x" * 100_001}, "body.body"),
        ({"body": 5}, "body.body"),
        ({"status": "approved"}, "body.status"),
        ({"variants": {"A": {"sources": []}}}, "body.variants.A.sources"),
        ({"hashtags": ["a b"]}, "variants.A.hashtags"),
        ({"hashtags": "bread"}, "body.hashtags"),
    ],
)
def test_odd_changes_are_told(face: Face, made: dict[str, Any], body: dict[str, Any], at: str) -> None:
    piece = made["pieces"][1]
    answer = patched(face, piece["id"], body)
    assert answer.status_code == 400
    assert [problem["at"] for problem in answer.json()["problems"]] == [at]
    assert face.call("GET", f"/api/content/pieces/{piece['id']}").json() == piece


def test_markup_in_a_text_is_kept_as_text(face: Face) -> None:
    piece = post(face)
    hostile = '<script>alert("x")</script> <b onclick=x>& [a](javascript:alert(1))'
    answer = patched(face, piece["id"], {"body": hostile})
    assert answer.json()["body"] == hostile
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_restoring_any_version_and_one_that_never_was(face: Face) -> None:
    piece = post(face)
    patched(face, piece["id"], {"body": "By hand."})
    back = restored(face, piece["id"], {"version": 1}).json()
    assert (back["id"], back["version"], back["body"]) == (piece["id"], 3, piece["body"])
    assert back["provenance"]["restored_from"] == {"piece_id": piece["id"], "version": 1}
    for version in (4, 999):
        assert is_problem(restored(face, piece["id"], {"version": version}), 404, "version_not_found")
    for body in ({}, {"version": 0}, {"version": "1"}, {"version": 1.5}, {"version": 2**40}, [], {"version": None}):
        assert is_problem(restored(face, piece["id"], body), 400, "bad_request")


def test_a_version_of_the_piece_it_came_from_is_restored(face: Face) -> None:
    piece = post(face)
    new = face.call("POST", f"/api/content/pieces/{piece['id']}/regenerate", "editor").json()
    assert is_problem(restored(face, piece["id"], {"version": 1}), 409, "piece_superseded")
    back = restored(face, new["id"], {"version": 1, "piece_id": piece["id"]}).json()
    assert (back["id"], back["version"], back["body"]) == (new["id"], 2, piece["body"])
    assert is_problem(restored(face, new["id"], {"version": 1, "piece_id": post(face)["id"]}), 404, "not_of_this_line")
    assert is_problem(restored(face, new["id"], {"version": 1, "piece_id": "pie_unknown"}), 404)


def test_what_differs_is_told_word_by_word(face: Face) -> None:
    piece = post(face)
    patched(face, piece["id"], {"body": "Bake the bread in a hot oven."})
    patched(face, piece["id"], {"body": "Bake rye bread in a very hot oven."})
    place = f"/api/content/pieces/{piece['id']}/diff"
    found = face.call("GET", place, "viewer").json()
    assert (found["before"]["version"], found["after"]["version"], found["label"]) == (2, 3, "A")
    parts = found["fields"]["body"]
    joined = {op: "".join(part["text"] for part in parts if part["op"] in ("equal", op)) for op in ("delete", "insert")}
    assert joined == {"delete": "Bake the bread in a hot oven.", "insert": "Bake rye bread in a very hot oven."}
    assert (found["words_added"], found["words_removed"]) == (2, 1)
    back = face.call("GET", place, params={"from": 3, "to": 1}).json()
    assert (back["before"]["version"], back["after"]["version"]) == (3, 1)
    assert face.call("GET", place, params={"from": 2, "to": 2}).json()["similarity"] == 1.0
    assert face.call("GET", place, params={"label": "b"}).json()["words_added"] == 0


def test_a_new_piece_is_compared_with_what_it_replaced(face: Face) -> None:
    piece = post(face)
    place = f"/api/content/pieces/{piece['id']}"
    alone = face.call("GET", f"{place}/diff").json()
    assert (alone["before"], alone["similarity"]) == (alone["after"], 1.0)
    new = face.call("POST", f"{place}/regenerate", "editor").json()
    found = face.call("GET", f"/api/content/pieces/{new['id']}/diff").json()
    assert found["before"] == {"piece_id": piece["id"], "version": 1}
    assert found["similarity"] < 0.6
    named = {"from": 1, "from_piece": new["id"], "to": 1, "to_piece": piece["id"]}
    assert face.call("GET", f"{place}/diff", params=named).json()["after"]["piece_id"] == piece["id"]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"from": 7}, 404),
        ({"to": 7}, 404),
        ({"label": "Z"}, 404),
        ({"from_piece": "pie_unknown"}, 404),
        ({"from": 0}, 400),
        ({"to": "x"}, 400),
        ({"form": 1}, 400),
    ],
)
def test_odd_comparisons_are_told(face: Face, made: dict[str, Any], params: dict[str, Any], status: int) -> None:
    answer = face.call("GET", f"/api/content/pieces/{made['pieces'][0]['id']}/diff", params=params)
    assert is_problem(answer, status)


def test_yes_and_no_can_be_taken_back(face: Face) -> None:
    piece = post(face)
    place = f"/api/content/pieces/{piece['id']}"
    face.call("POST", f"{place}/reject", "reviewer", json={"reason": "Too dry"})
    opened = face.call("POST", f"{place}/reopen", "reviewer").json()
    assert (opened["status"], opened["meta"]) == ("draft", piece["meta"])
    face.call("POST", f"{place}/approve", "reviewer")
    assert is_problem(patched(face, piece["id"], {"body": "x"}), 409, "piece_approved")
    opened = face.call("POST", f"{place}/reopen", "reviewer").json()
    assert {variant["status"] for variant in opened["variants"]} == {"draft"}
    assert patched(face, piece["id"], {"body": "By hand."}).status_code == 200
    actions = [
        row["action"] for row in face.call("GET", "/api/audit", params={"subject_id": piece["id"]}).json()["items"]
    ]
    assert actions == ["piece.edited", "piece.reopened", "piece.approved", "piece.reopened", "piece.rejected"]


def test_one_variant_is_selected(face: Face) -> None:
    piece = post(face)
    place = f"/api/content/pieces/{piece['id']}"
    chosen = face.call("POST", f"{place}/variants/b/select", "reviewer").json()
    assert chosen["meta"]["selected"] == "B"
    live = face.call("POST", f"{place}/approve", "reviewer").json()
    assert {each["label"]: each["status"] for each in live["variants"]} == {"A": "draft", "B": "live"}
    assert is_problem(face.call("POST", f"{place}/variants/C/select", "reviewer"), 404, "variant_not_found")
    free = face.call("DELETE", f"{place}/variants/B/select", "reviewer").json()
    assert {each["status"] for each in free["variants"]} == {"live"}
    assert "selected" not in free["meta"]


def test_the_queue_holds_drafts_oldest_first(face: Face) -> None:
    campaign = face.made("/api/campaigns", {"name": "Queue"})["id"]
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 4, "campaign_id": campaign}
    pieces = face.made("/api/content/generate", asked)["pieces"]
    face.call("POST", f"/api/content/pieces/{pieces[1]['id']}/approve")
    face.call("POST", f"/api/content/pieces/{pieces[2]['id']}/reject")
    first = face.call("GET", "/api/review", "viewer", params={"campaign_id": campaign, "limit": 1}).json()
    assert (first["waiting"], [each["id"] for each in first["items"]]) == (2, [pieces[0]["id"]])
    rest = {"campaign_id": campaign, "medium": "social", "cursor": first["next_cursor"]}
    second = face.call("GET", "/api/review", params=rest).json()
    assert (second["next_cursor"], [each["id"] for each in second["items"]]) == (None, [pieces[3]["id"]])
    assert face.call("GET", "/api/review", params={"campaign_id": campaign, "medium": "blog"}).json()["items"] == []
