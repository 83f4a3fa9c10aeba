"""Editing in somebody's own editor: little shell scripts stand for the editors, as they do for real ones."""

from __future__ import annotations

import os
import pty
import re
import signal
import stat
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest

from regrow.cli import editor
from regrow.kit import errors
from tests.faces import command_line

DRIVER = """
import sys, pathlib
from regrow.cli import editor
from regrow.kit import errors
try:
    print("GOT", repr(editor.edit("before\\n", pathlib.Path(sys.argv[1]), "pie 1")))
except errors.RegrowError as error:
    print("REFUSED", error.code, error.detail)
print("STILL HERE")
"""


def script(folder: Path, body: str, name: str = "my editor") -> str:
    """An editor for EDITOR, with a space in its place as some have."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return f"'{path}'"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    return tmp_path / "home"


def left(home: Path) -> list[str]:
    """What is left in the folder for temporary files."""
    return [path.name for path in (home.parent / "tmp").rglob("*")]


def kept(home: Path) -> list[str]:
    folder = home / "unsaved"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_what_was_written_comes_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, 'echo "after é" >> "$1"'))
    assert editor.edit("before\n", home, "pie_1") == "before\nafter é\n"
    assert (left(home), kept(home)) == ([], [])


def test_visual_goes_before_editor_and_both_may_hold_options(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", script(home.parent, 'echo "$1" > "$2"') + " '--wait for me'")
    assert editor.edit("", home, "x") == "--wait for me\n"


def test_the_file_is_private_and_says_that_it_is_markdown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, 'stat -c "%a %n" "$1" "${1%/*}" > "$1.out"; mv "$1.out" "$1"'))
    before = os.umask(0)
    try:
        file, folder = editor.edit("x", home, "../pie 1").splitlines()
    finally:
        os.umask(before)
    assert re.fullmatch(r"600 .*/regrow-\w+/pie-1\.md", file)
    assert folder.startswith("700 ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('echo more >> "$1"; exit 3', r"ended with an error \(3\)"),
        ('echo more >> "$1"; kill -KILL $$', "was ended by SIGKILL"),
        ('echo more >> "$1"; kill -40 $$', "was ended by"),
    ],
)
def test_an_editor_that_fails_changes_nothing_and_loses_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, body))
    with pytest.raises(errors.Unavailable, match=said) as caught:
        editor.edit("before\n", home, "pie_1")
    path = Path(caught.value.detail.rpartition("kept in ")[2])
    assert path == home / "unsaved" / "pie_1.md"
    assert path.read_text() == "before\nmore\n"
    assert left(home) == []


@pytest.mark.parametrize(
    ("body", "said"), [("exit 3", r"error \(3\)"), ('rm "$1"', "left no file"), ('rm "$1"; mkdir "$1"', "left no file")]
)
def test_where_nothing_was_written_nothing_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, body))
    with pytest.raises(errors.Unavailable, match=rf"{said}.*Nothing was changed\."):
        editor.edit("before\n", home, "pie_1")
    assert (left(home), kept(home)) == ([], [])


@pytest.mark.parametrize("value", ["no-such-editor-here", "/", "'/dev/null' -x"])
def test_an_editor_that_cannot_be_started(home: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EDITOR", value)
    with pytest.raises(errors.Unavailable, match=r"could not be started.*set EDITOR"):
        editor.edit("before\n", home, "pie_1")
    assert (left(home), kept(home)) == ([], [])


def test_bytes_that_are_no_text_are_kept_as_they_are(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, r"""printf 'one\ncaf\351\n' > "$1" """))
    with pytest.raises(errors.Invalid, match=r"line 2 is not UTF-8.*kept in") as caught:
        editor.edit("before\n", home, "pie_1")
    assert caught.value.code == "not_utf8"
    assert (home / "unsaved" / "pie_1.md").read_bytes() == b"one\ncaf\xe9\n"


def test_a_file_without_end_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor, "MOST_BYTES", 1_000)
    monkeypatch.setenv("EDITOR", script(home.parent, 'head -c 5000 /dev/zero > "$1"'))
    with pytest.raises(errors.Invalid, match="over 1,000 bytes"):
        editor.edit("", home, "x")
    assert (home / "unsaved" / "x.md").stat().st_size == 5_000


def test_a_home_that_cannot_be_written_to_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.write_text("a file where a folder should be")
    monkeypatch.setenv("EDITOR", script(home.parent, 'echo more >> "$1"; exit 1'))
    with pytest.raises(errors.Unavailable, match="kept in") as caught:
        editor.edit("before\n", home, "x")
    assert Path(caught.value.detail.rpartition("kept in ")[2]).read_text() == "before\nmore\n"


@pytest.mark.parametrize("value", ["", "  "])
def test_without_a_terminal_and_without_a_setting_it_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("EDITOR", value)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(errors.Invalid, match=r"no terminal.*set EDITOR") as caught:
            editor.edit("x", home, "x")
    assert caught.value.code == "no_editor"


@pytest.mark.parametrize("value", ["vi 'x", "''"])
def test_a_setting_that_is_no_command_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("VISUAL", value)
    if value == "''":
        with pytest.raises(errors.Unavailable, match="could not be started"):
            editor.edit("x", home, "x")
    else:
        with pytest.raises(errors.Invalid, match="VISUAL has a quotation mark too few"):
            editor.edit("x", home, "x")


def test_what_most_machines_have_is_found_in_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = home.parent / "bin"
    room.mkdir()
    monkeypatch.setenv("PATH", str(room))
    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(errors.Invalid, match=r"no editor was found \(editor, nano, vi\): set EDITOR"):
        editor.command()
    for name in ("vi", "nano", "editor"):
        script(room, "exit", name)
        assert editor.command() == [str(room / name)]


class Terminal:
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def test_keeping_never_overwrites_and_is_private(home: Path) -> None:
    before = os.umask(0)
    try:
        paths = [editor.keep(home, "pie_1", f"text {n} \ud800") for n in range(3)]
    finally:
        os.umask(before)
    assert [path.name for path in paths] == ["pie_1.md", "pie_1-2.md", "pie_1-3.md"]
    assert [path.read_text() for path in paths] == ["text 0 ?", "text 1 ?", "text 2 ?"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((home / "unsaved").stat().st_mode) == 0o700


def test_keeping_stays_in_its_folder_and_follows_no_link(home: Path) -> None:
    (home / "unsaved").mkdir(parents=True)
    (home / "unsaved" / "etc-passwd.md").symlink_to(home / "elsewhere")
    path = editor.keep(home, "../../etc/passwd", "x")
    assert path == home / "unsaved" / "etc-passwd-2.md"
    assert not (home / "elsewhere").exists()
    assert editor.keep(home, "面包", "x").name == "text.md"


def test_it_works_from_any_thread(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", script(home.parent, 'echo after >> "$1"'))
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(editor.edit("", home, "x")))
    thread.start()
    thread.join(command_line.PATIENCE_SECONDS)
    assert got == ["after\n"]


def started(home: Path, body: str) -> tuple[int, int]:
    """The driver on a terminal of its own, as a shell would start it: its process and the terminal's other end."""
    env = command_line.environment({"EDITOR": script(home.parent, body), "TMPDIR": str(home.parent / "tmp")})
    child, master = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, "-c", DRIVER, str(home)], env)
    return child, master


