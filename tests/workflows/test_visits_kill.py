"""A site killed while readers tell of themselves: what was answered is stored, and telling it again adds nothing."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import select

from regrow.domain.visits import assignment
from regrow.store.tables.visits import Conversion, Exposure
from regrow.web import visiting
from tests import visits as seen
from tests.homes import Tenant
from tests.workflows import processes

ROUNDS = int(os.environ.get("REGROW_TEST_KILLS", "3"))
READERS, ANSWERS_BEFORE = 300, 60
Reader = tuple[str, str]


@contextmanager
def site(alice: Tenant, shown: seen.Shown) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that serves the piece; killed at the end if a test did not do so before."""
    spec = {
        "settings": processes.as_json(alice.home.settings),
        "workspace_id": alice.id,
        "piece_id": shown.piece_id,
        "variants": shown.variants,
    }
    spec["settings"]["beacons_per_minute"] = 1_000_000
    environment = {**os.environ, "PYTHONPATH": f"{processes.ROOT / 'src'}{os.pathsep}{processes.ROOT}"}
    command = [sys.executable, "-W", "ignore", "-m", "tests.visits", json.dumps(spec)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=processes.ROOT, env=environment)
    try:
        assert child.stdout is not None
        yield child, int(child.stdout.readline())
    finally:
        child.kill()
        child.communicate()


def tell(port: int, reader: Reader) -> bool:
    """Whether both beacons of this reader were answered."""
    cookie, token = reader
    headers = {"User-Agent": "Mozilla/5.0 Firefox/127.0", "Accept-Language": "en", "Cookie": cookie}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        for kind in ("exposure", "cta"):
            connection.request("POST", "/s/alice-and-co/seen", f"{kind} {token}", headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def stored(alice: Tenant, table: type[Exposure] | type[Conversion]) -> list[str]:
    with alice.reading() as session:
        return list(session.scalars(select(table.visitor)))


def killed(alice: Tenant, shown: seen.Shown, readers: list[Reader]) -> set[Reader]:
    """Those who were answered before the site was killed under the rest."""
    answered: set[Reader] = set()
    enough = threading.Event()

    def one(reader: Reader, port: int) -> None:
        if tell(port, reader):
            answered.add(reader)
            if len(answered) >= ANSWERS_BEFORE:
                enough.set()

    with site(alice, shown) as (child, port), ThreadPoolExecutor(16) as pool:
        sending = [pool.submit(one, reader, port) for reader in readers]
        assert enough.wait(120)
        child.send_signal(signal.SIGKILL)
        for each in sending:
            each.result()
    return answered


def test_what_was_answered_outlives_a_kill_and_counts_once(alice: Tenant) -> None:
    shown = seen.piece(alice)
    with seen.open_site(alice, {"bread": shown}) as app:
        visits: visiting.Visiting = app.state.visiting
        rounds = [[seen.ticketed(visits, alice, shown) for _ in range(READERS)] for _ in range(ROUNDS)]
        naming = visits.keys(alice.id).naming
    ids = {reader: reader[0].partition("=")[2].partition(".")[0] for each in rounds for reader in each}
    names = {reader: assignment.pseudonym(naming, shown.piece_id, id) for reader, id in ids.items()}
    answered: set[Reader] = set()
    for readers in rounds:
        answered |= killed(alice, shown, readers)
        for table in (Exposure, Conversion):
            assert {names[reader] for reader in answered} <= set(stored(alice, table)) <= set(names.values())
    assert len(answered) < len(names)
    with site(alice, shown) as (_child, port), ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda reader: tell(port, reader), names))
    for table in (Exposure, Conversion):
        assert sorted(stored(alice, table)) == sorted(names.values())
