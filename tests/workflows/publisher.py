"""A process that publishes until nothing is left to do; tests kill it at any moment."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from regrow import settings, wiring
from regrow.adapters.channels import register
from regrow.services import sending
from regrow.store import posts
from regrow.workflows import publishing, runtime, schedules
from tests import publishing as outside

PATIENCE_SECONDS = 240
OPEN = ("planned", "sending", "unknown")


def main() -> None:
    spec = json.loads(sys.argv[1])
    spec["settings"]["home"] = Path(spec["settings"]["home"])
    register.MODULES += (outside,)  # type: ignore[arg-type]
    sending.FIRST_WAIT_SECONDS = 0.2
    _arm(spec.get("kill"))
    home = wiring.open_home(settings.Settings(**spec["settings"]))
    home.launch()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and _is_busy(home, spec["workspace_id"]):
        schedules.tick(home.engine)
        time.sleep(0.05)
    home.close()


def _is_busy(home: wiring.Home, workspace_id: str) -> bool:
    """Until all is published or a person's: an unknown one whose run is over waits for somebody."""
    with home.reading(workspace_id) as session:
        left = posts.page(session, 500, statuses=OPEN).items
    states = runtime.states([publishing.run_id(row) for row in left])
    return any(row.status != "unknown" or states.get(publishing.run_id(row)) != "SUCCESS" for row in left)


def _arm(kill: Any) -> None:
    """Dies when the given step comes to the given moment for the given time."""
    if not kill:
        return
    seen = 0

    def observer(step: str, moment: str) -> None:
        nonlocal seen
        if [step, moment] == kill[:2]:
            seen += 1
            if seen == kill[2]:
                os.kill(os.getpid(), signal.SIGKILL)

    runtime.observe(observer)


if __name__ == "__main__":
    main()
