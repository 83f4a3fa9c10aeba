"""Writing again, histories, differences, restoring and editing on the command line, with their exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regrow.api import histories
from regrow.services import comparing
from tests.faces import command_line, screens
from tests.faces.command_line import Ended, running, wait_for, wait_until
from tests.faces.desks import Room, adding
from tests.faces.test_cli_processes import address, unfinished


@pytest.fixture
def room(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "false")
    return Room(tmp_path, capsys)


def again(room: Room, *words: str, code: int = 0, env: dict[str, str] | None = None) -> Ended:
    return command_line.inside("regenerate", *words, "--home", room.home, cwd=room.folder, code=code, env=env)


def written_by(room: Room, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setenv("EDITOR", screens.script(room.folder, body)["EDITOR"])


def test_five_tries_of_a_day_and_no_sixth(room: Room) -> None:
    (generation,) = room.run("generations", "list")["items"]
    blog, post, *posts = room.ids
    persona = room.run("personas", "create", "Baker", "--voice", "social.tone=lively")["id"]

    new = again(room, "piece", post, "--instructions", "Shorter", "--persona", persona, "--json").json
    assert (new["parent_piece_id"], new["status"], new["medium"]) == (post, "draft", "social")
    assert new["provenance"]["instructions"] == "Shorter"
    assert [variant["label"] for variant in new["variants"]] == ["A", "B"]

    room.run("approve", posts[0])
    made = again(room, "generation", generation["id"], "--medium", "social", "--json").json
    assert [piece["parent_piece_id"] for piece in made] == [*posts[1:], new["id"]]
    assert room.run("pieces", "show", posts[0])["status"] == "approved"
    assert room.run("pieces", "show", blog)["status"] == "draft"

    told = again(room, "piece", blog)
    stands = room.newest()
    assert stands in told.out
    assert f"diff {stands}" in told.err
    assert f"--home {room.home} review" in told.err

    shown = again(room, "generation", generation["id"], "--medium", "email", "--json").json
    assert [piece["medium"] for piece in shown] == ["email"]

    whole = again(room, "generation", generation["id"], "--instructions", "Lead with the number", "--json").json
    assert whole["regeneration_of"] == generation["id"]
    assert sorted(piece["medium"] for piece in whole["pieces"]) == ["blog", "email", *["social"] * 5]

    refused = again(room, "piece", stands, "--json", code=6)
    assert refused.json["error"]["code"] == "daily_limit"
    assert "5 are allowed" in refused.json["error"]["detail"]
    tries(room, generation["id"], whole["id"])
    line(room, post, new["id"], made[-1]["id"])


def tries(room: Room, first: str, second: str) -> None:
    """The history of the generation that was written again as a whole."""
    told = room.run("generations", "history", second)
    assert [each["generation_id"] for each in told["items"]] == [first, second]
    assert set(told["items"][0]) == set(histories.TryOfGeneration.model_fields)
    assert set(told["items"][0]["pieces"][0]) == set(histories.PieceOfTry.model_fields)
    assert room.run("generations", "history", first)["regenerations"] == [second]
    shown = room.told("generations", "history", first)
    assert "13, 6 replaced" in shown.out
    assert f"Written again as {second}." in shown.err


def line(room: Room, first: str, second: str, third: str) -> None:
    """The history of a post that was written again twice."""
    told = room.run("pieces", "history", third)
    assert [(each["piece_id"], each["version"]) for each in told["items"]] == [(first, 1), (second, 1), (third, 1)]
    assert set(told["items"][0]) == set(histories.Version.model_fields)
    assert (told["set_aside"], told["current_piece_id"]) == ([], third)
    shown = room.told("pieces", "history", second)
    assert third not in shown.out
    assert f"The one that stands now is {third}." in shown.err
    found = room.run("diff", third, "--from", "1", "--from-piece", first)
    assert (found["before"], found["after"]) == ({"piece_id": first, "version": 1}, {"piece_id": third, "version": 1})
    assert room.run("restore", third, "1", "--piece", first)["version"] == 2
    refused = room.run("restore", third, "1", "--piece", room.ids[-1], code=3)
    assert refused["error"]["code"] == "not_of_this_line"
    assert room.run("restore", first, "1", code=4)["error"]["code"] == "piece_superseded"


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("generation", "gen_0000000000"), 3, "not_found"),
        (("piece", "pie_0000000000"), 3, "not_found"),
        (("generation", "GENERATION", "--medium", "smoke"), 2, "unknown_medium"),
        (("generation", "GENERATION", "--persona", "per_0000000000"), 3, "not_found"),
        (("piece", "PIECE", "--persona", "Nobody"), 3, "not_found"),
        (("piece", "PIECE", "--instructions", "x" * 2_001), 2, "too_long"),
        (("piece", "PIECE", "--instructions", "a\x07b"), 2, "bad_instructions"),
        (("piece", "APPROVED"), 4, "piece_approved"),
        (("generation",), 2, "usage"),
    ],
)
def test_writing_again_refuses_what_it_may_not(room: Room, words: tuple[str, ...], code: int, name: str) -> None:
    room.run("approve", room.ids[5])
    (generation,) = room.run("generations", "list")["items"]
    named = {"GENERATION": generation["id"], "PIECE": room.ids[0], "APPROVED": room.ids[5]}
    told = room.run("regenerate", *(named.get(word, word) for word in words), code=code)
    assert told["error"]["code"] == name
    assert told["error"]["detail"]
    assert len(room.run("pieces", "list")["items"]) == 6


def test_notes_that_are_gone_are_told(room: Room) -> None:
    notes = len(room.note_ids())
    room.archive_notes(notes - 1)
    warned = f"Warning: 1 of the {notes} notes is gone or private now"
    assert warned in again(room, "piece", room.ids[1], "--json").err
    room.archive_notes(1)
    refused = room.run("regenerate", "piece", room.ids[0], code=4)
    assert refused["error"]["code"] == "topic_too_small"


def test_a_model_that_cannot_be_reached_changes_nothing(room: Room) -> None:
    env = {"REGROW_MODELS": "openai:gpt-5.2", "OPENAI_API_KEY": ""}
    told = again(room, "piece", room.ids[0], "--json", code=7, env=env)
    assert told.json["error"]["detail"]
    assert len(room.run("pieces", "list")["items"]) == 6


def test_what_came_too_late_is_set_aside_and_told(room: Room) -> None:
    (generation,) = room.run("generations", "list")["items"]
    words = ("regenerate", "generation", generation["id"], "--medium", "social", "--home", room.home, "--json")
    with running("serve", "--no-worker", "--port", "0", "--json", "--home", room.home, cwd=room.folder) as server:
        wait_for(f"{address(server)}/healthz", server)
        with running(*words, cwd=room.folder) as waiting:
            wait_until(lambda: len(unfinished(room.home)) == 1)
            room.run("approve", room.ids[1])
            server.kill()
            out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert room.ids[1] not in out
    assert f"{room.ids[1]} stays: it was approved while it was being written again. The new text is kept as pie_" in err
    (aside,) = room.run("pieces", "history", room.ids[1])["set_aside"]
    assert "Set aside, because the piece had changed when they came:" in room.told("pieces", "history", room.ids[1]).err
    room.run("reopen", room.ids[1])
    taken = room.run("restore", room.ids[1], "1", "--piece", aside["piece_id"])
    assert (taken["body"], taken["status"]) == (aside["body"], "draft")


def test_a_change_by_hand_its_difference_and_having_it_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    id, before = room.ids[1], room.piece(1)
    written_by(room, monkeypatch, adding("Mind the crumbs."))
    changed = room.run("edit", id)
    assert (changed["version"], changed["origin"], changed["status"]) == (2, "person", "draft")
    shown = room.told("diff", id)
    assert "Variant A, version 1 -> 2: 3 words more, 0 fewer" in shown.out
    assert "{+" in shown.out
    assert "\x1b" not in shown.out
    assert "Mind the crumbs.+}" in shown.out
    assert "[-" in room.told("diff", id, "--from", "2", "--to", "1").out
    found = room.run("diff", id, "--from", "1", "--to", "2", "--label", "a")
    assert set(found) == set(comparing.Compared.__dataclass_fields__)
    parts = found["fields"]["body"]
    assert "".join(part["text"] for part in parts if part["op"] != "insert") == before["body"]
    assert "".join(part["text"] for part in parts if part["op"] != "delete") == changed["body"]
    assert "nothing stands before it" in room.told("diff", id, "--to", "1").out
    restored = room.run("restore", id, "1")
    assert (restored["version"], restored["body"]) == (3, before["body"])
    assert f"{id} is at version 4 now: a draft to review." in room.told("restore", id, "2").out
    assert [each["how"] for each in room.run("pieces", "history", id)["items"]][1:] == ["edited", *["restored"] * 2]


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("diff", "PIECE", "--from", "9"), 3, "version_not_found"),
        (("diff", "PIECE", "--from", "0"), 2, "usage"),
        (("diff", "PIECE", "--label", "Q"), 3, "variant_not_found"),
        (("diff", "PIECE", "--from-piece", "OTHER"), 3, "not_of_this_line"),
        (("restore", "PIECE", "9"), 3, "version_not_found"),
        (("restore", "PIECE", "x"), 2, "usage"),
        (("restore", "APPROVED", "1"), 4, "piece_approved"),
        (("edit", "APPROVED"), 4, "piece_approved"),
        (("select", "PIECE", "Q"), 3, "variant_not_found"),
        (("select", "PIECE"), 2, "which_variant"),
        (("select", "PIECE", "A", "--all"), 2, "which_variant"),
        (("review", "--medium", "smoke"), 2, "usage"),
    ],
)
def test_what_cannot_be_is_refused(room: Room, words: tuple[str, ...], code: int, name: str) -> None:
    room.run("approve", room.ids[5])
    named = {"PIECE": room.ids[0], "OTHER": room.ids[1], "APPROVED": room.ids[5]}
    assert room.run(*(named.get(word, word) for word in words), code=code)["error"]["code"] == name


def test_selecting_and_reopening(room: Room) -> None:
    id = room.ids[0]
    assert room.run("select", id, "b")["meta"]["selected"] == "B"
    assert "is approved; only variant B will be published." in room.told("approve", id).out
    assert [each["status"] for each in room.piece()["variants"]] == ["draft", "live"]
    assert "selected" not in room.run("select", id, "--all")["meta"]
    assert [each["status"] for each in room.piece()["variants"]] == ["live", "live"]
    assert "is draft" in room.told("reopen", id).out
    assert room.piece()["status"] == "draft"


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [
        ("exit 3", 7, "editor_failed"),
        ('rm "$1"', 7, "editor_failed"),
        ('echo more >> "$1"; exit 3', 7, "editor_failed"),
        ("sed -i '/Variant B/d' \"$1\"", 2, "bad_sheet"),
        ("printf '\\377' > \"$1\"", 2, "not_utf8"),
    ],
)
def test_an_editor_that_fails_changes_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, body: str, code: int, name: str
) -> None:
    before = room.piece()
    written_by(room, monkeypatch, body)
    told = room.run("edit", room.ids[0], code=code)["error"]
    assert told["code"] == name
    kept = room.home / "unsaved" / f"{room.ids[0]}.md"
    assert kept.exists() is (f"kept in {kept}" in told["detail"])
    assert kept.exists() is (body not in ("exit 3", 'rm "$1"'))
    assert room.piece() == before


def test_an_editor_that_changes_nothing_or_is_not_there(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    written_by(room, monkeypatch, ':> "$1"')
    assert room.told("edit", room.ids[0]).out == "Nothing was changed.\n"
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    assert "set EDITOR" in room.told("edit", room.ids[0], code=7).err
    monkeypatch.setenv("EDITOR", "vi 'x")
    assert room.run("edit", room.ids[0], code=2)["error"]["code"] == "no_editor"
    assert room.piece()["version"] == 1


def test_who_was_faster_is_told_and_nothing_typed_is_lost(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    faster = " ".join(map(str, command_line.command(("approve", room.ids[0], "--home", room.home))))
    env = f"PYTHONPATH='{command_line.SOURCE}'"
    written_by(room, monkeypatch, f"{adding('Mine.')}; {env} {faster} >&2")
    told = room.run("edit", room.ids[0], code=4)["error"]
    kept = room.home / "unsaved" / f"{room.ids[0]}.md"
    assert told["code"] == "piece_approved"
    assert told["detail"].endswith(f"What you wrote is kept in {kept}")
    assert "Mine." in kept.read_text()
