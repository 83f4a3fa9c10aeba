"""Naming a process so that others can later tell whether it still runs."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


def token() -> str:
    """`process:<host>:<boot>:<pid>:<start>`: never names two processes."""
    pid = os.getpid()
    return f"process:{_host()}:{_boot()}:{pid}:{_started(pid)}"


def is_gone(owner: str) -> bool:
    """True for a process of this machine that runs no more; False for runs, other machines, and the living."""
    parts = owner.split(":")
    if len(parts) != 5 or parts[0] != "process" or parts[1] != _host():
        return False
    if parts[2] != _boot():
        return True
    return not parts[3].isdigit() or _started(int(parts[3])) != parts[4]


@cache
def _host() -> str:
    return socket.gethostname().replace(":", "-")[:60]


@cache
def _boot() -> str:
    source = Path("/proc/sys/kernel/random/boot_id")
    return source.read_text().strip()[:8] if source.exists() else "unknown"


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot; empty when there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _alive_without_proc(pid)
    return status.rpartition(")")[2].split()[19]


def _alive_without_proc(pid: int) -> str:
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "running"
    return "running"
