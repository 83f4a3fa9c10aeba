"""A person's yes or no: overrides, and every draft of a campaign at once."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.services import pieces
from regrow.store import content as content_store
from tests.faces.conftest import Face, is_problem

DECISIONS = pytest.mark.parametrize("decision", ["approve", "reject"])
BECOMES = {"approve": "approved", "reject": "rejected"}
FAILED = {"score": 0.4, "passed": False, "method": "rules", "findings": []}


def drafts(face: Face, count: int, campaign_id: str | None = None) -> list[dict[str, Any]]:
    asked = {"topic_id": face.topic(), "media": ["social"], "social_count": count, "campaign_id": campaign_id}
    found: list[dict[str, Any]] = face.made("/api/content/generate", asked)["pieces"]
    return found


def done_to(face: Face, id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = face.call("GET", "/api/audit", params={"subject_id": id}).json()["items"]
    return found


def failed_by_guard(face: Face, id: str) -> None:
    with face.alice.writing() as session:
        locked = content_store.locked_piece(session, id)
        assert locked is not None
        locked[0].guard = dict(FAILED)


@DECISIONS
@pytest.mark.parametrize("by", ["pieces", "variants"])
def test_overriding_needs_an_owner_and_a_reason(face: Face, by: str, decision: str) -> None:
    piece = drafts(face, 1)[0]
    place = f"/api/content/{by}/{piece['id'] if by == 'pieces' else piece['variants'][0]['id']}/{decision}"
    wanted = {"override": True, "reason": "The client insists"}
    assert is_problem(face.call("POST", place, "reviewer", json=wanted), 403, "override_needs_owner")
    for reason in ({}, {"reason": ""}, {"reason": "  "}):
        bare = face.call("POST", place, json={"override": True, **reason})
        assert is_problem(bare, 400, "override_needs_reason")
        assert [problem["at"] for problem in bare.json()["problems"]] == ["body.reason"]
    assert face.call("GET", f"/api/content/pieces/{piece['id']}").json() == piece
    decided = face.call("POST", place, json=wanted)
    assert (decided.status_code, decided.json()["status"]) == (200, BECOMES[decision])
    assert done_to(face, piece["id"])[0]["detail"] == {"reason": "The client insists", "override": True}


@DECISIONS
def test_without_an_override_nothing_of_it_is_recorded(face: Face, decision: str) -> None:
    piece = drafts(face, 1)[0]
    place = f"/api/content/pieces/{piece['id']}/{decision}"
    said = {"override": False, "reason": "Reads well"}
    assert face.call("POST", place, "reviewer", json=said).status_code == 200
    assert done_to(face, piece["id"])[0]["detail"] == {"reason": "Reads well"}


@pytest.mark.parametrize("body", [{"override": "yes"}, {"override": None}, {"override": 1}, {"reason": 5}, {"why": ""}])
def test_odd_decisions_are_told(face: Face, generation: dict[str, Any], body: dict[str, Any]) -> None:
    place = f"/api/content/pieces/{generation['pieces'][0]['id']}/approve"
    assert is_problem(face.call("POST", place, json=body), 400, "bad_request")


def test_what_the_guard_failed_needs_an_override(face: Face) -> None:
    piece = drafts(face, 1)[0]
    failed_by_guard(face, piece["id"])
    place = f"/api/content/pieces/{piece['id']}"
    assert is_problem(face.call("POST", f"{place}/approve"), 409, "guard_failed")
    assert face.call("GET", place).json()["status"] == "draft"
    answer = face.call("POST", f"{place}/approve", json={"override": True, "reason": "A quotation"})
    assert answer.json()["status"] == "approved"
    assert face.call("POST", f"{place}/reject").json()["status"] == "rejected"


def test_a_campaign_is_approved_at_once(face: Face) -> None:
    campaign = face.made("/api/campaigns", {"name": "Spring"})["id"]
    draft, rejected, approved, failed = drafts(face, 4, campaign)
    second = drafts(face, 2, campaign)
    other = drafts(face, 1)[0]
    face.call("POST", f"/api/content/pieces/{rejected['id']}/reject", json={"reason": "Too loud"})
    face.call("POST", f"/api/content/pieces/{approved['id']}/approve")
    failed_by_guard(face, failed["id"])
    answer = face.call("POST", f"/api/campaigns/{campaign}/approve", "reviewer")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"approved", "skipped"}
    assert sorted(answer.json()["approved"]) == sorted(piece["id"] for piece in (draft, *second))
    assert {each["id"]: each["reason"] for each in answer.json()["skipped"]} == {
        rejected["id"]: pieces.SKIPPED["rejected"],
        approved["id"]: pieces.SKIPPED["approved"],
        failed["id"]: pieces.GUARD_FAILED,
    }
    now = face.call("GET", f"/api/content/pieces/{draft['id']}").json()
    assert now["status"] == "approved"
    assert {variant["status"] for variant in now["variants"]} == {"live"}
    assert face.call("GET", f"/api/content/pieces/{other['id']}").json()["status"] == "draft"
    assert face.call("GET", f"/api/content/generations/{second[0]['generation_id']}").json()["status"] == "approved"
    assert face.call("GET", f"/api/content/generations/{draft['generation_id']}").json()["status"] == "draft"
    assert done_to(face, draft["id"])[0]["action"] == "piece.approved"
    told = done_to(face, campaign)[0]
    assert (told["action"], told["detail"]) == ("campaign.approved", {"approved": 3, "skipped": 3})


def test_approving_a_campaign_again_changes_nothing(face: Face) -> None:
    campaign = face.made("/api/campaigns", {"name": "Again"})["id"]
    place = f"/api/campaigns/{campaign}/approve"
    assert face.call("POST", place).json() == {"approved": [], "skipped": []}
    piece = drafts(face, 1, campaign)[0]
    first = [face.call("POST", place, headers={"Idempotency-Key": "all"}).json() for _ in range(2)]
    assert first == [{"approved": [piece["id"]], "skipped": []}] * 2
    again = face.call("POST", place).json()
    assert again == {"approved": [], "skipped": [{"id": piece["id"], "reason": pieces.SKIPPED["approved"]}]}


def test_an_archived_campaign_is_not_approved(face: Face) -> None:
    campaign = face.made("/api/campaigns", {"name": "Over"})["id"]
    face.call("DELETE", f"/api/campaigns/{campaign}")
    assert is_problem(face.call("POST", f"/api/campaigns/{campaign}/approve"), 409, "campaign_archived")


def test_the_document_says_what_deciding_by_variant_means(face: Face) -> None:
    paths = face.client.get("/openapi.json").json()["paths"]
    for decision in ("approve", "reject"):
        assert "whole piece" in paths[f"/api/content/variants/{{id}}/{decision}"]["post"]["description"]
