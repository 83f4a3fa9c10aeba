"""The outermost layer: hostile addresses and huge bodies are refused, everything is measured, nothing leaks."""

from __future__ import annotations

import time
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regrow.edge import bodies
from regrow.edge import errors as edge_errors
from regrow.edge.measures import Measures

TOO_LARGE = f"a body may hold at most {bodies.LARGEST_BYTES // 1024 // 1024} MiB: send less at once"
HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Gate:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passage = _Passage(receive, send)
        try:
            problem = _refusal(scope)
            if problem is None:
                await self._app(scope, passage.receive, passage.send)
            else:
                await problem.response()(scope, receive, passage.send)
        except Exception as error:
            problem = edge_errors.of_anything(error)
            if passage.status:
                raise
            await problem.response()(scope, receive, passage.send)
        finally:
            self._measures.request(scope, passage.status, time.perf_counter() - passage.began)


class _Passage:
    """One request on its way: bytes are counted going in, headers added going out."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._bytes = 0
        self.status = 0
        self.began = time.perf_counter()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            if self._bytes > bodies.LARGEST_BYTES:
                raise HTTPException(413, TOO_LARGE, {"Connection": "close"})
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            named = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in named)]
        await self._send(message)


def _refusal(scope: Scope) -> edge_errors.Problem | None:
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not declared.isdigit() or int(declared[:20]) > bodies.LARGEST_BYTES:
        return edge_errors.of_http(HTTPException(413, TOO_LARGE, {"Connection": "close"}))
    places: dict[str, bytes | None] = {"path": scope.get("raw_path"), "query": scope.get("query_string")}
    problems = [(place, rule) for place, raw in places.items() if (rule := _bad_address(raw or b""))]
    return edge_errors.malformed(problems) if problems else None


def _bad_address(raw: bytes) -> str | None:
    if b"%" not in raw and raw.isascii() and b"\x00" not in raw:
        return None
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    if b"\x00" in plain:
        return "holds a NUL"
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8 when percent-decoded"
    return None
