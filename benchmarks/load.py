"""A light load on a server of this machine: a few kept connections, each sending its next request when answered."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send requests: each connection takes the paths in turn."""

    port: int
    paths: Sequence[str]
    headers: Mapping[str, str]

    def request(self, number: int) -> bytes:
        return head("GET", self.paths[number % len(self.paths)], self.headers)


def head(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._writer.write(request)
        said = await self._reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(said)
        body = await self._reader.readexactly(int(found[1])) if found else b""
        return int(said[9:12]), body

    def close(self) -> None:
        self._writer.close()


def per_second(target: Target, seconds: float, connections: int = 8) -> float:
    """Answers a second over that time; anything but a 200 ends the measurement."""
    return asyncio.run(asyncio.wait_for(_per_second(target, seconds, connections), seconds + ANSWER_SECONDS))


async def _per_second(target: Target, seconds: float, connections: int) -> float:
    opened = [await Connection.to(target.port) for _ in range(connections)]
    began = time.perf_counter()
    counts = await asyncio.gather(
        *(_keep_asking(each, target, place, began + seconds) for place, each in enumerate(opened))
    )
    spent = time.perf_counter() - began
    for each in opened:
        each.close()
    return sum(counts) / spent


async def _keep_asking(connection: Connection, target: Target, place: int, until: float) -> int:
    done = 0
    while time.perf_counter() < until:
        status, body = await connection.ask(target.request(place + 8 * done))
        _expect(200, status, body)
        done += 1
    return done


def latencies(target: Target, count: int) -> list[float]:
    """Seconds of each of so many requests, one after the other on one connection."""
    return asyncio.run(asyncio.wait_for(_latencies(target, count), count * ANSWER_SECONDS))


async def _latencies(target: Target, count: int) -> list[float]:
    connection = await Connection.to(target.port)
    taken = []
    for number in range(count):
        taken.append(await timed(connection, target.request(number)))
    connection.close()
    return taken


async def timed(connection: Connection, request: bytes, wanted: int = 200) -> float:
    """Seconds from sending a request to the end of its answer."""
    began = time.perf_counter()
    status, body = await connection.ask(request)
    _expect(wanted, status, body)
    return time.perf_counter() - began


async def beside(port: int, requests: Sequence[bytes], every: float, is_over: Callable[[], bool]) -> list[float]:
    """Seconds of requests sent in turn every so often until it is over."""
    connection = await Connection.to(port)
    taken: list[float] = []
    while not is_over():
        taken.append(await timed(connection, requests[len(taken) % len(requests)]))
        await asyncio.sleep(every)
    connection.close()
    return taken


def _expect(wanted: int, status: int, body: bytes) -> None:
    if status != wanted:
        raise RuntimeError(f"expected {wanted}, got {status}: {body[:300].decode(errors='replace')}")
