"""Approved pieces, and an outside that they go to: a receiver on loopback with every fault, and its channel."""

from __future__ import annotations

import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.domain.publishing.channel import Capabilities, Outcome, Outgoing, Setting, Surroundings
from regrow.domain.publishing.totals import Totals
from regrow.kit import clock, ids
from regrow.store import content as content_store
from regrow.store.tables.content import Piece, Variant
from regrow.testing import loopback
from tests import rating
from tests.homes import Tenant

KIND = "loopback"
HELP = "A receiver of these tests"
SETTINGS = (
    Setting("address", "where the receiver listens", is_required=True),
    Setting("token", "what it wants to be told", is_secret=True),
    Setting("is_repeatable", "", kind="switch", default=False),
    Setting("can_reconcile", "", kind="switch", default=True),
)


def approved(tenant: Tenant, *titles: str, medium: str = "blog", labels: Sequence[str] = ("A", "B")) -> list[str]:
    """Ids of approved pieces, each of a generation of its own, with a live variant for each label."""
    return [_approved(tenant, title, medium, labels) for title in titles]


def _approved(tenant: Tenant, title: str, medium: str, labels: Sequence[str]) -> str:
    (id,) = rating.written(tenant, f"{title}. Bread is good.", medium=medium)
    now = clock.now()
    with tenant.writing() as session:
        first = content_store.newest_variants(session, [id])[id][0]
        first.status = "superseded"
        session.flush()
        piece = session.get_one(Piece, id)
        piece.status, piece.guard = "approved", {"passed": True, "score": 1.0, "method": "rules", "findings": []}
        for label in labels:
            content = {
                "title": f"{title}" if label == "A" else f"{title}, told as {label}",
                "body": f"# {title}\n\nBread.",
            }
            session.add(
                Variant(
                    id=ids.new("var"),
                    piece_id=id,
                    label=label,
                    version=2,
                    content=content,
                    status="live",
                    by="model",
                    created_at=now,
                )
            )
    return id


class Receiver(loopback.Loopback):
    """Records what it accepted. `faults` are drawn from for each post; none means that it always answers well.

    drop: accepted, then the line is cut. later: nothing accepted, 503. slow: accepted after a while. refuse: 422.
    nonsense: accepted, and the answer cannot be read. lost: the line is cut before anything is accepted.
    """

    def __init__(self, faults: Sequence[str] = ()) -> None:
        super().__init__(Handler)
        self.faults = faults
        self.accepted: Counter[str] = Counter()
        self.calls = 0
        self.dice = random.Random(7)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return self.root

    def take(self, key: str) -> str:
        """Accepts the post or not, and says which fault it is going to have."""
        with self.lock:
            self.calls += 1
            fault = self.dice.choice(self.faults) if self.faults else ""
            if fault not in ("later", "refuse", "lost"):
                self.accepted[key] += 1
            return fault


class Handler(loopback.Handler):
    """POST takes a post, GET tells whether its key was taken."""

    server: loopback.Listener[Receiver]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fault = self.server.owner.take(body["key"])
        if fault in ("drop", "lost"):
            self.close_connection = True
            return
        if fault == "slow":
            threading.Event().wait(0.3)
        status = {"later": 503, "refuse": 422}.get(fault, 200)
        self._say(status, b"<html>" if fault == "nonsense" else json.dumps({"id": body["key"][:8]}).encode())

    def do_GET(self) -> None:
        key = self.path.strip("/")
        with self.server.owner.lock:
            is_there = self.server.owner.accepted[key] > 0
        self._say(200 if is_there else 404, json.dumps({"id": key[:8]}).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def receiving(*faults: str) -> Receiver:
    """A receiver that listens until the end of the block."""
    return Receiver(faults)


@dataclass(frozen=True)
class Loopback:
    """Posts to the receiver: what was not read for sure is unknown, and only 503 is certainly not taken."""

    settings: Mapping[str, Any]

    @property
    def capabilities(self) -> Capabilities:
        more = {name: bool(self.settings[name]) for name in ("is_repeatable", "can_reconcile")}
        return Capabilities(media=("blog", "social"), longest_title=200, can_remove=False, **more)

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        return ("write about bread",) if "Bread" not in outgoing.body else ()

    def post(self, outgoing: Outgoing) -> Outcome:
        body = json.dumps({"key": outgoing.key, "title": outgoing.title}).encode()
        try:
            with urllib.request.urlopen(f"{self.settings['address']}/", body, timeout=10) as answer:
                told = answer.read(10_000)
                return Outcome("published", json.loads(told)["id"], f"http://x/{outgoing.slug}", answer=told.decode())
        except urllib.error.HTTPError as error:
            error.close()
            kind = {503: "retry", 422: "refused"}.get(error.code, "unknown")
            return Outcome(kind, detail=f"it answered {error.code}", retry_after_seconds=0.1)  # type: ignore[arg-type]
        except (OSError, ValueError) as error:
            return Outcome("unknown", detail=f"no answer that can be read: {type(error).__name__}")

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        try:
            with urllib.request.urlopen(f"{self.settings['address']}/{outgoing.key}", timeout=10) as answer:
                return Outcome("published", json.loads(answer.read(10_000))["id"])
        except urllib.error.HTTPError as error:
            error.close()
            return Outcome("retry" if error.code == 404 else "unknown", detail=f"asked, it answered {error.code}")
        except (OSError, ValueError):
            return Outcome("unknown")

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        return Outcome("refused", detail="it keeps what it has")

    def status(self) -> tuple[bool, str]:
        return True, ""

    def metrics(self, outside_id: str) -> Totals | None:
        return None


def make(settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> Loopback:
    return Loopback(settings)
