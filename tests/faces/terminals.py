"""A terminal to type on and to look at, for tests of what reads keys."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import termios
import threading
import time
from typing import Any, TextIO

from regrow.cli import keyboard
from regrow.cli.keyboard import Keyboard


class Terminal:
    """A terminal of so many columns; what is typed and what is shown."""

    def __init__(self, columns: int = 80) -> None:
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.out: TextIO = os.fdopen(os.dup(self.slave), "w", encoding="utf-8")
        self._said = b""
        # Somebody has to look at a screen, or what draws on it waits for ever.
        self._watching = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def type(self, text: str | bytes) -> None:
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def shown(self) -> str:
        self.out.flush()
        time.sleep(0.1)
        return self._said.decode()

    def _watch(self) -> None:
        while not self._watching.is_set():
            if select.select([self.master], [], [], 0.02)[0]:
                self._said += os.read(self.master, 65_536)

    def hang_up(self) -> None:
        self._watching.set()
        self._thread.join()
        os.close(self.master)

    def state(self) -> list[Any]:
        return termios.tcgetattr(self.slave)

    def close(self) -> None:
        if not self._watching.is_set():
            self.hang_up()
        self.out.close()
        os.close(self.slave)


def reading(terminal: Terminal) -> contextlib.AbstractContextManager[Keyboard]:
    return keyboard.opened(terminal.slave, terminal.out)
