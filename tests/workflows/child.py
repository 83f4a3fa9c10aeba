"""A Regrow process of its own that tests may kill: opens a home, asks for a generation or only goes on with the old."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from regrow import settings, wiring
from regrow.services import generations
from regrow.store import runs as run_store
from regrow.workflows import runtime, starting


def main() -> None:
    spec = json.loads(sys.argv[1])
    spec["settings"]["home"] = Path(spec["settings"]["home"])
    home = wiring.open_home(settings.Settings(**spec["settings"]))
    _arm(spec)
    home.launch()
    workspace_id, task_id = spec["workspace_id"], spec.get("task_id")
    if spec.get("ask"):
        actor = home.operator(workspace_id)
        with home.writing(workspace_id) as session:
            run = generations.ask(session, actor, topic_id=spec["topic_id"], task_id=task_id)
        if spec.get("die_before_start"):
            os.kill(os.getpid(), signal.SIGKILL)
        starting.start(run)
    _say("working")
    end = time.monotonic() + spec.get("seconds", 60)
    while time.monotonic() < end and not _is_over(home, workspace_id, task_id):
        time.sleep(0.02)
    _say(json.dumps({"steps": runtime.steps(task_id), "over": _is_over(home, workspace_id, task_id)}))
    home.close()


def _arm(spec: dict[str, object]) -> None:
    kill = spec.get("kill")
    if not isinstance(kill, list):
        return

    def observer(step: str, moment: str) -> None:
        if [step, moment] == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    runtime.observe(observer)


def _is_over(home: wiring.Home, workspace_id: str, task_id: str) -> bool:
    with home.reading(workspace_id) as session:
        newest = run_store.last(session, task_id)
    return newest is not None and newest.phase == "DONE"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
