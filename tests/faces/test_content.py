"""From notes to decided drafts over HTTP, in the shapes of the contract."""

from __future__ import annotations

from typing import Any

from regrow.domain.functions import FUNCTIONS
from tests.faces.conftest import SUBJECT, Face, is_problem

PIECE = {
    *(
        "id",
        "generation_id",
        "campaign_id",
        "medium",
        "sequence",
        "status",
        "version",
        "parent_piece_id",
        "title",
        "body",
    ),
    *("meta", "guard", "origin", "provenance", "variants", "trigger", "context_id", "created_at"),
}
VARIANT = {"id", "label", "version", "content", "status", "parent_variant_id", "experiment_id", "created_at"}
GENERATION = {
    *("id", "topic_id", "seed_note_id", "cluster_note_ids", "topic_summary", "status", "regeneration_of", "warnings"),
    *("pieces", "context_id", "created_at"),
}
PROVENANCE = {"function", "template", "template_version", "model", "settings", "sources", "cost", "patterns"}


def test_a_generation_has_one_blog_and_five_social_pieces(generation: dict[str, Any]) -> None:
    assert generation.keys() >= GENERATION
    assert [piece["medium"] for piece in generation["pieces"]] == ["blog", *["social"] * 5]
    assert [piece["sequence"] for piece in generation["pieces"]] == [1, 1, 2, 3, 4, 5]
    for piece in generation["pieces"]:
        assert piece.keys() >= PIECE
        assert piece["provenance"].keys() >= PROVENANCE
        assert (piece["status"], piece["origin"]) == ("draft", "offline-extractive")
        assert (piece["guard"]["passed"], piece["guard"]["method"], piece["trigger"]) == (True, "rules", None)
        assert [variant["label"] for variant in piece["variants"]] == ["A", "B"]
        assert all(variant.keys() >= VARIANT for variant in piece["variants"])
        assert piece["body"] == piece["variants"][0]["content"]["body"]
    assert generation["pieces"][0]["title"] == generation["pieces"][0]["variants"][0]["content"]["title"]


def test_reads_give_what_generate_gave(face: Face, generation: dict[str, Any]) -> None:
    assert face.call("GET", f"/api/content/generations/{generation['id']}").json() == generation
    piece = generation["pieces"][2]
    assert face.call("GET", f"/api/content/pieces/{piece['id']}", "viewer").json() == piece
    narrowed = {"generation_id": generation["id"], "medium": "social", "status": "draft"}
    found = face.call("GET", "/api/content/pieces", params=narrowed).json()["items"]
    assert sorted(found, key=lambda each: each["sequence"]) == generation["pieces"][1:]


def test_what_is_left_out_is_discovered(face: Face) -> None:
    for number, text in enumerate(SUBJECT):
        face.made(
            "/api/notes",
            {"title": f"Linked {number}", "body": text, "links": [f"Linked {before}" for before in range(number)]},
        )
    found = face.made("/api/topics/discover", {"random_seed": 7, "max_notes": 6}, "editor")
    assert found["kind"] == "notes"
    assert found["seed_note_id"] in found["note_ids"]
    made = face.call("POST", "/api/content/generate", "editor")
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/api/content/generations/{made.json()['id']}"


def test_media_variants_and_counts_are_as_asked(face: Face) -> None:
    asked = {"topic_id": face.topic(), "media": ["social"], "variants": 1, "social_count": 3}
    made = face.made("/api/content/generate", asked)
    assert [(p["medium"], len(p["variants"])) for p in made["pieces"]] == [("social", 1)] * 3


def test_decisions_on_pieces_and_variants(face: Face) -> None:
    made = face.made("/api/content/generate", {"topic_id": face.topic(), "media": ["social"], "social_count": 2})
    first, second = made["pieces"]
    approved = face.call("POST", f"/api/content/pieces/{first['id']}/approve", "reviewer")
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert {variant["status"] for variant in approved.json()["variants"]} == {"live"}
    by_variant = f"/api/content/variants/{second['variants'][1]['id']}"
    rejected = face.call("POST", f"{by_variant}/reject", "reviewer", json={"reason": "too dry"}).json()
    assert (rejected["id"], rejected["status"]) == (second["id"], "rejected")
    assert rejected["meta"]["reject_reason"] == "too dry"
    assert face.call("POST", f"{by_variant}/approve", "owner").json()["status"] == "approved"
    assert face.call("GET", f"/api/content/generations/{made['id']}").json()["status"] == "approved"


def test_without_notes_generate_says_what_to_do(face: Face) -> None:
    empty = face.home.found("Without notes")
    headers = {"Authorization": f"Bearer {empty.api_key}"}
    answer = face.client.post("/api/content/generate", headers=headers, json={})
    assert is_problem(answer, 409, "no_unused_seed")


def test_credits_run_out_and_are_granted(face: Face) -> None:
    assert face.call("GET", "/api/credits", "stranger").json() == {"balance": None, "is_unlimited": True, "held": 0}
    note = face.call("POST", "/api/notes", "stranger", json={"title": "Bread", "body": " ".join(SUBJECT)}).json()
    topic = face.call("POST", "/api/topics", "stranger", json={"note_ids": [note["id"]]}).json()
    assert face.call("POST", "/api/credits/grants", "stranger", json={"amount": 1}).status_code == 201
    refused = face.call("POST", "/api/content/generate", "stranger", json={"topic_id": topic["id"]})
    assert is_problem(refused, 402, "insufficient_credits")
    granted = face.call("POST", "/api/credits/grants", "stranger", json={"amount": 99, "what_for": "May"}).json()
    assert granted == {"balance": 100, "is_unlimited": False, "held": 0}
    wanted = {"topic_id": topic["id"], "media": ["social"], "social_count": 1, "variants": 1}
    assert face.call("POST", "/api/content/generate", "stranger", json=wanted).status_code == 201
    assert face.call("GET", "/api/credits", "stranger").json() == {"balance": 99, "is_unlimited": False, "held": 0}
    entries = face.call("GET", "/api/credits/ledger", "stranger").json()["items"]
    assert [entry["kind"] for entry in entries] == ["charge", "hold", "grant", "grant"]
    assert entries[-2]["what_for"] == "May"


def test_what_a_run_leaves_behind(face: Face, generation: dict[str, Any]) -> None:
    usage = face.call("GET", "/api/usage", params={"task_id": generation["task_id"]}).json()
    assert {row["function"] for row in usage["items"]} == {"write_blog", "write_social"}
    assert usage["totals"]["calls"] >= 2
    context = face.call("GET", f"/api/contexts/{generation['context_id']}").json()
    assert (context["phase"], context["result"]) == ("done", {"generation_id": generation["id"]})
    inside = face.call("GET", "/api/contexts", params={"parent_id": generation["context_id"]}).json()["items"]
    assert {row["name"] for row in inside} == {"write_blog", "write_social"}
    done = face.call("GET", "/api/audit", params={"subject_id": generation["id"]}).json()["items"]
    assert [row["action"] for row in done] == ["generation.created"]


def test_functions_say_what_they_take(face: Face) -> None:
    items = face.call("GET", "/api/functions", "viewer").json()["items"]
    assert [item["name"] for item in items] == [each.name for each in FUNCTIONS]
    assert all(item["limits"]["max_output_tokens"] > 0 and item["price"]["words_per_credit"] == 500 for item in items)
