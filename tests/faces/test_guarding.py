"""The guard over HTTP: any text, a piece once more, and what its verdict keeps from being approved."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.services import guarding
from regrow.store.tables.personas import Persona
from tests.faces.conftest import Face, is_problem

BAD = "Dear [insert name], write to bob.smith@gmail.com."


def post(face: Face) -> dict[str, Any]:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": 1}
    found: dict[str, Any] = face.made("/api/content/generate", asked)["pieces"][0]
    return found


def checked(face: Face, **body: Any) -> dict[str, Any]:
    answer = face.call("POST", "/api/guard", "editor", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_any_text_is_checked(face: Face) -> None:
    found = checked(face, text=BAD)
    assert (found["passed"], found["method"]) == (False, "rules")
    assert found["score"] <= 0.79
    assert found["findings"][0] == {
        "check": "personal_data",
        "severity": "veto",
        "quote": "bob.smith@gmail.com",
        "field": "body",
        "start": BAD.index("bob"),
        "label": "A",
        "how": found["findings"][0]["how"],
    }
    assert checked(face, text="A loaf.", medium="social") == {
        "score": 1.0,
        "passed": True,
        "method": "rules",
        "findings": [],
        "judge": "none",
        "needs_person": False,
    }


def test_the_fields_of_a_variant_are_checked_each(face: Face) -> None:
    content = {"subject": "Dear [Name]", "body": "The loaf is back.", "cta_url": "https://example.com"}
    found = checked(face, content=content, medium="email")
    assert {(each["field"], each["check"]) for each in found["findings"]} == {
        ("subject", "placeholders"),
        ("cta_url", "links"),
        ("body", "length"),
    }
    post = checked(face, text="a" * 281, medium="social", platform="x")
    assert [each["check"] for each in post["findings"]] == ["length"]


def test_a_persona_sets_the_rules(face: Face) -> None:
    persona = face.made("/api/personas", {"name": "Bäcker", "voice": {"blog": {"language": "de"}}})
    with face.alice.writing() as session:
        session.get_one(Persona, persona["id"]).guidelines = {"forbidden": ["billig"]}
    found = checked(face, text="Das billigste Brot.", persona_id=persona["id"])
    assert [each["quote"] for each in found["findings"]][:1] == ["billigste"]
    assert checked(face, text="Das billigste Brot.")["passed"] is True


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "content": {"body": "b"}},
        {"text": 5},
        {"text": "a" * 100_001},
        {"text": "a", "medium": "fax"},
        {"text": "a", "platform": "fax"},
        {"text": "a", "language": "x" * 30},
        {"content": {"footer": "b"}},
        {"text": "a", "why": "b"},
    ],
)
def test_odd_requests_are_told(face: Face, body: dict[str, Any]) -> None:
    assert is_problem(face.call("POST", "/api/guard", "editor", json=body), 400)


def test_personas_of_others_are_not_here(face: Face) -> None:
    persona = face.made("/api/personas", {"name": "Mine"})["id"]
    assert is_problem(face.call("POST", "/api/guard", "stranger", json={"text": "a", "persona_id": persona}), 404)
    assert is_problem(face.call("POST", "/api/guard", "viewer", json={"text": "a"}), 403, "role_too_low")


def test_a_changed_text_has_its_verdict_at_once(face: Face) -> None:
    piece = post(face)
    assert piece["guard"]["passed"] is True
    place = f"/api/content/pieces/{piece['id']}"
    changed = face.call("PATCH", place, json={"body": BAD}, headers={"If-Match": '"v1"'}).json()
    assert (changed["status"], changed["guard"]["passed"]) == ("draft", False)
    assert face.call("GET", place).json()["guard"] == changed["guard"]
    assert is_problem(face.call("POST", f"{place}/approve", "reviewer"), 409, "guard_failed")
    told = face.call("GET", "/api/audit", params={"subject_id": piece["id"]}).json()["items"]
    failed = next(each for each in told if each["action"] == "piece.guard_failed")
    assert (failed["outcome"], failed["detail"]["checks"]) == ("refused", ["personal_data", "placeholders"])
    answer = face.call("POST", f"{place}/approve", json={"override": True, "reason": "A joke"})
    assert answer.json()["status"] == "approved"


def test_a_piece_is_checked_once_more(face: Face) -> None:
    piece = post(face)
    place = f"/api/content/pieces/{piece['id']}/guard"
    same = face.call("POST", place, "editor")
    assert (same.status_code, same.json()["guard"]) == (200, piece["guard"])
    with face.alice.writing() as session:
        guarding.personas.chosen(session, None).guidelines = {"required": ["words that stand nowhere"]}
    assert face.call("POST", place, "editor").json()["guard"]["passed"] is False
    with face.alice.writing() as session:
        guarding.personas.chosen(session, None).guidelines = {}
    assert face.call("POST", place, "editor").json()["guard"]["passed"] is True