def said(master: int, until: str) -> str:
    text = ""
    end = time.monotonic() + command_line.PATIENCE_SECONDS
    while until not in text:
        assert time.monotonic() < end, text
        try:
            text += os.read(master, 4_096).decode()
        except OSError:
            break
    return text


@pytest.mark.parametrize("way", ["key", "signal"])
def test_ctrl_c_ends_the_editor_and_not_us(home: Path, way: str) -> None:
    child, master = started(home, 'echo more >> "$1"; stty -echo -icanon; echo READY; exec sleep 60')
    before = termios.tcgetattr(master)
    text = said(master, "READY")
    assert not termios.tcgetattr(master)[3] & termios.ECHO
    if way == "key":
        os.write(master, b"\x03")
    else:
        os.kill(child, signal.SIGTERM)
    text += said(master, "STILL HERE")
    assert "REFUSED editor_failed" in text
    assert ("SIGINT" if way == "key" else "SIGTERM") in text
    assert "KeyboardInterrupt" not in text
    assert termios.tcgetattr(master) == before
    assert os.waitpid(child, 0)[1] == 0
    assert (home / "unsaved" / "pie-1.md").read_text() == "before\nmore\n"
    os.close(master)


def test_an_editor_that_minds_ctrl_c_itself_goes_on(home: Path) -> None:
    child, master = started(home, "trap 'echo minded >> \"$1\"; exit 0' INT; echo READY; while :; do sleep 0.1; done")
    text = said(master, "READY")
    os.write(master, b"\x03")
    text += said(master, "STILL HERE")
    assert "GOT 'before\\nminded\\n'" in text
    assert os.waitpid(child, 0)[1] == 0
    os.close(master)


def test_what_an_editor_draws_stays_out_of_the_answer(home: Path) -> None:
    env = command_line.environment({"EDITOR": script(home.parent, 'echo drawn; echo after >> "$1"')})
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(home)], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout == "GOT 'before\\nafter\\n'\nSTILL HERE\n"
    assert done.stderr == "drawn\n"
