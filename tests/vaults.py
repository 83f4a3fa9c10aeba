"""Notes for tests: the bundled sample vault, and waiting for what is made of it."""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

from sqlalchemy import select

from regrow.store import runs as run_store
from regrow.store.tables.content import Generation
from regrow.store.tables.runs import ProgressEvent
from regrow.store.tenancy import Session
from regrow.workflows.importing import ImportReport
from tests.homes import Tenant

SAMPLE = Path(str(resources.files("regrow"))) / "samples" / "notes"
MARKERS = ("heronwing", "saltcellar-ledger", "brassbell-whisper", "thistledown-lease", "marginalia-quill")
"""Words that stand only in what is private in the sample vault."""


def wait_for(tenant: Tenant, task_id: str, seconds: float = 60) -> ProgressEvent:
    """The last event of a run, once it is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with tenant.reading() as session:
            newest = run_store.last(session, task_id)
        if newest is not None and newest.phase == "DONE":
            return newest
        time.sleep(0.02)
    raise AssertionError(f"the run {task_id} did not end within {seconds} s")


def import_sample(tenant: Tenant) -> ImportReport:
    """The bundled notes, in the tenant's workspace."""
    return tenant.home.import_notes(tenant.id, SAMPLE)


def generation_of(session: Session, task_id: str) -> Generation | None:
    """What a run has saved."""
    return session.scalars(select(Generation).where(Generation.task_id == task_id)).first()
