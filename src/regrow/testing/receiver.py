"""A receiver of webhooks on loopback: it keeps what it took, takes each message once, and fails on demand."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import standardwebhooks

from regrow.testing import loopback

LARGEST_REQUEST = 20_000_000
LONGEST_HANG_SECONDS = 600.0
PRIVATE = "http://169.254.169.254/latest/meta-data/"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came; `is_again` when its id had been taken before."""

    id: str
    body: dict[str, Any]
    headers: dict[str, str]
    is_again: bool = False


class Receiver(loopback.Loopback):
    """Starts on entering, stops on leaving. `faults` are used up one per request, of whatever method.

    With a `secret`, a message without a sound signature is answered with 401. `taken` holds every message that was
    accepted, also the repeated ones; `record` is a file that each new id is added to, on disk before the answer.
    """

    def __init__(
        self, *, port: int = 0, secret: str = "", faults: Iterable[str] = (), record: Path | None = None
    ) -> None:
        super().__init__(_Handler, port)
        self.secret = secret
        self.faults = deque(faults)
        self.record = record
        self.taken: list[Message] = []
        self.asked = 0
        self._ids = set(record.read_text(encoding="utf-8").split()) if record and record.exists() else set[str]()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return self.root

    @property
    def address(self) -> str:
        """Where messages go."""
        return f"{self.base_url}/hooks"

    @property
    def reconcile_address(self) -> str:
        """Where it says whether it took a key."""
        return f"{self.base_url}/taken"

    @property
    def ids(self) -> set[str]:
        """The ids that took effect, each once."""
        with self._lock:
            return set(self._ids)

    def next_fault(self) -> str:
        with self._lock:
            self.asked += 1
            return self.faults.popleft() if self.faults else ""

    def take(self, id: str, body: dict[str, Any], headers: dict[str, str]) -> None:
        with self._lock:
            self.taken.append(Message(id, body, headers, id in self._ids))
            if id not in self._ids and self.record is not None:
                _add_line(self.record, id)
            self._ids.add(id)

    def is_signed(self, body: bytes, headers: dict[str, str]) -> bool:
        if not self.secret:
            return True
        try:
            standardwebhooks.Webhook(self.secret).verify(body, headers, json_parse=False)
        except (standardwebhooks.WebhookVerificationError, ValueError):
            return False
        return True


def _add_line(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


class _Handler(loopback.Handler):
    server: loopback.Listener[Receiver]

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if place.path == "/_ids":
            return self._json(200, {"ids": sorted(self.server.owner.ids)})
        if self._failed(self.server.owner.next_fault()):
            return None
        key = (parse_qs(place.query).get("key") or [""])[0]
        if place.path != "/taken" or key not in self.server.owner.ids:
            return self._json(404, {"detail": "not taken"})
        return self._json(200, self._where(key))

    def do_POST(self) -> None:
        receiver = self.server.owner
        size = int(self.headers.get("content-length") or 0)
        if size > LARGEST_REQUEST:
            return self._json(413, {"detail": "too large"})
        raw = self.rfile.read(size)
        fault = receiver.next_fault()
        if not fault.startswith("accept") and self._failed(fault):
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not receiver.is_signed(raw, headers):
            return self._json(401, {"detail": "the signature is not sound"})
        id = headers.get("webhook-id", "")
        receiver.take(id, json.loads(raw), headers)
        if fault.startswith("accept-") and self._failed(fault.removeprefix("accept-")):
            return None
        return self._json(200, self._where(id))

    def _where(self, key: str) -> dict[str, Any]:
        return {"id": f"out-{key[:12]}", "url": f"https://elsewhere.example/{key[:12]}"}

    def _failed(self, fault: str) -> bool:
        if fault in FAULTS:
            FAULTS[fault](self)
            return True
        if fault[:3].isdecimal():
            status, _, after = fault.partition("-")
            self._json(int(status), {"detail": f"this is a {status}"}, {"retry-after": after} if after else {})
            return True
        return False

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def hang(self) -> None:
        self.server.owner.stopping.wait(LONGEST_HANG_SECONDS)
        self.close_connection = True

    def drip(self) -> None:
        """A status line, one letter at a time: each comes in time, the whole never does."""
        for letter in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 60_000:
            self.wfile.write(bytes([letter]))
            if self.server.owner.stopping.wait(0.05):
                break
        self.close_connection = True

    def nonsense(self) -> None:
        self.wfile.write(b"\x00\x01 this is no HTTP \xff\r\n\r\n")
        self.close_connection = True

    def gibberish(self) -> None:
        self._send(200, b"\xff\xfe{not json", {"content-type": "application/json"})

    def odd(self) -> None:
        self._json(200, {"id": {"a": 1}, "url": "javascript:alert(1)"})

    def huge(self) -> None:
        self.send_response(200)
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        while not self.server.owner.stopping.is_set():
            self.wfile.write(b"x" * 65_536)

    def short(self) -> None:
        """Says that more is to come than comes."""
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id":')
        self.close_connection = True

    def to_private(self) -> None:
        self._send(307, b"", {"location": PRIVATE})

    def to_private_by_name(self) -> None:
        self._send(302, b"", {"location": PRIVATE})

    def loop(self) -> None:
        self.server.owner.faults.append("loop")
        self._send(307, b"", {"location": self.path})

    def elsewhere(self) -> None:
        port = self.server.server_address[1]
        self._send(307, b"", {"location": f"http://localhost:{port}{self.path}"})

    def here(self) -> None:
        self._send(307, b"", {"location": self.path})

    def _json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


FAULTS: dict[str, Callable[[_Handler], None]] = {
    "drop": _Handler.drop,
    "hang": _Handler.hang,
    "drip": _Handler.drip,
    "nonsense": _Handler.nonsense,
    "gibberish": _Handler.gibberish,
    "odd": _Handler.odd,
    "huge": _Handler.huge,
    "short": _Handler.short,
    "redirect-private": _Handler.to_private,
    "found-private": _Handler.to_private_by_name,
    "redirect-loop": _Handler.loop,
    "loop": _Handler.loop,
    "redirect-elsewhere": _Handler.elsewhere,
    "redirect-here": _Handler.here,
}
"""Beside these a fault is a status with seconds to wait (`429-2`); `accept-` before it takes the message first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until the seconds are over or a signal comes; the first line on stdout is JSON with the address."""
    parser = argparse.ArgumentParser(prog="python -m regrow.testing.receiver", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to serve, at most a day")
    parser.add_argument("--secret", default="", help="refuse what is not signed with it")
    parser.add_argument("--record", type=Path, help="a file to add each id to that is taken")
    parser.add_argument("--fault", action="append", default=[], help="a fault for the next request; may be repeated")
    given = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Receiver(port=given.port, secret=given.secret, faults=given.fault, record=given.record) as receiver:
        sys.stdout.write(json.dumps({"base_url": receiver.base_url}) + "\n")
        sys.stdout.flush()
        ended.wait(min(given.seconds, 86_400.0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
