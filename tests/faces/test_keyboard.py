"""Keys from a real terminal, which is afterwards as it was."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator

import pytest

from regrow.cli import keyboard, prompting
from regrow.cli.keyboard import Keyboard
from regrow.kit import errors
from tests.faces import command_line
from tests.faces.terminals import Terminal, reading


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


def keys(keys_of: Keyboard, count: int) -> list[str]:
    return [keys_of.read() for _ in range(count)]


def test_keys_come_one_by_one_and_unseen(terminal: Terminal) -> None:
    before = terminal.state()
    with reading(terminal) as board:
        terminal.type("jé🍞\x1b[A\x1b[6~\r\x04q")
        assert keys(board, 8) == ["j", "é", "🍞", "up", "page down", "enter", "ctrl-d", "q"]
        assert terminal.state() != before
    assert terminal.state() == before
    assert terminal.shown() == keyboard.MARK_PASTES + keyboard.LEAVE_PASTES


def test_a_bare_escape_is_told_from_a_slow_sequence(terminal: Terminal) -> None:
    with reading(terminal) as board:
        terminal.type("\x1b")
        assert board.read() == "escape"
        for part in ("\x1b", "[", "5"):
            threading.Timer(0, terminal.type, (part,)).start()
            time.sleep(0.01)
        terminal.type("~")
        assert board.read() == "page up"
        terminal.type("面".encode()[:1])
        threading.Timer(0.02, terminal.type, ("面".encode()[1:],)).start()
        assert board.read() == "面"


def test_bytes_that_are_no_key_are_passed_over(terminal: Terminal) -> None:
    with reading(terminal) as board:
        terminal.type(b"\xff\xc3(\x1b[99~\x00a")
        assert keys(board, 2) == ["(", "a"]


def test_a_paste_is_one_thing_and_no_row_of_commands(terminal: Terminal) -> None:
    with reading(terminal) as board:
        terminal.type("\x1b[200~approve\r\nq 面\x1b[A\x1b[201~x")
        assert keys(board, 2) == ["paste", "x"]
        assert board.pasted == "approve\nq 面\x1b[A"


def test_a_paste_whose_end_is_lost_ends_all_the_same(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "PASTE_SECONDS", 0.05)
    monkeypatch.setattr(keyboard, "MOST_PASTED", 1_000)
    with reading(terminal) as board:
        terminal.type("\x1b[200~" + "y" * 3_000)
        assert board.read() == "paste"
        assert board.pasted == "y" * 1_000
        terminal.type("k")
        assert board.read() == "k"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_the_terminal_is_set_back_after_an_exception(terminal: Terminal, error: type[BaseException]) -> None:
    before, handlers = terminal.state(), signal.getsignal(signal.SIGTERM)
    with pytest.raises(error), reading(terminal):
        raise error
    assert terminal.state() == before
    assert signal.getsignal(signal.SIGTERM) is handlers


def test_what_was_typed_and_not_read_does_not_reach_the_shell(terminal: Terminal) -> None:
    with reading(terminal) as board:
        terminal.type("q")
        assert board.read() == "q"
        terminal.type("rm -r x\n")
        assert select.select([terminal.slave], [], [], 5)[0]
    os.set_blocking(terminal.slave, False)
    with pytest.raises(BlockingIOError):
        os.read(terminal.slave, 100)


def test_lending_the_terminal_gives_it_as_it_was(terminal: Terminal) -> None:
    before = terminal.state()
    with reading(terminal) as board:
        ours = terminal.state()
        with board.away():
            assert terminal.state() == before
            signal.raise_signal(signal.SIGCONT)
            assert terminal.state() == before
        assert terminal.state() == ours


def test_what_was_typed_while_it_was_lent_is_no_key(terminal: Terminal) -> None:
    with reading(terminal) as board:
        with board.away():
            terminal.type("aa\nb")
            terminal.shown()
        terminal.type("n")
        assert board.read() == "n"


def test_the_size_is_that_of_the_terminal_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "7")
    terminal = Terminal(columns=123)
    try:
        with reading(terminal) as board:
            assert board.size == (123, 24)
    finally:
        terminal.close()


def test_ctrl_c_is_a_key_while_reading_and_an_interrupt_elsewhere(terminal: Terminal) -> None:
    with reading(terminal) as board:
        threading.Timer(0.1, signal.raise_signal, (signal.SIGINT,)).start()
        assert board.read() == "ctrl-c"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGWINCH, signal.SIGCONT])
def test_a_new_size_or_coming_back_asks_for_a_drawing(terminal: Terminal, number: signal.Signals) -> None:
    before = terminal.state()
    with reading(terminal) as board:
        ours = terminal.state()
        if number == signal.SIGCONT:
            # As a shell does while the process is stopped.
            termios.tcsetattr(terminal.slave, termios.TCSADRAIN, before)
        threading.Timer(0.1, os.kill, (os.getpid(), number)).start()
        assert board.read() == keyboard.REDRAW
        assert terminal.state() == ours
        terminal.type("x")
        assert board.read() == "x"


def test_a_terminal_that_hangs_up_ends_politely(terminal: Terminal) -> None:
    with reading(terminal) as board:
        terminal.type("a")
        assert board.read() == "a"
        terminal.hang_up()
        assert keys(board, 3) == ["ctrl-d"] * 3
        assert prompting.line(board, "Why? ") is None


def test_without_a_terminal_it_says_so() -> None:
    read, write = os.pipe()
    with pytest.raises(errors.Invalid, match="run it in a terminal"), keyboard.opened(read):
        raise AssertionError("a pipe is no terminal")
    os.close(read)
    os.close(write)


def test_it_reads_in_any_thread(terminal: Terminal) -> None:
    got: list[str] = []

    def read() -> None:
        with reading(terminal) as board:
            got.append(board.read())

    before = terminal.state()
    thread = threading.Thread(target=read)
    thread.start()
    command_line.wait_until(lambda: terminal.state() != before)
    terminal.type("z")
    thread.join(command_line.PATIENCE_SECONDS)
    assert (got, terminal.state()) == (["z"], before)


DRIVER = """
import sys
from regrow.cli import keyboard
with keyboard.opened() as board:
    sys.stdout.write("READY\\n"); sys.stdout.flush()
    while (key := board.read()) != "q":
        sys.stdout.write(f"<{key}>\\n"); sys.stdout.flush()
