"""How much one address may do in a while; nothing of it outlives the process."""

from __future__ import annotations

import hashlib
import ipaddress
import threading

MOST_KEPT = 100_000
"""Addresses counted at once; beyond that all are forgotten, so that no flood of addresses fills the memory."""


class Limit:
    """At most `most` of something for each address in each window of `seconds`.

    `salt` is drawn when the process starts: what is held in memory cannot be turned back into addresses later.
    """

    def __init__(self, most: int, seconds: float, salt: bytes) -> None:
        self._most = most
        self._seconds = seconds
        self._salt = salt
        self._began = 0.0
        self._counts: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def allows(self, address: str, now: float) -> bool:
        """Counts one more; `now` is of a clock that never goes back."""
        key = hashlib.blake2b(network(address).encode(), key=self._salt, digest_size=8).digest()
        with self._lock:
            if now - self._began >= self._seconds or len(self._counts) >= MOST_KEPT:
                self._began = now
                self._counts.clear()
            count = self._counts[key] = self._counts.get(key, 0) + 1
            return count <= self._most


def network(address: str) -> str:
    """Who is behind an address: itself, or with IPv6 the network of 64 bits that one household has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
