"""An OpenAI-compatible model server on loopback: the real chat completions protocol, real answers, faults on demand."""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import signal
import socket
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from regrow.testing import loopback, openai_answers, openai_faults, openai_wire

LARGEST_REQUEST = 20_000_000
LONGEST_HANG_SECONDS = 600.0


class OpenAIServer(loopback.Loopback):
    """Starts on entering, stops on leaving. `faults` are used up one per call, before a fault in the model's name.

    With `keys`, any other key is answered with 401. `base_url` ends in /v1. `calls` counts what was asked since
    the start, refused requests too.
    """

    wire: ClassVar[openai_wire.Wire] = openai_wire.Wire()

    def __init__(self, *, port: int = 0, keys: Iterable[str] = (), faults: Sequence[str] = (), piece: int = 80) -> None:
        super().__init__(_Handler, port)
        self.keys = frozenset(keys)
        self.faults = deque(faults)
        self.piece = piece
        self.calls = 0
        self.open = self.most_open = 0
        self.by_model: Counter[str] = Counter()
        self.asked: deque[openai_wire.Asked] = deque(maxlen=10_000)
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"{self.root}{self.wire.base_path}"

    def noted(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> openai_wire.Asked:
        """Counts and records a request and says which fault it is to meet."""
        with self._lock:
            model = self.wire.model(path, body)
            fault = self.faults.popleft() if self.faults else openai_faults.name_of(model)
            asked = self.wire.asked(path, body, fault.removeprefix("fault-"), self.wire.key(headers))
            self.calls += 1
            self.by_model[model] += 1
            self.asked.append(asked)
            return asked

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Counts how many requests are being answered, and the most there ever were."""
        with self._lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            with self._lock:
                self.open -= 1

    def is_refused(self, headers: Mapping[str, str]) -> bool:
        return bool(self.keys) and self.wire.key(headers) not in self.keys


class _Handler(loopback.Handler):
    server: loopback.Listener[OpenAIServer]

    @property
    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def do_GET(self) -> None:
        model = self.server.owner
        if self.path == "/_calls":
            return self._json(200, {"calls": model.calls, "by_model": dict(model.by_model)})
        if self.path.partition("?")[0] != model.wire.listing_path:
            return self._error(404, "no such address")
        if model.faults and (refused := openai_faults.refusal(model.faults.popleft())):
            return self._error(refused.status, f"this is a {refused.status}", refused.code, refused.retry_after)
        if model.is_refused(self._headers):
            return self._error(401, "Incorrect API key provided", "invalid_api_key")
        return self._json(200, model.wire.listed(["small", "fault-429-120", "fault-500", "slow-5s", "delay-0"]))

    def do_POST(self) -> None:
        model = self.server.owner
        size = int(self.headers.get("content-length") or 0)
        if not model.wire.is_call(self.path) or size > LARGEST_REQUEST:
            return self._error(404 if size <= LARGEST_REQUEST else 413, "no such address, or too large a request")
        try:
            body = json.loads(self.rfile.read(size))
            asked = model.noted(self.path, body, self._headers)
        except (ValueError, AttributeError, TypeError):
            return self._error(400, "the request is not one for an answer")
        if model.is_refused(self._headers):
            return self._error(401, "Incorrect API key provided", "invalid_api_key")
        with model.answering():
            return self._answer(asked, body)

    def _answer(self, asked: openai_wire.Asked, body: dict[str, Any]) -> None:
        if refused := openai_faults.refusal(asked.fault):
            return self._error(refused.status, f"this is a {refused.status}", refused.code, refused.retry_after)
        if asked.fault in WHOLE_FAULTS:
            return WHOLE_FAULTS[asked.fault](self)
        self._wait(openai_faults.delay_seconds(asked.fault))
        schema = self.server.owner.wire.schema_of(body)
        given = openai_answers.material(asked.system, asked.user)
        text = json.dumps(openai_answers.answer(schema, given)) if schema else f"On {given.subject}."
        text = openai_faults.spoilt(asked.fault, text, asked.is_repair, given.replaced)
        reply = openai_wire.Reply(asked, text, bool(asked.tools) and asked.fault != "plain-text")
        return self._stream(reply) if asked.is_stream else self._json(200, self.server.owner.wire.whole(reply))

    def _stream(self, reply: openai_wire.Reply) -> None:
        # A body that ends with its connection is the treacherous case: to HTTP a cut answer looks complete.
        is_chunked = reply.asked.fault != "truncated-stream"
        self._start_stream(is_chunked)
        wire = self.server.owner.wire
        frames = wire.frames(reply, self.server.owner.piece)
        if reply.asked.fault in openai_faults.STREAM_FAULTS:
            for frame in itertools.islice(frames, wire.frames_before_break):
                self._chunk(frame, is_chunked)
            return STREAM_ENDS[reply.asked.fault](self)
        pause = openai_faults.pause_seconds(reply.asked.fault)
        for frame in frames:
            self._chunk(frame, is_chunked)
            self._wait(pause)
        self._chunk(b"", is_chunked)

    def _start_stream(self, is_chunked: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header(*(("transfer-encoding", "chunked") if is_chunked else ("connection", "close")))
        self.end_headers()
        self.close_connection = not is_chunked

    def _chunk(self, data: bytes, is_chunked: bool = True) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if is_chunked else data)
        self.wfile.flush()

    def _wait(self, seconds: float) -> None:
        self.server.owner.stopping.wait(min(seconds, LONGEST_HANG_SECONDS))

    def hang(self) -> None:
        self._wait(LONGEST_HANG_SECONDS)
        self.close_connection = True

    def drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def html(self) -> None:
        self._send(200, openai_faults.HTML, {"content-type": "text/html; charset=utf-8"})

    def zipped(self) -> None:
        headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
        self._send(200, gzip.compress(b"data: " + b" " * 30_000_000), headers)

    def echo_key(self) -> None:
        self._error(400, f"cannot parse the header Authorization: Bearer {self.server.owner.wire.key(self._headers)}")

    def redirect(self) -> None:
        self._send(302, b"", {"location": "http://127.0.0.1:9/elsewhere"})

    def sse_error(self) -> None:
        self._chunk(self.server.owner.wire.error_frame)
        self._chunk(b"")

    def endless(self) -> None:
        while not self.server.owner.stopping.is_set():
            self._chunk(self.server.owner.wire.filler)

    def odd_events(self) -> None:
        for frame in self.server.owner.wire.odd_frames:
            self._chunk(frame)
        self._chunk(b"")

    def end_cleanly(self) -> None:
        self.close_connection = True

    def _error(self, status: int, message: str, code: str = "", retry_after: str = "") -> None:
        wire = self.server.owner.wire
        told, problem = wire.problem(status, message, code, retry_after)
        self._json(told, problem, {"retry-after": retry_after} if retry_after and wire.has_retry_header else None)

    def _json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


WHOLE_FAULTS = {
    "hang": _Handler.hang,
    "drop": _Handler.drop,
    "html": _Handler.html,
    "gzip": _Handler.zipped,
    "echo-key": _Handler.echo_key,
    "redirect": _Handler.redirect,
}
STREAM_ENDS = {
    "truncated-stream": _Handler.end_cleanly,
    "sse-error": _Handler.sse_error,
    "stall": _Handler.hang,
    "drop-stream": _Handler.drop,
    "endless": _Handler.endless,
    "odd-events": _Handler.odd_events,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until the seconds are over or a signal comes; the first line on stdout is JSON with the address."""
    parser = argparse.ArgumentParser(prog="python -m regrow.testing.openai_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to serve, at most a day")
    parser.add_argument("--key", action="append", default=[], help="a key to accept; without any, every key is")
    parser.add_argument("--fault", action="append", default=[], help="a fault for the next call; may be repeated")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with OpenAIServer(port=options.port, keys=options.key, faults=options.fault) as server:
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        ended.wait(min(options.seconds, 86_400.0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