"""


class Child:
    """A process on a terminal of its own that tells every key."""

    def __init__(self) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # Under a shell's child, or the kernel stops no process of a group that nobody waits for.
            env = command_line.environment(None)
            os.execve(sys.executable, [sys.executable, "-c", DRIVER], env)
        self.said = ""

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + command_line.PATIENCE_SECONDS
        while text not in self.said:
            assert time.monotonic() < end, self.said
            self.said += os.read(self.master, 4_096).decode()

    def is_seen(self) -> bool:
        """Whether the terminal shows what is typed, as it did before."""
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def ended(self) -> int:
        with contextlib.suppress(OSError):  # That is how the other end of a terminal says that it is gone.
            while os.read(self.master, 4_096):
                pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child()
    made.wait_for("READY")
    assert not made.is_seen()
    yield made
    os.close(made.master)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_process_that_is_ended_sets_the_terminal_back_first(child: Child, number: signal.Signals) -> None:
    os.kill(child.pid, number)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.is_seen()
    assert child.ended() == -number


def test_ctrl_c_on_the_terminal_is_a_key(child: Child) -> None:
    time.sleep(0.5)  # Before it waits for a key, Ctrl-C is an interrupt.
    os.write(child.master, b"\x03")
    child.wait_for("<ctrl-c>")
    os.write(child.master, b"q")
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.is_seen()
    assert child.ended() == 0


def test_a_process_that_is_stopped_sets_the_terminal_back_and_goes_on_with_keys(child: Child) -> None:
    os.kill(child.pid, signal.SIGTSTP)
    # Its own session leads nowhere, so that the kernel goes on at once; the drawing that is due tells of it.
    child.wait_for("<redraw>")
    assert keyboard.LEAVE_PASTES in child.said
    assert child.said.count(keyboard.MARK_PASTES) >= 2
    assert not child.is_seen()
    os.kill(child.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED)
    shown = termios.tcgetattr(child.master)
    shown[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(child.master, termios.TCSANOW, shown)
    os.kill(child.pid, signal.SIGCONT)
    command_line.wait_until(lambda: not child.is_seen())
    os.write(child.master, b"xq")
    child.wait_for("<x>")
    assert child.ended() == 0
