"""Getting a run done: in this process, or by the one that holds the home; and waiting for its end."""

from __future__ import annotations

import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from regrow.cli import opened, options, output, showing
from regrow.kit import clock, errors

if TYPE_CHECKING:
    from regrow.store.tables.content import Generation
    from regrow.store.tables.runs import ProgressEvent, Run
    from regrow.wiring import Home

LOOK_SECONDS = 0.1
TRY_SECONDS = 2.0
SETTLE_SECONDS = 2.0
DRAIN_SECONDS = 10
"""How long runs of others that this process took up get before they are left to the next one."""


@contextmanager
def worker_home() -> Iterator[Home]:
    """The home, opened, for a command whose run may be done here."""
    from regrow import wiring

    home = wiring.open_home(opened.settings())
    with closing(home):
        yield home


@contextmanager
def closing(home: Home) -> Iterator[None]:
    """Closes the home on the way out; what is in the air gets a moment to finish, unless it was interrupted."""
    is_hurried = False
    try:
        yield
    except KeyboardInterrupt:
        is_hurried = True
        raise
    finally:
        home.close(DRAIN_SECONDS if not is_hurried and _has_unfinished(home) else 0)


def _has_unfinished(home: Home) -> bool:
    from regrow.store import runs
    from regrow.workflows import runtime

    if not runtime.is_launched():
        return False
    for workspace in home.everyone():
        with home.reading(workspace.id) as session:
            if runs.unfinished(session, clock.now()):
                return True
    return False


def refuse_unable(home: Home) -> None:
    """Raises what would keep runs from being done here (models that do not exist), before one is asked for."""
    _ = home.writer


def done(home: Home, run: Run, title: str = "Writing") -> dict[str, Any]:
    """Starts the run, waits for its end, and gives back its result; raises what made it fail."""
    from regrow.services import runs

    ended(home, [run], title)
    with home.reading(run.workspace_id) as session:
        result = runs.outcome(session, run.id)
    if result is None:
        raise errors.Bug(f"the run {run.id} ended without an end")
    judged(home, run.workspace_id, result.get("judging", ()))
    return result


def ended(home: Home, begun: Sequence[Run], title: str) -> None:
    """Starts the runs and waits for the end of each, however it ends."""
    try:
        _wait(home, begun, title)
    except KeyboardInterrupt:
        (first, *_) = begun
        output.say(f"\nThe run is not lost: whoever works here next goes on with it. See regrow progress {first.id}")
        raise
    for run in begun:
        _settle(run)


def judged(home: Home, workspace_id: str, task_ids: Sequence[str]) -> None:
    """Waits for the judge of what was written, and says what became of it where it failed."""
    from regrow.store import runs

    if not task_ids:
        return
    with home.reading(workspace_id) as session:
        begun = runs.of_tasks(session, task_ids)
    ended(home, [begun[id] for id in task_ids], "Asking the judge")
    with home.reading(workspace_id) as session:
        last = [runs.last(session, id) for id in task_ids]
    for why in sorted({each.message for each in last if each is not None and each.status == "failed"}):
        output.say(f"The judge gave no verdict, so that the rules decide: {output.safe(why)}")


def judge(home: Home, workspace_id: str, guard: Mapping[str, Any] | None, is_waiting: bool = True) -> None:
    """Sees to it that the judge of a version that was just written is at work; waits for it unless told not to."""
    from regrow.domain.brand import deciding
    from regrow.store import runs

    if guard is None or not deciding.is_pending(guard):
        return
    task_id = str(guard["judge_task_id"])
    if is_waiting:
        judged(home, workspace_id, [task_id])
        return
    with home.reading(workspace_id) as session:
        (run,) = runs.of_tasks(session, [task_id]).values()
    _placing(home, run).look()


def automatic(decisions: Sequence[str]) -> None:
    """Does what these decisions asked for by themselves, and says how it came out; it never spoils the decisions."""
    from regrow.services import circuit_registering, circuits, editing
    from regrow.store.tables.circuits import ContentRegenerationEvent

    with opened.reading() as session:
        begun = circuits.automatic(session, decisions)
    if not begun:
        return
    with worker_home() as home:
        ended(home, begun, "Writing again")
        with home.reading(begun[0].workspace_id) as session:
            for run in begun:
                event = editing.found(session, ContentRegenerationEvent, run.request["event_id"], "regeneration")
                output.say(f"{event.id}: {output.safe(circuit_registering.reason(event))}")


