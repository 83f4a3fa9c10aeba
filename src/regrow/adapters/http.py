"""The one way out to addresses that people name: checked where it connects, bounded in time and size."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

import regrow
from regrow.adapters import reaching

CONNECT_SECONDS = 5.0
LONGEST_ADDRESS = 2_000
ASKING = frozenset({"GET", "HEAD"})
_KEEPING = frozenset({307, 308})
"""Redirects that keep the method and the body; the others turn a message into a question."""
_REDIRECTS = frozenset({301, 302, 303}) | _KEEPING
HOW_PRIVATE = "the server reaches those of your own network once it is started with REGROW_ALLOW_PRIVATE_ADDRESSES=true"
_HEADERS_GO_OUT = ("http11.send_request_headers.started", "http2.send_request_headers.started")


@dataclass(frozen=True, slots=True)
class Request:
    """`credentials` are headers that only the host of this address may see."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_cut`: more was to come than was read. The status stands all the same."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str
    milliseconds: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. `has_left`: the request may have arrived. `is_final`: trying again changes nothing."""

    detail: str
    has_left: bool
    milliseconds: int = 0
    is_final: bool = False


class _Refused(Exception):
    """An address that nobody asks; the message says why."""


class _Journey:
    """How far one request has come, for when it ends in the middle."""

    def __init__(self) -> None:
        self.began_at = time.monotonic()
        self.has_left = False
        self.host = "the address"
        self.response: httpx2.Response | None = None
        self.body = bytearray()

    @property
    def milliseconds(self) -> int:
        return round((time.monotonic() - self.began_at) * 1000)

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        self.has_left = self.has_left or event in _HEADERS_GO_OUT

    def answer(self, response: httpx2.Response, address: str, is_cut: bool) -> Answer:
        """What was answered so far."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, bytes(self.body), address, self.milliseconds, is_cut)


@dataclass(frozen=True, slots=True)
class Client:
    """Each request has a connection of its own, to an address that was checked. No proxy is read from outside."""

    allows_private: bool = False
    seconds: float = 20.0
    most_bytes: int = 1_000_000
    most_redirects: int = 3

    def ask(self, request: Request) -> Answer | Failure:
        """Sends it, once; whatever the outside does is told in what comes back. Not for a thread with a loop."""
        return asyncio.run(self._ask(request))

    async def _ask(self, request: Request) -> Answer | Failure:
        journey = _Journey()
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(request, journey)
        except _Refused as error:
            return Failure(str(error), journey.has_left, journey.milliseconds, is_final=True)
        except (httpx2.HTTPError, OSError, TimeoutError) as error:
            if journey.response is not None:
                return journey.answer(journey.response, request.address, is_cut=True)
            return Failure(_told(error, journey, self.seconds), journey.has_left, journey.milliseconds)

    async def _follow(self, request: Request, journey: _Journey) -> Answer:
        for _ in range(self.most_redirects + 1):
            answer = await self._hop(request, journey)
            onward = _onward(request, answer)
            if onward is None:
                return answer
            request, journey.has_left, journey.response = onward, False, None
        raise _Refused(f"{journey.host} redirects more than {self.most_redirects} times: check the address")

    async def _hop(self, request: Request, journey: _Journey) -> Answer:
        url = parsed(request.address, self.allows_private)
        journey.host = url.host
        found = await self._resolved(url)
        for last, ip in enumerate(found, 1 - len(found)):
            try:
                return await self._exchange(request, url, ip, journey)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if not last:
                    raise
        raise httpx2.ConnectError("no address")

    async def _resolved(self, url: httpx2.URL) -> list[str]:
        """The addresses behind a name, looked up once: the connection goes to what was checked here."""
        host = url.raw_host.decode("ascii")
        number = reaching.numeric(host)
        addresses = [number] if number else await _looked_up(host, url)
        for address in addresses:
            if reaching.is_allowed(address, self.allows_private):
                continue
            if reaching.is_allowed(address, True):
                raise _Refused(f"{url.host} is a private address: name a public one; {HOW_PRIVATE}")
            raise _Refused(f"{url.host} is an address that is never asked: name a public one")
        return addresses

    async def _exchange(self, request: Request, url: httpx2.URL, ip: str, journey: _Journey) -> Answer:
        timeout = httpx2.Timeout(self.seconds, connect=min(CONNECT_SECONDS, self.seconds))
        async with httpx2.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False) as client:
            sent = client.build_request(
                request.method,
                url.copy_with(host=ip, fragment=None),
                headers={**_own_headers(url), **request.headers, **request.credentials},
                content=request.body or None,
                extensions={"sni_hostname": url.raw_host.decode("ascii"), "trace": journey.trace},
            )
            response = await client.send(sent, stream=True)
            try:
                journey.response, journey.body = response, bytearray()
                is_cut = await self._read(response, journey.body)
            finally:
                await response.aclose()
        return journey.answer(response, request.address, is_cut)

    async def _read(self, response: httpx2.Response, body: bytearray) -> bool:
        """Reads what is sent, as it is sent: a packed body is not unfolded. True when there is too much of it."""
        async for chunk in response.aiter_raw():
            body.extend(chunk[: self.most_bytes - len(body)])
            if len(body) >= self.most_bytes:
                return True
        return False


