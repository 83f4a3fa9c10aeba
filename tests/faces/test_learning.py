"""Learning a voice over HTTP: learned, shown, changed, forgotten, and drafts afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.test_brand_voice import HAROLD, INES
from tests.faces.conftest import Face, is_problem


@pytest.fixture
def persona(face: Face) -> str:
    return str(face.made("/api/personas", {"name": "Ines", "guidelines": {"use": ["kettle"]}})["id"])


def learn(face: Face, id: str, body: dict[str, Any], **more: Any) -> Any:
    return face.call("POST", f"/api/personas/{id}/learn", json=body, **more)


def test_a_persona_learns_and_shows_it_in_words_and_numbers(face: Face, persona: str) -> None:
    answer = learn(face, persona, {"texts": INES})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    learned = found["learned"]
    assert (found["version"], learned["texts"], learned["language"], learned["medium"]) == (2, 6, "en", None)
    assert any("words on average" in sentence for sentence in learned["told"])
    assert learned["features"]["sentence_mean"] < 10
    assert learned["suggestions"]["blog"]["person"] == "first"
    assert found["voice"]["blog"]["person"] == "second"
    assert 3 <= len(learned["examples"]) <= 6
    assert face.call("GET", f"/api/personas/{persona}").json() == found
    assert found["guidelines"]["use"] == ["kettle"]
    assert found["guidelines"]["disclosure"] == []


def test_applied_suggestions_change_the_settings(face: Face, persona: str) -> None:
    found = learn(face, persona, {"texts": INES, "medium": "blog", "apply": True}).json()
    assert (found["voice"]["blog"]["person"], found["voice"]["blog"]["words"]) == (
        "first",
        found["learned"]["features"]["text_words"],
    )
    assert found["voice"]["social"]["person"] == "second"


def test_examples_and_settings_are_edited_and_what_was_learned_is_forgotten(face: Face, persona: str) -> None:
    learn(face, persona, {"texts": INES})
    path = f"/api/personas/{persona}"
    changed = face.call(
        "PATCH", path, json={"learned": {"examples": ["My own pick."]}, "voice": {"blog": {"reading_level": 6}}}
    )
    assert changed.json()["learned"]["examples"] == ["My own pick."]
    assert changed.json()["voice"]["blog"]["reading_level"] == 6
    assert is_problem(face.call("PATCH", path, json={"learned": {"examples": ["a@example.org"]}}), 400, "bad_examples")
    assert is_problem(face.call("PATCH", path, json={"learned": {"words": 1}}), 400)
    gone = face.call("POST", f"{path}/forget")
    assert (gone.status_code, gone.json()["learned"], gone.json()["version"]) == (200, None, 4)
    assert face.call("POST", f"{path}/forget").json()["version"] == 4
    assert is_problem(face.call("PATCH", path, json={"learned": {"examples": []}}), 409, "nothing_learned")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"texts": ["Just three words"]}, "too_little_text"),
        ({"texts": INES, "language": "english please"}, "bad_language"),
        ({"texts": []}, "bad_request"),
        ({"texts": "one text"}, "bad_request"),
        ({"texts": [1]}, "bad_request"),
        ({"texts": INES, "medium": "radio"}, "bad_request"),
        ({"texts": INES, "apply": "yes"}, "bad_request"),
        ({}, "bad_request"),
        ({"texts": INES, "folder": "/etc"}, "bad_request"),
        ({"texts": ["\u202e\u0640 \U0001f389" * 500]}, "too_little_text"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_and_nothing_is_stored(
    face: Face, persona: str, body: dict[str, Any], code: str
) -> None:
    assert is_problem(learn(face, persona, body), 400, code)
    assert face.call("GET", f"/api/personas/{persona}").json()["version"] == 1


def test_too_large_stale_unknown_and_foreign_ones_are_refused(face: Face, persona: str) -> None:
    assert is_problem(learn(face, persona, {"texts": ["x" * (11 * 1024 * 1024)]}), 413)
    assert is_problem(learn(face, persona, {"texts": INES}, headers={"If-Match": '"v7"'}), 412)
    assert is_problem(learn(face, "per_00000000000000", {"texts": INES}), 404)
    assert is_problem(learn(face, persona, {"texts": INES}, role="stranger"), 404)
    assert is_problem(learn(face, persona, {"texts": INES}, role="viewer"), 403)


def test_a_repeated_request_learns_once(face: Face, persona: str) -> None:
    headers = {"Idempotency-Key": f"learn-{persona}"}
    first, second = (learn(face, persona, {"texts": INES}, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert second.json() == first.json()


def test_guidelines_take_every_list_and_tell_contradictions(face: Face, persona: str) -> None:
    path = f"/api/personas/{persona}"
    lists = {"required": ["Ask us."], "disclaimers": ["No advice."], "claims": ["proven"], "competitors": ["Acme"]}
    changed = face.call("PATCH", path, json={"guidelines": lists}).json()["guidelines"]
    assert {name: changed[name] for name in lists} == lists
    clash = face.call("PATCH", path, json={"guidelines": {"required": ["Ask Acme"], "forbidden": ["acme"]}})
    assert is_problem(clash, 400, "bad_guidelines")
    assert "which stands in forbidden" in clash.json()["detail"]


@pytest.mark.parametrize("texts", [INES, HAROLD])
def test_drafts_are_written_in_a_learned_voice_offline(face: Face, persona: str, texts: list[str]) -> None:
    found = learn(face, persona, {"texts": texts, "apply": True}).json()
    wanted = {"topic_id": face.topic(), "persona_id": persona, "media": ["blog", "social", "email"]}
    made = face.made("/api/content/generate", wanted)
    assert {piece["medium"] for piece in made["pieces"]} == {"blog", "social", "email"}
    said = str(made)
    assert not any(example in said for example in found["learned"]["examples"])
