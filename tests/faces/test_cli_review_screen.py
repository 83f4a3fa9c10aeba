"""`regrow review` and what is around it: every size, hostile drafts, pipes, an empty queue, a server in the home."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from regrow.api.review import Queue
from tests.faces import command_line, screens
from tests.faces.command_line import running, wait_for
from tests.faces.desks import Room, write_version
from tests.faces.test_cli_processes import address


@pytest.fixture
def room(tmp_path: Path, capsys: Any) -> Room:
    return Room(tmp_path, capsys)


def test_a_small_window_shows_every_line_and_grows(room: Room) -> None:
    body = room.piece()["variants"][1]["content"]["body"]
    with room.review(rows=12, columns=40) as desk:
        shown = desk.until("blog 1 of 6", "[a r e w 1-5 s d n p u q] [?] keys", "lines below: [space]")
        assert len(desk.screen.lines) <= 12
        assert "Variant A" in shown
        seen = shown
        while "below: [space]" in desk.screen.flat:
            seen += desk.press(" ")
            assert max(map(cell_len, desk.screen.lines)) <= 40
        assert all(word in seen for word in body.split())
        desk.press("?", "[a] approve", "[w] write again", "8 more lines below")
        desk.press("\x1b[F", "[q] leave", "[space, arrows, j, k] move the text")
        desk.press("?", "Variant A title:")
        desk.type("r")
        desk.until("Why not?", ">")
        desk.press("x\x1b")
        grown = desk.resize(60, 200)
        assert "[a] approve [r] reject" in grown
        assert max(map(cell_len, desk.screen.lines)) <= 100
        assert len(desk.screen.lines) == 59
        desk.type("q")
        desk.end()


def test_scrolling_leaves_no_line_out(room: Room) -> None:
    with room.review(rows=24, columns=80) as desk:
        desk.until("[q] leave")
        first = list(desk.screen.lines)
        desk.press("j")
        assert desk.screen.lines[5:10] == first[6:11]
        desk.press("\x1b[A")
        assert desk.screen.lines == first
        desk.press("\x1b[6~")
        below = desk.screen.lines
        assert below[4] in first
        assert "below: [space]" not in desk.press("\x1b[F", "sources:")
        desk.press("\x1b[H")
        assert desk.screen.lines == first
        desk.type("q")
        desk.end()


def test_a_hostile_draft_steers_nothing(room: Room) -> None:
    body = "<script>alert(1)</script> \x1b[2J\x1b[1;1Hgone\x1b]0;owned\x07 \x9b31m \x1b[?1049h {0} %s [red]"
    write_version(
        room.home,
        room.ids[0],
        {"title": "Red \x1b[31m\r\x08 title", "body": f"{body}\n=== Variant B ===\n", "hashtags": "x"},
    )
    with room.review(env=screens.script(room.folder, "true")) as desk:
        shown = desk.until("blog 1 of 6", "version 2", "<script>alert(1)</script>", "[q] leave")
        assert "title: Red \ufffd[31m\ufffd\ufffd title" in shown
        assert "{0} %s [red]" in shown
        desk.press("d", "version 1 -> 2")
        desk.press("d", "Variant A")
        desk.press("e", "Nothing was changed.")
        desk.type("q")
        desk.end()
    assert b"\x1b[?1049h" not in desk.said
    assert b"\x1b]" not in desk.said
    assert b"\x07" not in desk.said


def test_without_colours_there_are_none(room: Room) -> None:
    with room.review(env={"TERM": "dumb"}) as desk:
        desk.until("[q] leave")
        desk.type("q")
        desk.end()
    assert b"\x1b[1m" not in desk.said


def test_in_a_pipe_and_as_json_it_lists(room: Room) -> None:
    queue = room.run("review")
    assert set(queue) == set(Queue.model_fields)
    assert [each["id"] for each in queue["items"]] == room.ids
    assert (queue["next_cursor"], queue["waiting"]) == (None, 6)
    assert queue["items"][0] == {**room.piece(0), "replacing": []}
    room.run("approve", room.ids[1])
    social = room.run("review", "--medium", "social")
    assert ([each["id"] for each in social["items"]], social["waiting"]) == (room.ids[2:], 4)
    assert room.run("review", "--campaign", "cam_0000000000")["waiting"] == 0
    listed = room.told("review").out
    assert [id in listed for id in room.ids] == [True, False, True, True, True, True]


def test_on_a_terminal_json_lists_too_and_an_empty_queue_says_what_to_do(room: Room) -> None:
    with room.review("--json", rows=60) as desk:
        assert '"waiting": 6' in desk.end()
    with room.review("--medium", "email") as desk:
        assert desk.end() == "No draft waits for review. Write some: regrow generate"
    assert room.told("review", "--medium", "email").out == "No draft waits for review. Write some: regrow generate\n"


def test_a_long_queue_in_a_pipe_says_where_it_goes_on(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regrow.cli.review.MOST_LISTED", 4)
    told = room.told("review")
    queue = room.run("review")
    assert (len(queue["items"]), queue["waiting"]) == (4, 6)
    assert "6 wait in all; these are the oldest 4." in told.err
    assert f"pieces list --status draft --cursor {queue['next_cursor']}" in told.err
    rest = room.run("pieces", "list", "--status", "draft", "--cursor", queue["next_cursor"])["items"]
    assert [each["id"] for each in rest] == room.ids[4:]


def test_beside_a_server_it_writes_again_too(room: Room) -> None:
    with running("serve", "--port", "0", "--json", "--home", room.home, cwd=room.folder) as server:
        wait_for(f"{address(server)}/healthz", server)
        with room.review("--medium", "social") as desk:
            desk.until("1 of 5", "[q] leave")
            desk.type("w")
            desk.until("What should be otherwise?")
            desk.type("Shorter\r")
            desk.until("1 of 5", "Written again: this is the new one.")
            assert b"Another process works in this home" in desk.said
            desk.press("a", "2 of 5")
            desk.type("q")
            assert desk.end() == "1 written again, 1 approved; 4 of 5 still wait."
    new = room.run("pieces", "show", room.newest())
    assert (new["parent_piece_id"], new["status"]) == (room.ids[1], "approved")
    assert command_line.run("doctor", "--home", room.home, cwd=room.folder).code == 0


@pytest.mark.parametrize("leaving", ["Q", "\x1b", "\x03", "\x04"])
def test_leaving_says_what_was_done(room: Room, leaving: str) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        desk.type(leaving)
        assert desk.end() == "Nothing decided; 6 of 6 still wait."


def test_being_ended_sets_the_terminal_back(room: Room) -> None:
    with room.review() as desk:
        desk.until("[q] leave")
        desk.process.send_signal(signal.SIGTERM)
        desk.end(-signal.SIGTERM)
    assert room.piece(0)["status"] == "draft"
