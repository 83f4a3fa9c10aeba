"""Single key presses and single lines from a terminal, which is afterwards as it was, whatever happens."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TextIO

from regrow.cli import presses
from regrow.kit import errors

REDRAW = "redraw"
"""Read as a key when the window changed its size or the process came back to the foreground."""
ESCAPE_SECONDS = 0.1
"""How long the rest of a sequence may take after its escape: enough for a slow connection, too short to be noticed."""
PASTE_SECONDS = 2.0
MOST_PASTED = 200_000
# The terminal itself marks what was pasted: typing ahead stays typing, however fast it comes.
MARK_PASTES, LEAVE_PASTES = "\x1b[?2004h", "\x1b[?2004l"
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_SIGNALS = (signal.SIGINT, *_ENDING, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)


class Keyboard:
    """Reads keys; made by `opened`. `pasted` is the text of the last paste."""

    def __init__(self, fd: int, out: TextIO) -> None:
        self.out, self.pasted = out, ""
        self._fd = fd
        self._held = b""
        self._is_gone = self._is_ours = self._is_due = False
        self._before = termios.tcgetattr(fd)
        self._woken, self.waker = os.pipe()
        os.set_blocking(self.waker, False)

    def read(self) -> str:
        """The next key: a printable character, or a name from `presses`; "redraw" when that is due.

        Ctrl-C is a key here and an interrupt anywhere else. A terminal that has gone reads as "ctrl-d".
        """
        try:
            while True:
                if self._held:
                    name = self._next()
                    if name:
                        return name
                elif self._is_gone:
                    return presses.CTRL_D
                elif self._is_due:
                    self._is_due = False
                    return REDRAW
                else:
                    self._fill(None)
        except KeyboardInterrupt:
            self._held = b""
            return presses.CTRL_C

    def show(self, text: str) -> None:
        """Draws at once."""
        with suppress(OSError):  # Nobody looks at a terminal that has gone; that is read as the end of input.
            self.out.flush()
        self._write(text)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Lends the terminal to somebody else, such as an editor.

        What is typed meanwhile was not typed for us: it decides on nothing that nobody has seen yet.
        """
        self.leave()
        try:
            yield
        finally:
            self.enter(termios.TCSAFLUSH)

    @property
    def size(self) -> os.terminal_size:
        """Columns and rows of the terminal itself; the environment may tell of another one."""
        try:
            found = os.get_terminal_size(self.out.fileno())
        except OSError:
            found = shutil.get_terminal_size()
        return found if all(found) else os.terminal_size((80, 24))

    def _next(self) -> str:
        """Takes one key from what is held, waiting for the rest of it; empty when it was none."""
        name, length = presses.first(self._held, is_all=False)
        while not length:
            is_all = not self._fill(ESCAPE_SECONDS)
            name, length = presses.first(self._held, is_all)
        self._held = self._held[length:]
        if name == presses.PASTE:
            self._take_paste()
        return name

    def _take_paste(self) -> None:
        """A paste ends with its mark, or when nothing more of it comes."""
        while presses.PASTE_ENDS not in self._held and self._fill(PASTE_SECONDS):
            if len(self._held) > MOST_PASTED:
                self._held = self._held[:MOST_PASTED] + self._held[-len(presses.PASTE_ENDS) :]
        raw, _, self._held = self._held.partition(presses.PASTE_ENDS)
        self.pasted = raw[:MOST_PASTED].decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")

    def _fill(self, seconds: float | None) -> bool:
        """Waits for bytes; False when none came, or when something else is due before any key is held."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._is_gone:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self._fd, self._woken], [], [], left)
            if self._fd in ready:
                return self._take()
            if not ready:
                return False
            os.read(self._woken, 4_096)
            self._is_due = True
            if end is None:
                return False
        return False

    def _take(self) -> bool:
        try:
            got = os.read(self._fd, 65_536)
        except OSError:
            got = b""
        self._is_gone = not got
        self._held += got
        return bool(got)

    def enter(self, when: int = termios.TCSADRAIN) -> None:
        """Keys come one by one and unseen; the signals of Ctrl-C and Ctrl-Z stay."""
        made: list[Any] = [*self._before[:6], list(self._before[6])]
        made[0] &= ~(termios.IXON | termios.ICRNL)
        made[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        made[3] |= termios.ISIG
        made[6][termios.VMIN], made[6][termios.VTIME] = 1, 0
        self._is_ours = True
        self._set(when, made)
        self._mark(MARK_PASTES)

    def leave(self) -> bool:
        """Sets the terminal back, unless it is lent already; whether there was anything to do.

        What was typed and not read is dropped: the shell must not take it for a command.
        """
        if not self._is_ours:
            return False
        self._is_ours = False
        self._mark(LEAVE_PASTES)
        self._set(termios.TCSAFLUSH, self._before)
        return True

    def resume(self) -> None:
        """After the process was stopped: the shell has set the terminal to its own liking meanwhile."""
        if self._is_ours:
            self.enter()

    def close(self) -> None:
        self.leave()
        os.close(self._woken)
        os.close(self.waker)

    def _set(self, when: int, attributes: list[Any]) -> None:
        with suppress(termios.error):  # A terminal that has gone needs no setting.
            termios.tcsetattr(self._fd, when, attributes)

    def _mark(self, sequence: str) -> None:
        if self.out.isatty():
            self._write(sequence)

    def _write(self, text: str) -> None:
        """Past the buffer of `out`: a signal may come in the middle of a write to that."""
        raw = text.encode(errors="replace")
        with suppress(OSError):  # What is written to a terminal that has gone is seen by nobody.
            while raw:
                raw = raw[os.write(self.out.fileno(), raw) :]


@contextmanager
def opened(fd: int | None = None, out: TextIO | None = None) -> Iterator[Keyboard]:
    """The keyboard of this terminal; Invalid when there is none.

    The terminal is set back at the end, on an exception, when the process is ended or stopped, and set anew when it
    goes on.
    """
    number = _input() if fd is None else fd
    if not os.isatty(number):
        raise errors.Invalid("keys are read from a terminal, and this is none: run it in a terminal", "no_terminal")
    keyboard = Keyboard(number, out or (sys.stdout if sys.stdout.isatty() else sys.stderr))
    try:
        with _handled(keyboard):
            keyboard.enter()
            yield keyboard
    finally:
        keyboard.close()


def _input() -> int:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return -1


Handler = Callable[[int, FrameType | None], None]


@contextmanager
def _handled(keyboard: Keyboard) -> Iterator[None]:
    """Signals find the terminal set back. Only the main thread may say so; elsewhere they do what they did."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

    def end(number: int, _frame: FrameType | None) -> None:
        keyboard.leave()
        _as_before(number, before[number])

    def stop(number: int, _frame: FrameType | None) -> None:
        is_back = keyboard.leave()
        _as_before(number, before[number])
        signal.signal(number, stop)
        if is_back:
            keyboard.enter()

    def go_on(_number: int, _frame: FrameType | None) -> None:
        keyboard.resume()

    def resize(_number: int, _frame: FrameType | None) -> None:
        """That there is a handler makes the signal wake the reader."""

    handlers: dict[int, Handler] = dict.fromkeys(_ENDING, end)
    handlers |= {signal.SIGTSTP: stop, signal.SIGCONT: go_on, signal.SIGWINCH: resize}
    # A process whose starter ignores interrupts would be deaf to Ctrl-C.
    handlers[signal.SIGINT] = signal.default_int_handler
    # Every signal wakes the reader, also one that comes just before it waits or while another thread runs.
    waker = signal.set_wakeup_fd(keyboard.waker, warn_on_full_buffer=False)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        signal.set_wakeup_fd(waker)
        for number in _SIGNALS:
            signal.signal(number, before[number] or signal.SIG_DFL)


def _as_before(number: int, handler: Any) -> None:
    """Lets the signal do what it would have done without us."""
    signal.signal(number, handler or signal.SIG_DFL)
    os.kill(os.getpid(), number)
