"""E-mails over HTTP: asked for, shown, decided on, and read as messages."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

import pytest

from regrow.domain.workspaces import Role
from regrow.kit import clock, ids
from regrow.store.tables.content import Variant
from tests.faces.conftest import Face, is_problem


@pytest.fixture(scope="module")
def mailed(face: Face) -> dict[str, Any]:
    """A generation of an e-mail and a post."""
    asked = {"topic_id": face.topic(), "media": ["email", "social"], "social_count": 1}
    return face.made("/api/content/generate", asked, "editor")


def piece_of(generation: dict[str, Any], medium: str) -> dict[str, Any]:
    (found,) = (piece for piece in generation["pieces"] if piece["medium"] == medium)
    return dict(found)


def place(piece: dict[str, Any]) -> str:
    return f"/api/content/pieces/{piece['id']}/email"


def test_an_email_has_two_versions_with_all_their_fields(mailed: dict[str, Any]) -> None:
    piece = piece_of(mailed, "email")
    assert (piece["sequence"], piece["status"], piece["origin"]) == (1, "draft", "offline-extractive")
    first, second = (variant["content"] for variant in piece["variants"])
    assert first.keys() == {"subject", "preheader", "body", "cta", "html", "sources"}
    assert (piece["title"], piece["body"]) == (first["subject"], first["body"])
    assert first["subject"] != second["subject"]
    assert first["html"].startswith("<!doctype html>")
    assert first["cta"] in first["html"]
    assert piece["provenance"]["function"] == "write_email"
    assert set(piece["provenance"]["sources"]) == {*first["sources"], *second["sources"]}


def test_by_default_there_is_none(face: Face, generation: dict[str, Any]) -> None:
    assert [piece["medium"] for piece in generation["pieces"]] == ["blog", *["social"] * 5]


def test_the_language_of_the_voice_is_that_of_the_mail(face: Face) -> None:
    persona = face.made("/api/personas", {"name": "Ada", "voice": {"email": {"language": "de", "words": 120}}})
    asked = {"topic_id": face.topic(), "media": ["email"], "variants": 1, "persona_id": persona["id"]}
    piece = piece_of(face.made("/api/content/generate", asked), "email")
    assert piece["meta"] == {"language": "de"}
    assert '<html lang="de" dir="ltr">' in piece["variants"][0]["content"]["html"]
    assert b'<html lang=3D"de"' in face.call("GET", place(piece)).content


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("label", ["A", "B"])
def test_everybody_who_may_read_gets_the_message(face: Face, mailed: dict[str, Any], role: Role, label: str) -> None:
    piece = piece_of(mailed, "email")
    answer = face.call("GET", place(piece), role.value, params={"label": label})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "message/rfc822")
    assert re.fullmatch(r'attachment; filename="[a-z0-9-]{1,70}\.eml"', answer.headers["content-disposition"])
    found = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    held = {each["label"]: each["content"] for each in piece["variants"]}[label]
    assert str(found["Subject"]) == held["subject"]
    parts = [each.get_content_type() for each in found.iter_parts()]
    assert (parts, found.defects) == (["text/plain", "text/html"], [])
    rich = found.get_body(("html",))
    assert rich is not None
    assert rich.get_content().replace("\r\n", "\n") == held["html"]


def test_version_a_is_the_one_shown_first(face: Face, mailed: dict[str, Any]) -> None:
    piece = piece_of(mailed, "email")
    named = face.call("GET", place(piece), params={"label": "A"})
    assert face.call("GET", place(piece)).content == named.content


def test_what_is_no_mail_is_refused(face: Face, mailed: dict[str, Any]) -> None:
    letter, post = piece_of(mailed, "email"), piece_of(mailed, "social")
    assert is_problem(face.call("GET", place(post), "viewer"), 409, "not_an_email")
    assert is_problem(face.call("GET", place(letter), params={"label": "C"}), 404, "not_found")
    assert is_problem(face.call("GET", place(letter), params={"label": "a"}), 404)
    assert is_problem(face.call("GET", place(letter), params={"label": "ABCDE"}), 400)
    assert is_problem(face.call("GET", place({"id": "pie_nobody"})), 404, "not_found")


def test_a_stranger_cannot_tell_it_is_there(face: Face, mailed: dict[str, Any]) -> None:
    piece = piece_of(mailed, "email")
    theirs = face.call("GET", place(piece), "stranger")
    assert is_problem(theirs, 404, "not_found")
    unknown = face.call("GET", place({"id": "pie_unknown"}), "stranger")
    assert theirs.text.replace(piece["id"], "pie_unknown") == unknown.text
    assert is_problem(face.call("GET", place(piece), "none"), 401)


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ('x"; filename="evil.exe', "x-filename-evil-exe-b.eml"),
        ("../../etc/passwd\r\nSet-Cookie: a=b", "etc-passwd-set-cookie-a-b-b.eml"),
        ("Thé à trois heures", "the-a-trois-heures-b.eml"),
        ("日本語 🍞", "email-b.eml"),
        ("x" * 500, f"{'x' * 60}-b.eml"),
    ],
)
def test_a_subject_cannot_break_out_of_the_file_name(face: Face, subject: str, name: str) -> None:
    asked = {"topic_id": face.topic(), "media": ["email"]}
    piece = piece_of(face.made("/api/content/generate", asked), "email")
    with face.alice.writing() as session:
        told = {**piece["variants"][1]["content"], "subject": subject}
        more = {
            "label": "B",
            "version": 2,
            "content": told,
            "status": "draft",
            "by": "model",
            "created_at": clock.now(),
        }
        session.add(Variant(id=ids.new("var"), piece_id=piece["id"], **more))
    answer = face.call("GET", place(piece), params={"label": "B"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "set-cookie" not in answer.headers
    found = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert found["Set-Cookie"] is None
    assert found.keys() == ["Subject", "MIME-Version", "Content-Type", "X-Unsent"]


def test_an_email_is_decided_on_like_everything_else(face: Face) -> None:
    made = face.made("/api/content/generate", {"topic_id": face.topic(), "media": ["email"]})
    piece = piece_of(made, "email")
    approved = face.call("POST", f"/api/content/pieces/{piece['id']}/approve", "reviewer").json()
    assert (approved["status"], {each["status"] for each in approved["variants"]}) == ("approved", {"live"})
    assert face.call("GET", f"/api/content/generations/{made['id']}").json()["status"] == "approved"
    listed = face.call("GET", "/api/content/pieces", params={"medium": "email", "status": "approved", "limit": 200})
    assert piece["id"] in [each["id"] for each in listed.json()["items"]]
    assert face.call("GET", place(piece), "viewer").status_code == 200


def test_notes_that_say_too_little_give_a_refusal_that_helps(face: Face) -> None:
    note = face.made("/api/notes", {"title": "Thin", "body": "Only one sentence stands here."})
    topic = face.made("/api/topics", {"note_ids": [note["id"]], "title": "Thin"})
    answer = face.call("POST", "/api/content/generate", json={"topic_id": topic["id"], "media": ["email"]})
    assert is_problem(answer, 409, "not_enough_source")
    assert "Add notes" in answer.json()["detail"]
