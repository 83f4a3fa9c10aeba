"""Which network addresses may be reached: public ones, private ones where that is allowed, some never."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

NEVER = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200")))
"""Where clouds tell machines their keys, besides 169.254.0.0/16."""
_EMBEDDING = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))


def is_allowed(address: str, allows_private: bool) -> bool:
    """Whether a numeric address may be reached; one that stands in another counts as what it is."""
    ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if ip in NEVER or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if ip.is_loopback:
        return allows_private
    if ip.is_reserved:
        return False
    is_public = ip.is_global and not (isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local)
    return is_public or allows_private


def _innermost(ip: Ip) -> Ip:
    """The IPv4 address that a gateway would take an IPv6 address for, else the address itself."""
    if isinstance(ip, ipaddress.IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour or ip
    if ip.teredo:
        return ip.teredo[1]
    if any(ip in network for network in _EMBEDDING):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def numeric(host: str) -> str | None:
    """The address that a host is when it is a number, in whichever of the ways that systems read; else None."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(host))
    with contextlib.suppress(OSError, ValueError):
        return socket.inet_ntoa(socket.inet_aton(host))
    return None