async def _looked_up(host: str, url: httpx2.URL) -> list[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise _Refused(f"{host[:80]} is no name of a host: check the address") from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def parsed(address: str, allows_private: bool) -> httpx2.URL:
    """The address as it will be asked; `_Refused` when it cannot be."""
    problem = problem_of(address, allows_private)
    if problem:
        raise _Refused(problem)
    return httpx2.URL(address)


def problem_of(address: str, allows_private: bool) -> str:
    """Why an address cannot be asked, before anything is looked up; empty when it can."""
    schemes = ("https", "http") if allows_private else ("https",)
    try:
        url = httpx2.URL(address)
        host = url.raw_host.decode("ascii")
    except (httpx2.InvalidURL, ValueError, TypeError):
        return "the address is none: write it as https://host/path"
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        return f"the address: at most {LONGEST_ADDRESS} printable characters"
    if url.scheme not in schemes or not host:
        told = f"the address must begin with {' or '.join(f'{each}://' for each in schemes)} and name a host"
        return f"{told}; with http:// {HOW_PRIVATE}" if url.scheme == "http" and host else told
    if url.port is not None and not 0 < url.port < 65_536:
        return "the address: a port is a number from 1 to 65535"
    if url.userinfo:
        return "the address holds a password: take it out, and put the secret where secrets go"
    return ""


def _onward(request: Request, answer: Answer) -> Request | None:
    """Where a redirect leads; None when there is none, or none that this request may follow."""
    place = answer.headers.get("location", "")
    if answer.status not in _REDIRECTS or not place:
        return None
    try:
        here, there = httpx2.URL(request.address), httpx2.URL(request.address).join(place)
    except (httpx2.InvalidURL, ValueError):
        return None
    if (here.scheme, there.scheme) == ("https", "http"):
        raise _Refused(f"{here.host} redirects from https to http: check the address")
    is_same = (here.host, here.port) == (there.host, there.port) or _is_upgrade(here, there)
    if request.method not in ASKING and not (is_same and answer.status in _KEEPING):
        return None
    return replace(request, address=str(there), credentials=request.credentials if is_same else {})


def _is_upgrade(here: httpx2.URL, there: httpx2.URL) -> bool:
    """From a host's plain port to its safe one."""
    return here.host == there.host and here.port is None and there.port is None


def _own_headers(url: httpx2.URL) -> dict[str, str]:
    return {
        "host": url.netloc.decode("ascii"),
        "user-agent": f"Regrow/{regrow.__version__}",
        "accept-encoding": "identity",
        "accept": "application/json, */*;q=0.5",
    }


def _told(error: Exception, journey: _Journey, seconds: float) -> str:
    """What happened, without the error's own text, which may repeat the request."""
    if isinstance(error, TimeoutError):
        return f"{journey.host} did not answer within {seconds:g} seconds"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{journey.host} shows a certificate that cannot be trusted: renew it"
    how = "broke off" if journey.has_left else "cannot be reached"
    return f"{journey.host} {how} ({type(error).__name__})"