def generated(home: Home, run: Run, title: str = "Writing") -> Generation:
    """As `done`; gives back the generation that was made."""
    from regrow.services import editing
    from regrow.store.tables.content import Generation

    result = done(home, run, title)
    with home.reading(run.workspace_id) as session:
        return editing.found(session, Generation, str(result["generation_id"]), "generation")


def _settle(run: Run) -> None:
    """The engine notes the end of a run a moment after the run has told it; leaving before would make it look again."""
    from regrow.workflows import runtime

    until = time.monotonic() + SETTLE_SECONDS
    while runtime.is_launched() and runtime.state(run.id) in ("PENDING", "ENQUEUED") and time.monotonic() < until:
        time.sleep(LOOK_SECONDS / 4)


class Placing:
    """Sees to it that a run is with somebody who does it: this process, or the one that holds the home."""

    def __init__(self, home: Home, name: str, start: Callable[[], None], hand_over: Callable[[Any], None]) -> None:
        self._home, self._name, self._start, self._hand_over = home, name, start, hand_over
        self._is_here = self._is_handed = self._is_told = False
        self._next_try = 0.0

    def look(self) -> None:
        """Tries now and then; whoever held the home may have left without doing the work."""
        if self._is_here or time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + TRY_SECONDS
        self._is_here = _launched(self._home)
        if self._is_here:
            self._start()
            return
        self._is_handed = self._is_handed or _handed_over(self._home, self._hand_over)
        if not self._is_told:
            self._is_told = True
            where = "Another process works in this home: it does this one too, with its own settings"
            output.say(f"{where} ({self._name}).")


def _handed_over(home: Home, hand_over: Callable[[Any], None]) -> bool:
    """False while the process that holds the home has no tables of the durable engine yet."""
    from regrow.store import database

    system = database.system_engine(home.settings.system_url, 2)
    try:
        with database.telling():
            hand_over(system)
    except errors.Unavailable:
        return False
    finally:
        system.dispose()
    return True


def _launched(home: Home) -> bool:
    from regrow.workflows import runtime

    if runtime.is_launched():
        return True
    try:
        with opened.private():
            home.launch()
    except errors.Conflict as error:
        if error.code != "home_in_use":
            raise
        return False
    return True


def _placing(home: Home, run: Run) -> Placing:
    from regrow.workflows import starting

    return Placing(home, run.id, partial(starting.start, run), partial(starting.hand_over, run=run))


def _wait(home: Home, begun: Sequence[Run], title: str) -> None:
    placing = [_placing(home, run) for run in begun]
    with showing.progress(title) as tell:
        for number, run in enumerate(begun):
            while True:
                for each in placing[number:]:
                    each.look()
                last = _last(home, run)
                if last is not None:
                    tell(100 * number + last.percent, 100 * len(begun), last.message)
                    if last.phase == "DONE":
                        break
                time.sleep(LOOK_SECONDS)


def _last(home: Home, run: Run) -> ProgressEvent | None:
    from regrow.store import runs

    with home.reading(run.workspace_id) as session:
        return runs.last(session, run.id)


def told_to_stop() -> threading.Event:
    """Set by the first SIGTERM or SIGINT from now on; a second one ends the process at once."""
    stop = threading.Event()

    def told(number: int, _frame: Any) -> None:
        if stop.is_set():
            leave_at_once(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop


def leave_at_once(number: int) -> None:
    """Ends the process without looking back; its runs go on at the next launch."""
    import os

    output.say("Leaving at once.")
    os._exit(128 + number)


def workspace_hint() -> str:
    """The global options given, to be repeated in commands that are suggested."""
    chosen = options.current()
    words = f" --home {shlex.quote(str(chosen.home))}" if chosen.home else ""
    return words + (f" --workspace {shlex.quote(chosen.workspace)}" if chosen.workspace else "")
