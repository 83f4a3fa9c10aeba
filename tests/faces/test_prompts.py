"""Prompts over HTTP: read by everybody, changed by owners with a condition, previewed, rolled back and compared."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.domain.prompts import checking
from tests.domain.test_prompts import HOSTILE, text
from tests.faces.conftest import Face, is_problem

BLOG = "/api/prompts/write_blog"


@pytest.fixture(autouse=True)
def _shipped(face: Face) -> None:
    assert face.call("POST", f"{BLOG}/reset").status_code == 200


def put(face: Face, told: str, role: str = "owner", **more: Any) -> Any:
    return face.call("PUT", BLOG, role, json={"text": text(told)}, **more)


def test_the_list_says_which_version_is_in_force(face: Face) -> None:
    made = put(face, "List me.").json()
    found = face.call("GET", "/api/prompts", "viewer").json()["items"]
    assert [each["name"] for each in found] == ["write_blog", "write_social", "write_email"]
    assert (found[0]["in_force"], found[0]["changed_by"]) == (f"workspace-{made['version']}", made["changed_by"])
    assert (found[1]["in_force"], found[1]["version"]) == ("shipped-3", 0)
    theirs = face.call("GET", "/api/prompts", "stranger").json()["items"]
    assert theirs[0]["in_force"] == "shipped-3"


def test_a_prompt_comes_with_its_variables_and_a_start(face: Face) -> None:
    found = face.call("GET", BLOG, "viewer").json()
    assert "{% block system %}" in found["text"]
    assert found["most_characters"] == checking.MOST_CHARACTERS
    by_name = {each["name"]: each for each in found["variables"]}
    assert by_name["notes"]["is_required"]
    assert by_name["notes"]["because"]
    assert (by_name["tone"]["section"], by_name["tone"]["most"]) == ("", 20)
    sound = face.call("POST", f"{BLOG}/check", "editor", json={"text": found["starting_text"]}).json()
    assert "delivery" in sound["variables"]


def test_a_change_takes_the_version_that_was_read(face: Face) -> None:
    read = face.call("GET", BLOG)
    made = put(face, "First.", headers={"If-Match": read.headers["etag"]})
    assert made.status_code == 200
    assert made.json()["text"] == text("First.")
    assert made.headers["etag"] == f'"v{made.json()["version"]}"'
    assert is_problem(put(face, "Second.", headers={"If-Match": read.headers["etag"]}), 412, "stale")
    for path, body in (("rollback", {"version": "shipped"}), ("reset", None)):
        answer = face.call("POST", f"{BLOG}/{path}", json=body, headers={"If-Match": read.headers["etag"]})
        assert is_problem(answer, 412, "stale")
    assert face.call("GET", BLOG).json()["text"] == text("First.")


@pytest.mark.parametrize("role", ["viewer", "editor", "reviewer"])
def test_only_owners_put_a_prompt_in_force(face: Face, role: str) -> None:
    assert is_problem(put(face, "Mine.", role), 403, "role_too_low")
    for path, body in (("rollback", {"version": "shipped"}), ("reset", None)):
        assert is_problem(face.call("POST", f"{BLOG}/{path}", role, json=body), 403, "role_too_low")
    assert face.call("GET", BLOG, role).json()["in_force"] == "shipped-3"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_is_refused_with_every_problem(face: Face, hostile: str) -> None:
    for answer in (put(face, hostile), face.call("POST", f"{BLOG}/check", json={"text": text(hostile)})):
        assert is_problem(answer, 400, "bad_prompt")
        assert answer.json()["detail"].startswith("line 5: ")
    assert face.call("GET", BLOG).json()["in_force"] == "shipped-3"


@pytest.mark.parametrize("wrong", ["\x00", "\u202e", "x" * 30_000, "x" * 300_000])
def test_what_cannot_be_a_prompt_is_refused_politely(face: Face, wrong: str) -> None:
    assert is_problem(put(face, wrong), 400)


def test_every_version_is_listed_read_and_rolled_back_to(face: Face) -> None:
    one, two = put(face, "One.").json(), put(face, "Two.").json()
    first = face.call("GET", f"{BLOG}/versions", "viewer", params={"limit": 1}).json()
    assert [each["name"] for each in first["items"]] == [two["in_force"]]
    assert first["items"][0]["is_in_force"]
    rest = face.call("GET", f"{BLOG}/versions", params={"limit": 200, "cursor": first["next_cursor"]}).json()
    assert rest["items"][0]["name"] == one["in_force"]
    assert [each["name"] for each in rest["items"][-3:]] == ["shipped-3", "shipped-2", "shipped-1"]
    assert face.call("GET", f"{BLOG}/versions/{one['in_force']}").json()["text"] == text("One.")
    assert "_voice.1.j2" in face.call("GET", f"{BLOG}/versions/shipped-1").json()["text"]
    back = face.call("POST", f"{BLOG}/rollback", json={"version": one["in_force"]}).json()
    assert (back["text"], back["version"]) == (text("One."), two["version"] + 1)
    assert is_problem(face.call("GET", f"{BLOG}/versions/workspace-999"), 404)
    assert is_problem(face.call("GET", f"{BLOG}/versions/newest"), 400, "bad_prompt_version")
    assert is_problem(face.call("POST", f"{BLOG}/rollback", json={"version": "shipped-1"}), 409, "old_shipped_prompt")
    assert is_problem(face.call("GET", f"{BLOG}/versions/{one['in_force']}", "stranger"), 404)


def test_two_versions_are_compared_as_texts(face: Face) -> None:
    one, two = put(face, "One.").json(), put(face, "Two.").json()
    asked = {"before": one["in_force"], "after": two["in_force"]}
    found = face.call("GET", f"{BLOG}/diff", "viewer", params=asked).json()
    assert [part["text"] for part in found["fields"]["text"] if part["op"] != "equal"] == ["One", "Two"]
    assert (found["words_added"], found["words_removed"]) == (1, 1)
    assert face.call("GET", f"{BLOG}/diff").json()["what"] == f"shipped-3 -> {two['in_force']}"


def test_a_preview_is_of_real_data_and_for_viewers_too(face: Face) -> None:
    topic = face.topic()
    put(face, "Laugh, {{ persona }}.")
    found = face.call("GET", f"{BLOG}/preview", "viewer", params={"topic_id": topic}).json()
    assert "Laugh, Plain voice." in found["system"]
    assert "Salt slows the yeast" in found["user"]
    assert (found["template"], found["topic_id"]) == ("workspace/write_blog", topic)
    shipped = face.call("GET", f"{BLOG}/preview", params={"topic_id": topic, "version": "shipped"}).json()
    assert "Laugh" not in shipped["system"]
    assert is_problem(face.call("GET", f"{BLOG}/preview", "stranger", params={"topic_id": topic}), 404)


def test_the_offline_writer_is_not_asked_to_compare(face: Face) -> None:
    put(face, "Laugh.")
    before = face.call("GET", "/api/credits/ledger").json()
    body = {"before": "shipped", "after": face.call("GET", BLOG).json()["in_force"], "topic_id": face.topic()}
    answer = face.call("POST", f"{BLOG}/compare", "editor", json=body)
    found = answer.json()
    assert (answer.status_code, found["id"], found["before"]["pieces"]) == (200, None, [])
    assert "reads no prompt" in found["warning"]
    assert "Laugh." in found["after"]["told"]["system"]
    assert face.call("GET", "/api/credits/ledger").json() == before
    assert is_problem(face.call("POST", f"{BLOG}/compare", "viewer", json=body), 403)
    same = {**body, "after": "shipped-3"}
    assert is_problem(face.call("POST", f"{BLOG}/compare", json=same), 400, "same_version")


def test_changes_are_audited_without_their_text(face: Face) -> None:
    put(face, "Audited marmalade.")
    face.call("POST", f"{BLOG}/reset")
    told = face.call("GET", "/api/audit", params={"limit": 200})
    newest = [each["action"] for each in told.json()["items"] if each["action"].startswith("prompt.")]
    assert newest[:2] == ["prompt.reset", "prompt.changed"]
    assert "marmalade" not in told.text
