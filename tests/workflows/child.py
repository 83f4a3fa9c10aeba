"""A Regrow process of its own that tests may kill: opens a home, asks for new texts or only goes on with the old."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from regrow import settings, wiring
from regrow.domain.circuits import requests
from regrow.domain.workspaces import Actor
from regrow.services import (
    circuits,
    generations,
    prompt_previews,
    prompt_trials,
    regenerating,
    trigger_checks,
    triggers,
    versions,
)
from regrow.store import content as content_store
from regrow.store import runs as run_store
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import runtime, starting

AGAIN = {
    "generation": regenerating.ask_generation,
    "medium": regenerating.ask_medium,
    "piece": regenerating.ask_piece,
}


def main() -> None:
    spec = json.loads(sys.argv[1])
    spec["settings"]["home"] = Path(spec["settings"]["home"])
    home = wiring.open_home(settings.Settings(**spec["settings"]))
    home.launch()
    for task_id in spec.get("finish", []):
        _wait(home, spec, task_id)
    _arm(spec)
    if "edit" in spec:
        _wait(home, spec, _judging(home, spec))
    if "trigger" in spec:
        _wait(home, spec, _fired(home, spec))
    if "ask" in spec:
        _ask(home, spec)
        _wait(home, spec, spec["ask"])
    home.close()


def _ask(home: wiring.Home, spec: dict[str, Any]) -> None:
    workspace_id = spec["workspace_id"]
    with home.writing(workspace_id) as session:
        actor = home.operator(workspace_id)
        run = _compared(session, home, spec) if "compare" in spec else _asked(session, actor, spec)
    if spec.get("die_before_start"):
        os.kill(os.getpid(), signal.SIGKILL)
    starting.start(run)


def _fired(home: wiring.Home, spec: dict[str, Any]) -> str:
    """Sets a trigger that is met, fires it at once, before the schedule does, and starts its run."""
    actor = home.operator(spec["workspace_id"])
    with home.writing(spec["workspace_id"]) as session:
        triggers.put(session, actor, spec["trigger"], "likes", "<", 5)
        outcome = trigger_checks.fire(session, actor, spec["trigger"])
    assert outcome.run is not None, outcome.reason
    if spec.get("die_before_start"):
        os.kill(os.getpid(), signal.SIGKILL)
    starting.start(outcome.run)
    return outcome.run.id


def _compared(session: Session, home: wiring.Home, spec: dict[str, Any]) -> Run:
    """A comparison of the two versions that `compare` names, after the template."""
    wanted = prompt_trials.Wanted(*spec["compare"], prompt_previews.Inputs(spec["topic_id"], variants=1))
    return prompt_trials.ask(session, home.operator(spec["workspace_id"]), home.prompter, wanted, spec["ask"])


def _asked(session: Session, actor: Actor, spec: dict[str, Any]) -> Run:
    """A generation from `topic_id`, what `circuit` asks for, or what `again` names: a scope, and what is to be written
    again in it.

    Of pieces the line is named: which of it stands may depend on the runs that were finished first.
    """
    if "circuit" in spec:
        found = circuits.ask(session, actor, requests.read(spec["circuit"]), spec["event_id"])
        if isinstance(found, circuits.Refusal):
            raise RuntimeError(found.error)
        return found
    if "again" not in spec:
        return generations.ask(session, actor, topic_id=spec["topic_id"], task_id=spec["ask"])
    scope, *what = spec["again"]
    if scope == "piece":
        what = [content_store.current_of_lines(session, what)[what[0]].id]
    return AGAIN[scope](session, actor, *what, regenerating.Wish(task_id=spec["ask"]))


def _judging(home: wiring.Home, spec: dict[str, Any]) -> str:
    """Changes a piece by hand and starts the run that judges the new version."""
    piece_id, body = spec["edit"]
    with home.writing(spec["workspace_id"]) as session:
        row = versions.edit(session, home.operator(spec["workspace_id"]), piece_id, None, {"A": {"body": body}})
        task_id = str((row.guard or {})["judge_task_id"])
    with home.reading(spec["workspace_id"]) as session:
        run = session.get_one(Run, task_id)
    starting.start(run)
    return task_id


def _wait(home: wiring.Home, spec: dict[str, Any], task_id: str) -> None:
    end = time.monotonic() + spec.get("seconds", 60)
    while time.monotonic() < end and not _is_over(home, spec["workspace_id"], task_id):
        time.sleep(0.02)
    over = _is_over(home, spec["workspace_id"], task_id)
    _say(json.dumps({"task_id": task_id, "steps": runtime.steps(task_id), "over": over}))


def _arm(spec: dict[str, Any]) -> None:
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
    # Our rows say that it is over a moment before the engine has recorded its last step.
    return newest is not None and newest.phase == "DONE" and runtime.state(task_id) in ("SUCCESS", None)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
