"""A command on a terminal of its own: what is typed on it, and what stands on its screen now."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.cells import cell_len

from tests.faces import command_line

_SEQUENCE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])")
QUIET_SECONDS = 0.05
PATIENCE_SECONDS = 30


class Screen:
    """Rows of characters as a terminal would show them; `strange` is what none of our commands should ever send."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.lines = [""]
        self.clears = 0
        self.strange: list[str] = []
        self._row = self._column = 0
        self._held = ""

    def feed(self, text: str) -> None:
        text, self._held = self._held + text, ""
        place = 0
        while place < len(text):
            if text[place] != "\x1b":
                self._put(text[place])
                place += 1
            elif found := _SEQUENCE.match(text, place):
                self._steer(found[1], found[2], found[3])
                place = found.end()
            elif len(text) - place < 12:
                self._held = text[place:]
                return
            else:
                self.strange.append(text[place : place + 12])
                place += 1

    @property
    def flat(self) -> str:
        """All words on the screen on one line, however they were wrapped."""
        return " ".join(" ".join(self.lines).split())

    def _steer(self, mark: str, numbers: str, letter: str) -> None:
        if (numbers, letter) == ("2", "J"):
            self.lines, self._row, self._column = [""], 0, 0
            self.clears += 1
        elif letter == "H" and not numbers:
            self._row = self._column = 0
        elif letter == "K":
            self.lines[self._row] = _cut(self.lines[self._row], self._column if numbers in ("", "0") else 0)
        elif letter == "C":
            self._column = int(numbers or 1)
        elif letter == "A":
            self._row = max(0, self._row - int(numbers or 1))
        elif letter != "m" and (mark, numbers) not in (("?", "2004"), ("?", "25")):
            self.strange.append(f"{mark}{numbers}{letter}")

    def _put(self, sign: str) -> None:
        if sign == "\r":
            self._column = 0
        elif sign == "\n":
            self._down()
        elif sign == "\x07":
            pass
        elif not sign.isprintable() and sign not in "\u200c\u200d":
            self.strange.append(sign)
        else:
            self._show(sign)

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self.lines):
            self.lines.append("")
        if len(self.lines) > self.rows:
            self.lines.pop(0)
            self._row -= 1

    def _show(self, sign: str) -> None:
        width = cell_len(sign)
        if self._column + width > self.columns:
            self._down()
            self._column = 0
        line = self.lines[self._row]
        after = line[len(_cut(line, self._column + width)) :]
        self.lines[self._row] = _cut(line.ljust(self._column), self._column) + sign + after
        self._column += width


def _cut(line: str, cells: int) -> str:
    while cell_len(line) > cells:
        line = line[:-1]
    return line


class Sitting:
    """Somebody in front of a running command. Made by `sitting`."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, slave: int, screen: Screen) -> None:
        self.process, self.screen, self.said = process, screen, b""
        self._master, self._slave = master, slave
        self._before = termios.tcgetattr(slave)
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, *words: str, clears: int = 0) -> str:
        """The screen, once all these words are on it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.screen.clears < clears or not all(word in self.screen.flat for word in words):
            assert time.monotonic() < end, f"{words} never came: {self.screen.lines}"
            assert self._look() or self.process.poll() is None, f"{words} never came: {self.screen.lines}"
        while self._look():
            pass
        return self.screen.flat

    def press(self, key: str, *words: str) -> str:
        """A key that draws the screen anew, and the new screen with these words on it."""
        drawn = self.screen.clears
        self.type(key)
        return self.until(*words, clears=drawn + 1)

    def resize(self, rows: int, columns: int) -> str:
        drawn = self.screen.clears
        self.screen.rows, self.screen.columns = rows, columns
        _size(self._master, rows, columns)
        return self.until(clears=drawn + 1)

    def end(self, code: int = 0) -> str:
        """What is on the screen when it has ended, with the terminal as it was before and nothing strange on it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, self.screen.lines
            self._look()
        while self._look():
            pass
        assert self.process.returncode == code, self.screen.lines
        assert termios.tcgetattr(self._slave) == self._before
        assert self.screen.strange == []
        assert self.said.count(b"\x1b[?2004h") == self.said.count(b"\x1b[?2004l")
        assert b"Traceback" not in self.said
        return self.screen.flat

    def _look(self) -> bool:
        """Reads what came; whether anything did."""
        if not select.select([self._master], [], [], QUIET_SECONDS)[0]:
            return False
        got = os.read(self._master, 65_536)
        self.said += got
        self.screen.feed(self._decoder.decode(got))
        return True


@contextmanager
def sitting(
    *words: str | Path, rows: int = 24, columns: int = 80, env: dict[str, str] | None = None
) -> Iterator[Sitting]:
    """`regrow` on a terminal of its own, killed at the end if it still runs."""
    master, slave = os.openpty()
    _size(slave, rows, columns)
    around = command_line.environment({"TERM": "xterm-256color", "VISUAL": "", "EDITOR": "false", **(env or {})})
    around = {name: value for name, value in around.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        command_line.command(words),
        env=around,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    try:
        yield Sitting(process, master, slave, Screen(rows, columns))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def _size(fd: int, rows: int, columns: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def script(folder: Path, body: str, name: str = "my editor") -> dict[str, str]:
    """The setting of a little script as somebody's editor; `$1` is the file."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return {"EDITOR": f"'{path}'"}
