"""`regrow review` on a terminal of its own: every decision, its undoing, and who was faster."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line, screens
from tests.faces.desks import Room, adding

ASKED_WHY = "Why not?"
ASKED_WISH = "What should be otherwise?"
MEANWHILE = "Somebody changed it meanwhile"


@pytest.fixture
def room(tmp_path: Path, capsys: Any) -> Room:
    return Room(tmp_path, capsys)


def test_the_whole_queue_is_decided_and_leaves_by_itself(room: Room) -> None:
    with room.review() as desk:
        assert "[a] approve" in desk.until("blog 1 of 6", "[q] leave")
        desk.press("a", "2 of 6", "Approved. This is the next one; [u] takes it back.")
        assert room.piece(0)["status"] == "approved"
        desk.type("r")
        desk.until(ASKED_WHY)
        desk.press("Too long\r", "3 of 6", "Rejected.")
        assert (room.piece(1)["status"], room.piece(1)["meta"]["reject_reason"]) == ("rejected", "Too long")
        desk.type("r")
        desk.until(ASKED_WHY)
        desk.press("no, wait\x1b", "3 of 6")
        assert room.piece(2)["status"] == "draft"
        for place in (4, 5, 6):
            desk.press("A", f"{place} of 6")
        desk.press("p", "5 of 6", "It is approved now.")
        desk.press("a", "It is approved already.")
        desk.press("n", "6 of 6")
        desk.type("r")
        desk.until(ASKED_WHY)
        desk.type("\r")
        assert desk.end() == "4 approved, 2 rejected; 0 of 6 still wait."
    assert [room.piece(place)["status"] for place in range(6)] == [
        *("approved", "rejected", "approved", "approved", "approved", "rejected")
    ]
    assert "reject_reason" not in room.piece(5)["meta"]


def test_going_round_the_queue(room: Room) -> None:
    with room.review("--medium", "social") as desk:
        desk.until("social", "1 of 5", "[q] leave")
        desk.press("p", "1 of 5", "This is the first one.")
        for place, key in enumerate(("n", "\x1b[C", "N", "n"), 2):
            desk.press(key, f"{place} of 5")
        desk.press("\x1b[D", "4 of 5")
        desk.press("a", "5 of 5")
        desk.press("n", "1 of 5", "That was the last one. 4 still wait, and this is the first of them")
        desk.press("x", "1 of 5")
        desk.type("q")
        assert desk.end() == "1 approved; 4 of 5 still wait."


def test_editing_shows_the_new_version_and_what_changed(room: Room) -> None:
    before = room.bodies(0)
    with room.review(env=screens.script(room.folder, adding("Mind the crumbs."))) as desk:
        desk.until("version 1", "[q] leave")
        desk.press("e", "blog 1 of 6", "version 2", "by person", "Changed: this is version 2.")
        assert [body.split() for body in room.bodies(0)] == [
            [*before[0].split(), *"Mind the crumbs.".split()],
            before[1].split(),
        ]
        desk.press("d", "Variant A, version 1 -> 2: 3 words more, 0 fewer")
        desk.press("d", "Variant A title:")
        desk.press("u", "version 3", "Taken back: Changed")
        assert room.bodies(0) == before
        desk.press("u", "There is nothing to take back.")
        desk.type("q")
        assert desk.end() == "Nothing decided; 6 of 6 still wait."
    assert len(room.run("pieces", "history", room.ids[0])["items"]) == 3


FAILING = (
    ("exit 3", "my editor ended with an error (3). Nothing was changed."),
    (':> "$1"', "Nothing was changed."),
    ("true", "Nothing was changed."),
    ('rm "$1"', "left no file behind. Nothing was changed."),
    ("sed -i '/Variant B/d' \"$1\"", "the line '=== Variant B ===' is missing"),
)


def test_an_editor_that_gives_nothing_changes_nothing(room: Room) -> None:
    before = room.piece(0)
    with room.review(env=screens.script(room.folder, "")) as desk:
        desk.until("[q] leave")
        for body, told in FAILING:
            screens.script(room.folder, body)
            assert ".." not in desk.press("e", told, "version 1")
            assert bool(list(room.home.glob("unsaved/*"))) is ("missing" in told)
            desk.press("n", "2 of 6")
            desk.press("p", "1 of 6")
        desk.type("q")
        desk.end()
    assert room.piece(0) == before


def test_an_answer_never_falls_on_what_was_not_shown(room: Room) -> None:
    with room.review(env=screens.script(room.folder, adding("Mine."))) as desk:
        desk.until("[q] leave")
        for version, key in enumerate(("a", "r", "e", "w", "1", "s"), 2):
            room.edited(0, "Theirs.")
            if key in "rw":
                desk.type(key)
                desk.until(ASKED_WHY if key == "r" else ASKED_WISH)
                key = "\r"
            desk.press(key, MEANWHILE, "1 of 6", f"version {version}", "[d] shows what changed.")
            desk.press("d", f"version {version - 1} -> {version}: 1 word more")
            desk.press("d", "Variant A title:")
        desk.type("q")
        assert desk.end() == "Nothing decided; 6 of 6 still wait."
    piece = room.piece(0)
    assert (piece["status"], piece["version"], piece["meta"]) == ("draft", 7, {})
    assert piece["body"].endswith("Theirs.")
    assert "Mine." not in piece["body"]
    assert len(room.run("pieces", "list")["items"]) == 6


def test_what_was_typed_while_somebody_else_was_faster_is_kept(room: Room) -> None:
    go = room.folder / "go"
    body = f"{adding('Mine.')}; touch '{go}.open'; until [ -e '{go}' ]; do sleep 0.05; done"
    with room.review(env=screens.script(room.folder, body), columns=200) as desk:
        desk.until("[q] leave")
        drawn = desk.screen.clears
        desk.type("e")
        command_line.wait_until(Path(f"{go}.open").exists)
        room.edited(0, "Theirs.")
        go.touch()
        shown = desk.until(MEANWHILE, "What you wrote is kept in", "version 2", clears=drawn + 1)
        kept = room.home / "unsaved" / f"{room.ids[0]}.md"
        assert str(kept) in shown.replace(" ", "")
        assert "Mine." in kept.read_text()
        desk.type("q")
        desk.end()
    assert room.piece(0)["body"].endswith("Theirs.")


def test_keys_typed_while_an_editor_is_open_decide_on_nothing(room: Room) -> None:
    go = room.folder / "go"
    body = f"touch '{go}.open'; until [ -e '{go}' ]; do sleep 0.05; done"
    with room.review(env=screens.script(room.folder, body)) as desk:
        desk.until("[q] leave")
        drawn = desk.screen.clears
        desk.type("e")
        command_line.wait_until(Path(f"{go}.open").exists)
        desk.type("aaa")
        go.touch()
        desk.until("1 of 6", "Nothing was changed.", clears=drawn + 1)
        desk.type("q")
        assert desk.end() == "Nothing decided; 6 of 6 still wait."


def test_writing_again_replaces_the_piece_and_is_taken_back(room: Room) -> None:
    before = room.bodies(1)
    with room.review() as desk:
        desk.until("[q] leave")
        desk.press("n", "2 of 6")
        desk.type("w")
        desk.until(ASKED_WISH)
        desk.press("never mind\x1b", "2 of 6")
        desk.type("w")
        desk.until(ASKED_WISH)
        desk.press("Shorter, please\r", "2 of 6", "Written again: this is the new one.", "version 1")
        new = room.run("pieces", "show", room.newest())
        assert (new["parent_piece_id"], new["status"]) == (room.ids[1], "draft")
        assert new["provenance"]["instructions"] == "Shorter, please"
        assert [variant["content"]["body"] for variant in new["variants"]] != before
        assert room.piece(1)["status"] == "superseded"
        desk.press("d", f"{room.ids[1]} version 1 -> {new['id']} version 1:")
        desk.press("u", "Taken back: Written again", "version 2")
        room.ids[1] = new["id"]
        assert room.bodies(1) == before
        desk.press("a", "3 of 6")
        desk.type("q")
        assert desk.end() == "1 approved; 5 of 6 still wait."


@pytest.mark.parametrize("models", ["openai:gpt-5.2", "nonsense"])
def test_a_writer_that_fails_is_told_and_the_desk_goes_on(room: Room, models: str) -> None:
    with room.review(env={"REGROW_MODELS": models, "OPENAI_API_KEY": ""}) as desk:
        desk.until("[q] leave")
        desk.type("w")
        desk.until(ASKED_WISH)
        shown = desk.press("\r", "1 of 6", "version 1")
        assert re.search(r"! [^.]*(OPENAI_API_KEY|nonsense)", shown)
        desk.press("a", "2 of 6", "Approved.")
        desk.type("q")
        desk.end()
    assert len(room.run("pieces", "list")["items"]) == 6


def test_too_few_notes_are_told_in_the_words_of_the_rule(room: Room) -> None:
    room.archive_notes()
    with room.review() as desk:
        desk.until("[q] leave")
        desk.type("w")
        desk.until(ASKED_WISH)
        desk.press("\r", "1 of 6", "are left, and a topic needs", "bring notes back")
        desk.type("q")
        assert desk.end() == "Nothing decided; 6 of 6 still wait."


def test_rating_is_shown_with_the_piece(room: Room) -> None:
    with room.review() as desk:
        assert "rated" not in desk.until("[q] leave").replace("[1-5] rate", "")
        for key, word in zip("12345", ("excellent", "good", "acceptable", "poor", "unacceptable"), strict=True):
            desk.press(key, f"rated {word} by you", f"Rated {word}.", "1 of 6")
        desk.type("q")
        assert desk.end() == "5 rated; 6 of 6 still wait."
    assert room.run("feedback", "show", room.ids[0])["summary"]["rating"] == "unacceptable"
    room.execute(
        "INSERT INTO ratings (id, workspace_id, piece_id, piece_version, actor_id, rating, comment, at) "
        "SELECT id || 'x', workspace_id, piece_id, piece_version, 'mem_other', 'good', '', at FROM ratings "
        "WHERE rating = 'unacceptable'"
    )
    with room.review() as desk:
        desk.until("rated unacceptable by 2 people, unacceptable by you", "[q] leave")
        desk.press("2", "rated good by 2 people, good by you")


def test_selecting_goes_round_and_is_taken_back(room: Room) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        desk.press("s", "Only variant A will be published.")
        assert room.piece()["meta"]["selected"] == "A"
        desk.press("s", "Only variant B will be published.")
        desk.press("s", "All variants will be published.")
        assert "selected" not in room.piece()["meta"]
        desk.press("u", "Taken back: All", "Only variant B will be published.")
        desk.press("u", "Only variant A will be published.")
        desk.press("u", "Taken back: Only variant A")
        assert "selected" not in room.piece()["meta"]
        desk.type("q")
        desk.end()


def test_decisions_are_taken_back_from_anywhere(room: Room) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        desk.press("a", "2 of 6")
        desk.type("r")
        desk.until(ASKED_WHY)
        desk.press("Dry\r", "3 of 6")
        desk.press("n", "4 of 6")
        desk.press("u", "2 of 6", "Taken back: Rejected.")
        assert (room.piece(1)["status"], room.piece(1)["meta"].get("reject_reason")) == ("draft", None)
        desk.press("u", "1 of 6", "Taken back: Approved.")
        assert room.piece(0)["status"] == "draft"
        desk.type("q")
        assert desk.end() == "Nothing decided; 6 of 6 still wait."


def test_what_others_decide_meanwhile_is_shown_and_never_undone(room: Room) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        room.run("approve", room.ids[0])
        desk.type("r")
        desk.until(ASKED_WHY)
        desk.press("\r", MEANWHILE, "It is approved now.")
        assert room.piece(0)["status"] == "approved"
        room.run("reject", room.ids[1])
        desk.press("n", "2 of 6", "It is rejected now.")
        desk.press("n", "3 of 6")
        desk.press("a", "4 of 6")
        room.run("reject", room.ids[2], "--reason", "Not this one")
        desk.press("u", MEANWHILE)
        assert room.piece(2)["status"] == "rejected"
        desk.type("q")
        desk.end()


def test_a_piece_that_others_wrote_again_gives_way_to_the_new_one(room: Room) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        command_line.run("regenerate", "piece", room.ids[0], "--home", room.home, cwd=room.folder)
        desk.press("a", "1 of 6", "It was written again meanwhile: this is the new one.")
        desk.press("a", "2 of 6")
        desk.type("q")
        assert desk.end() == "1 approved; 5 of 6 still wait."
    new = room.run("pieces", "show", room.newest())
    assert (new["parent_piece_id"], new["status"]) == (room.ids[0], "approved")
