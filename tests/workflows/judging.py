"""A process that judges experiments as the schedule does, which tests may kill."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from regrow import settings, wiring
from regrow.store import tenancy
from regrow.store.tenancy import Session
from regrow.workflows import schedules


def main() -> None:
    spec = json.loads(sys.argv[1])
    spec["settings"]["home"] = Path(spec["settings"]["home"])
    home = wiring.open_home(settings.Settings(**spec["settings"]))
    flushes = [0]

    def flushed(_session: Session, _context: Any) -> None:
        flushes[0] += 1
        if flushes[0] == spec["die_after"]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "after_flush", flushed)
    with tenancy.workspace(spec["workspace_id"]):
        schedules.judge(home.engine, spec["workspace_id"])
    home.close()


if __name__ == "__main__":
    main()
